// Disables introspection. to-graphql-error.ts omits suggestions, from which names of the schema could be
// guessed.

import type { ValidationRule } from 'graphql'
import { ApiError } from '../../../schema/errors/api-error.ts'
import { rejectionError } from '../../errors/rejection-error.ts'

/** `__typename` is allowed: it only reveals the types of selected fields. */
const introspectionFields = ['__schema', '__type']

const introspectionDisabled = new ApiError('FORBIDDEN', 'introspection is disabled', {
  remedy: 'Get the schema from the gateway’s operator, or run the gateway without --no-introspection.',
})

export const noIntrospection: ValidationRule = (context) => ({
  Field(node) {
    if (introspectionFields.includes(node.name.value))
      context.reportError(rejectionError(introspectionDisabled, { nodes: node }))
  },
})
