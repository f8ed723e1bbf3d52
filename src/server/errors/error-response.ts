// Creates the response for a request that is rejected before GraphQL processing, in the same error format as
// GraphQL errors.

import type { FetchAPI } from 'graphql-yoga'
import type { ApiError } from '../../schema/errors/api-error.ts'
import { requestIdOf } from '../telemetry/use-request-id.ts'

interface ErrorResponseOptions {
  readonly request: Request
  readonly status: number
  readonly error: ApiError
  readonly headers?: Readonly<Record<string, string>>
}

const graphqlResponse = 'application/graphql-response+json'

export function errorResponse(
  { Response }: Pick<FetchAPI, 'Response'>,
  { request, status, error, headers }: ErrorResponseOptions,
): Response {
  const { message, code, details } = error
  const body = {
    errors: [
      { message, extensions: { code, retryable: false, ...details, requestId: requestIdOf(request) } },
    ],
  }
  // Only with this media type may a client interpret a non-200 response as a GraphQL response.
  const accepts = request.headers.get('accept')?.includes(graphqlResponse)
  const type = `${accepts ? graphqlResponse : 'application/json'}; charset=utf-8`
  return new Response(JSON.stringify(body), { status, headers: { ...headers, 'content-type': type } })
}
