// Reads the responses of the gateway. Those of a proxy in front of it are never taken for results.

import { ReportedError } from './retry.ts'

interface Response {
  readonly data?: unknown
  readonly errors?: unknown
}

interface ApiError {
  readonly message: string
  readonly extensions?: { readonly code?: string; readonly remedy?: string; readonly retryable?: boolean }
}

/** Returns the data of a response, which must be one of the gateway without errors: a proxy may respond with JSON of its own. */
export function dataIn(status: number, text: string): unknown {
  const { data, errors } = parseJson(text)
  const isComplete = status === 200 && errors === undefined && typeof data === 'object' && data !== null
  if (isComplete) return data
  throw errorIn(status, text)
}

/** Returns the error that a response reports, of the gateway or of a proxy in front of it. */
export function errorIn(status: number, text: string): ReportedError {
  const { errors } = parseJson(text)
  const [first] = (Array.isArray(errors) ? errors : []) as readonly (ApiError | null | undefined)[]
  const { message, extensions } = first ?? {}
  if (extensions?.code !== undefined)
    return new ReportedError(
      [message, extensions.remedy].filter(Boolean).join('\n'),
      extensions.code,
      extensions.retryable === true,
    )
  const isTemporary = status >= 500 || status === 408 || status === 429
  const reason = message === undefined ? '' : `: ${message}`
  return new ReportedError(
    `the gateway, or a proxy in front of it, responded with status ${status}${reason}`,
    String(status),
    isTemporary,
  )
}

function parseJson(text: string): Response {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

/** Makes the error for an object that does not exist an empty result. */
export function nullIfNotFound(error: unknown): { readonly virtualMachine: null; readonly node: null } {
  if (error instanceof ReportedError && error.code === 'NOT_FOUND')
    return { virtualMachine: null, node: null }
  throw error
}
