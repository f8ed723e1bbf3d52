// Sends one query or mutation over HTTP, without recording it.

import type { ExecutionResult } from 'graphql'
import type { Credentials } from '../credentials/credentials.ts'
import { credentialsStore, requestOptions } from '../credentials/store.ts'

export interface Operation {
  readonly query: string
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}

export interface OperationResponse {
  readonly result: ExecutionResult
  readonly httpStatus: number
  readonly bytes: number
}

/** @throws if there is no response, or one that is not a GraphQL response. */
export async function postOperation(operation: Operation, signal?: AbortSignal): Promise<OperationResponse> {
  const { headers, credentials, sent } = requestOptions()
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...headers,
    },
    credentials,
    body: JSON.stringify(operation),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    // Browsers give no reason for it.
    throw error instanceof TypeError
      ? new Error('The gateway cannot be reached. Check that it is running, then run the operation again.')
      : error
  })
  return readResponse(response, sent)
}

/**
 * @param sent The credentials of the request.
 * @throws if it is not a GraphQL response.
 */
export async function readResponse(response: Response, sent: Credentials): Promise<OperationResponse> {
  const text = await response.text()
  const bytes = new TextEncoder().encode(text).length
  let result: ExecutionResult
  try {
    result = JSON.parse(text)
  } catch {
    throw new Error(`HTTP ${response.status}: ${text.slice(0, 300) || response.statusText}`)
  }
  credentialsStore.setRejection(
    response.status === 401
      ? (result.errors?.[0]?.message ?? 'The request has no valid credentials.')
      : undefined,
    sent,
  )
  return { result, httpStatus: response.status, bytes }
}
