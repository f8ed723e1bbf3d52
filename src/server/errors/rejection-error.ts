// Creates the error for an operation that is rejected before execution, in the form that Yoga expects: our
// error plus the HTTP status.

import { type ASTNode, GraphQLError } from 'graphql'
import type { ApiError } from '../../schema/errors/api-error.ts'

interface RejectionOptions {
  /** The nodes of the document that the error refers to. */
  readonly nodes?: ASTNode | readonly ASTNode[]
  /**
   * HTTP status. @default as for an invalid operation: 400, or 200 for clients that only accept
   * application/json
   */
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
