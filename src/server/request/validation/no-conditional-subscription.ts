// Rejects a subscription whose root field has @include or @skip: if it is skipped, there are no events. The
// GraphQL specification forbids it since September 2025; graphql 16 does not check it yet.

import type { SelectionSetNode, ValidationRule } from 'graphql'
import { badInput } from '../../../schema/errors/api-error.ts'
import { rejectionError } from '../../errors/rejection-error.ts'

const conditionalSubscriptionError = badInput(
  'the root field of a subscription cannot have @include or @skip',
  'Remove the directive, or do not subscribe.',
)

export const noConditionalSubscription: ValidationRule = (context) => ({
  OperationDefinition({ operation, selectionSet }) {
    if (operation !== 'subscription') return
    // Iterates over sets added during the loop too, each once.
    const sets = new Set<SelectionSetNode>([selectionSet])
    for (const { selections } of sets) {
      for (const selection of selections) {
        const nodes =
          selection.directives?.filter(({ name }) => ['include', 'skip'].includes(name.value)) ?? []
        if (nodes.length > 0) context.reportError(rejectionError(conditionalSubscriptionError, { nodes }))
        if (selection.kind === 'InlineFragment') sets.add(selection.selectionSet)
        const fragment = selection.kind === 'FragmentSpread' && context.getFragment(selection.name.value)
        if (fragment) sets.add(fragment.selectionSet)
      }
    }
  },
})
