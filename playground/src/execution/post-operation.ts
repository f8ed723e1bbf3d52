// Sends one query or mutation over HTTP, without recording it.

import type { ExecutionResult } from 'graphql'
import { credentialsStore } from '../credentials/store.ts'
import { ConnectionError, type GatewayResponse, requestGateway } from './gateway-request.ts'

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
  const response = await requestGateway({
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify(operation),
    ...(signal && { signal }),
  })
  return readResponse(response)
}

/** @throws if it is not a complete GraphQL response. */
export async function readResponse({ response, sent }: GatewayResponse): Promise<OperationResponse> {
  const text = await response.text().catch((error: unknown) => {
    throw error instanceof TypeError
      ? new ConnectionError(
          'The connection to the gateway was lost before the response was complete. Run the operation again.',
        )
      : error
  })
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
