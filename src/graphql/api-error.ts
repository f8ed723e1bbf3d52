// An error that the API itself raises, with its code of the contract. Errors from below are classified in classify-error.ts.

export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'AMBIGUOUS'
  | 'CONFLICT'
  | 'CBT_NOT_ENABLED'
  | 'CBT_UNSUPPORTED'
  | 'CBT_TRACKING_CORRUPT'
  | 'CHANGE_ID_INVALID'
  | 'CHANGE_ID_STALE'
  | 'VCENTER_UNAVAILABLE'
  | 'VCENTER_TIMEOUT'
  | 'OUTCOME_UNKNOWN'
  | 'VSPHERE_FAULT'
  | 'QUERY_TOO_COMPLEX'
  | 'INTERNAL'

/** What goes into errors[].extensions beside the code. */
export interface ErrorDetails {
  /** The vim25 type of the fault behind it. */
  readonly fault?: string | undefined
  /** Whether the same request may succeed if it is sent again. @default false */
  readonly retryable?: boolean
  /** One sentence that says what to do. */
  readonly remedy?: string | undefined
  /** AMBIGUOUS: the objects that fit, at most 20. */
  readonly candidates?: readonly { readonly id: string; readonly path: string | null }[]
  /** The task that failed, that is in the way, or whose outcome is unknown. */
  readonly task?: { readonly id: string; readonly moid: string } | undefined
  /** CONFLICT: the state in the way. */
  readonly state?: string | undefined
  /** FORBIDDEN: the privilege that is missing, and on which object. */
  readonly privilege?: string | undefined
  readonly object?: string | undefined
}

export class ApiError extends Error {
  override name = 'ApiError' as const
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

export const badInput = (message: string, remedy?: string): ApiError =>
  new ApiError('BAD_USER_INPUT', message, { remedy })
