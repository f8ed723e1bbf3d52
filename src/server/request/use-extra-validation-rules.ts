// Rejects documents that pass GraphQL's validation but that the executors cannot handle, before any vCenter
// call.

import { GraphQLError, type SelectionSetNode, type ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { badInput } from '../../schema/errors/api-error.ts'

const thenAliasError = badInput('the alias "then" is not supported', 'Use another alias.')

/** Yoga's executor treats an object with a `then` as a promise. */
const noThenAlias: ValidationRule = (context) => ({
  Field({ alias }) {
    if (alias?.value === 'then')
      context.reportError(
        new GraphQLError(thenAliasError.message, { nodes: alias, originalError: thenAliasError }),
      )
  },
})

const conditionalSubscriptionError = badInput(
  'the root field of a subscription cannot have @include or @skip',
  'Remove the directive, or do not subscribe.',
)

/**
 * A subscription whose field is skipped has no events. The GraphQL specification forbids it since September
 * 2025; graphql 16 does not check it yet.
 */
const noConditionalSubscriptionField: ValidationRule = (context) => ({
  OperationDefinition({ operation, selectionSet }) {
    if (operation !== 'subscription') return
    // Iterates over sets added during the loop too, each once.
    const sets = new Set<SelectionSetNode>([selectionSet])
    for (const { selections } of sets) {
      for (const selection of selections) {
        const nodes =
          selection.directives?.filter(({ name }) => ['include', 'skip'].includes(name.value)) ?? []
        if (nodes.length > 0)
          context.reportError(
            new GraphQLError(conditionalSubscriptionError.message, {
              nodes,
              originalError: conditionalSubscriptionError,
            }),
          )
        if (selection.kind === 'InlineFragment') sets.add(selection.selectionSet)
        const fragment = selection.kind === 'FragmentSpread' && context.getFragment(selection.name.value)
        if (fragment) sets.add(fragment.selectionSet)
      }
    }
  },
})

export function useExtraValidationRules(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(noThenAlias)
      addValidationRule(noConditionalSubscriptionField)
    },
  }
}
