// Where the schema is nobody's business: neither introspection tells it, nor the suggestions in errors, by which it could be
// guessed name by name.

import { GraphQLError, type ValidationRule, validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ApiError } from '../graphql/api-error.ts'

/** `__typename` tells only the types of what was asked for. */
const introspectionFields = ['__schema', '__type']

const switchedOff = new ApiError('FORBIDDEN', 'introspection is switched off', {
  remedy: 'Ask whoever runs this gateway for its schema, or for --no-introspection to be left out.',
})

const noIntrospection: ValidationRule = (context) => ({
  Field(node) {
    if (introspectionFields.includes(node.name.value))
      context.reportError(new GraphQLError(switchedOff.message, { nodes: node, originalError: switchedOff }))
  },
})

/** Of graphql's validation, and of the coercion of variables by both executors. */
const withoutSuggestions = { hideSuggestions: true }

export function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(noIntrospection)
      setValidationFn((schema, document, rules) => validate(schema, document, rules, withoutSuggestions))
    },
    onExecute({ args }) {
      Object.assign(args, withoutSuggestions)
    },
    onSubscribe({ args }) {
      Object.assign(args, withoutSuggestions)
    },
  }
}
