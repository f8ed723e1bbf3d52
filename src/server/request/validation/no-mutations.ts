// Rejects mutations with a helpful error in read-only mode: GraphQL's own validation would only report
// unknown types.

import type { ValidationRule } from 'graphql'
import { ApiError } from '../../../schema/errors/api-error.ts'
import { rejectionError } from '../../errors/rejection-error.ts'

const readOnlyError = new ApiError('ROLE_REQUIRED', 'this gateway is read-only and has no mutations', {
  requiredRole: 'OPERATOR',
  remedy: 'Nothing was changed. Send the mutation to a gateway that runs without --read-only.',
})

export const noMutations: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (node.operation === 'mutation') context.reportError(rejectionError(readOnlyError, { nodes: node }))
  },
})
