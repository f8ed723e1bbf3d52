// Tells who sends a mutation to a gateway without them why there is none: GraphQL by itself speaks of types that it does not know.

import { GraphQLError, OperationTypeNode, type ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ApiError } from '../../schema/errors/api-error.ts'

const readOnlyError = new ApiError('FORBIDDEN', 'this gateway is read-only, and has no mutations', {
  remedy: 'Nothing was changed. Send it to a gateway that runs without --read-only.',
})

const noMutations: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (node.operation === OperationTypeNode.MUTATION)
      context.reportError(
        new GraphQLError(readOnlyError.message, { nodes: node, originalError: readOnlyError }),
      )
  },
})

export function useReadOnly(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(noMutations)
    },
  }
}
