// Rejects mutations with a helpful error in read-only mode: GraphQL's own validation would only report
// unknown types.

import { GraphQLError, OperationTypeNode, type ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ApiError } from '../../schema/errors/api-error.ts'

const readOnlyError = new ApiError('FORBIDDEN', 'this gateway is read-only and has no mutations', {
  remedy: 'Nothing was changed. Send the mutation to a gateway that runs without --read-only.',
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
