// Sends one query or mutation over HTTP, without recording it.

import type { ExecutionResult } from 'graphql'

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
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify(operation),
    ...(signal && { signal }),
  })
  const text = await response.text()
  try {
    const result = JSON.parse(text) as ExecutionResult
    return { result, httpStatus: response.status, bytes: new TextEncoder().encode(text).length }
  } catch {
    throw new Error(`HTTP ${response.status}: ${text.slice(0, 300) || response.statusText}`)
  }
}
