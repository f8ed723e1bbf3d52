// An operation that is refused before it is executed, in the form in which Yoga takes it: our error, and the answer's status.

import { type ASTNode, GraphQLError } from 'graphql'
import type { ApiError } from '../../schema/errors/api-error.ts'

interface RejectionOptions {
  /** What of the document it is about. */
  readonly nodes?: ASTNode | readonly ASTNode[]
  /** Of the answer. @default 400, but 200 to clients that know no other, as for an operation that is not valid */
  readonly status?: number
  readonly headers?: Record<string, string>
}

export const rejectionError = (
  error: ApiError,
  { nodes, status, headers }: RejectionOptions = {},
): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: nodes ?? null,
    originalError: error,
    extensions: {
      http: status === undefined ? { status: 400, spec: true } : { status, ...(headers && { headers }) },
    },
  })
