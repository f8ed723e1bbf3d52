// Refuses what GraphQL's validation lets through and the executors fail at, before anything is asked.

import { GraphQLError, type SelectionSetNode, type ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { badInput } from '../../schema/errors/api-error.ts'

const thenAliasError = badInput('an alias cannot be called then', 'Give the field another alias.')

/** An object with a `then` is taken for a promise by Yoga's executor. */
const noThenAlias: ValidationRule = (context) => ({
  Field({ alias }) {
    if (alias?.value === 'then')
      context.reportError(
        new GraphQLError(thenAliasError.message, { nodes: alias, originalError: thenAliasError }),
      )
  },
})

const conditionalSubscriptionError = badInput(
  'a subscription cannot have its one field under @include or @skip',
  'Leave the directive out, or do not subscribe.',
)

/** One without a field has no events to begin with. GraphQL forbids it since September 2025; graphql 16 does not know yet. */
const noConditionalSubscriptionField: ValidationRule = (context) => ({
  OperationDefinition({ operation, selectionSet }) {
    if (operation !== 'subscription') return
    // Those that are found on the way are gone through too, each once.
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
