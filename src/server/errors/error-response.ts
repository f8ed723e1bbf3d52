// The answer to a request that is refused before anything of GraphQL looks at it: an error in the contract's form all the same.

import type { FetchAPI } from 'graphql-yoga'
import type { ApiError } from '../../schema/errors/api-error.ts'

interface ErrorResponseOptions {
  readonly request: Request
  readonly requestId: string
  readonly status: number
  readonly error: ApiError
  readonly headers?: Readonly<Record<string, string>>
}

const graphqlResponse = 'application/graphql-response+json'

export function errorResponse(
  { Response }: Pick<FetchAPI, 'Response'>,
  { request, requestId, status, error, headers }: ErrorResponseOptions,
): Response {
  const { message, code, details } = error
  const body = { errors: [{ message, extensions: { code, retryable: false, ...details, requestId } }] }
  // Only under this type may a client take an answer that is not 200 for one of GraphQL.
  const accepts = request.headers.get('accept')?.includes(graphqlResponse)
  const type = `${accepts ? graphqlResponse : 'application/json'}; charset=utf-8`
  return new Response(JSON.stringify(body), { status, headers: { ...headers, 'content-type': type } })
}
