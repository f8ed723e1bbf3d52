// Errors that the API itself raises, with their public error codes. classify-error.ts classifies errors of the lower layers.

/** The public error codes and their meaning. */
export const errorCodes = {
  BAD_USER_INPUT: 'An argument makes no sense; the message says which and why.',
  UNAUTHENTICATED: 'The caller is not known to the gateway.',
  FORBIDDEN:
    'A privilege is missing in the vCenter, and extensions name it and the object; or the caller’s role in the gateway does not allow it, and extensions name the role that does; or the request came from where it may not.',
  NOT_FOUND: 'What an id names is not there, or not any more.',
  AMBIGUOUS: 'Several objects fit; extensions.candidates has at most 20 of them.',
  CONFLICT: 'A task or a state is in the way; extensions name it.',
  CBT_NOT_ENABLED: 'The disk’s changes are not tracked, or were not at that time.',
  CBT_UNSUPPORTED: 'The disk’s changes cannot be tracked.',
  CBT_TRACKING_CORRUPT: 'The tracking file of the disk is damaged.',
  CHANGE_ID_INVALID: 'The changeId has not the form of one.',
  CHANGE_ID_STALE: 'Nothing can be told of the changes since that changeId: read everything.',
  VCENTER_UNAVAILABLE: 'The vCenter cannot be reached, or the gateway cannot log in.',
  VCENTER_TIMEOUT: 'The vCenter did not answer in time.',
  OPERATION_TIMEOUT: 'The operation took longer than the gateway’s limit.',
  OVERLOADED: 'The gateway is at a concurrency limit. Retry later.',
  SHUTTING_DOWN: 'The gateway is shutting down. Retry later.',
  OUTCOME_UNKNOWN:
    'A change was sent, and may have been carried out or may still be; extensions.remedy says where to look.',
  VSPHERE_FAULT: 'Any other fault; extensions.fault names it.',
  QUERY_TOO_COMPLEX: 'The operation asks for more than a limit allows.',
  INTERNAL_SERVER_ERROR: 'A fault of the gateway itself; its log has the requestId.',
} as const

export type ErrorCode = keyof typeof errorCodes

/** The members of errors[].extensions other than the code. */
export interface ErrorDetails {
  /** The vim25 type of the fault that caused the error. */
  readonly fault?: string | undefined
  /** Whether the same request may succeed if it is sent again. @default false */
  readonly retryable?: boolean
  /** What to do about the error, in one sentence. */
  readonly remedy?: string | undefined
  /** AMBIGUOUS: the objects that match, at most 20. */
  readonly candidates?: readonly { readonly id: string; readonly path: string | null }[]
  /** The task that failed, that blocks the call, or whose outcome is unknown. */
  readonly task?: { readonly id: string; readonly moid: string } | undefined
  /** CONFLICT: the state that prevents the operation. */
  readonly state?: string | undefined
  /** FORBIDDEN: the missing privilege. */
  readonly privilege?: string | undefined
  /** FORBIDDEN: the object on which the privilege is missing. */
  readonly object?: string | undefined
  /** FORBIDDEN: the gateway role that the operation requires. */
  readonly requiredRole?: string
  /** QUERY_TOO_COMPLEX: the actual count. */
  readonly actual?: number
  /** QUERY_TOO_COMPLEX: the maximum count. OPERATION_TIMEOUT: the time limit, in seconds. */
  readonly limit?: number
}

/** An error with a public code. Its message and details are safe to show to clients. */
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

/**
 * Creates the error for an object that no longer exists.
 * @param label its type and moid, such as `VirtualMachine vm-62`
 */
export const goneError = (label: string): ApiError =>
  new ApiError('NOT_FOUND', `there is no ${label} any more`, {
    remedy: 'It was removed, or the gateway’s account may not see it. Look it up again.',
  })

const formatNumber = (value: number): string => value.toLocaleString('en-US')

/**
 * Creates the error for a count above a limit.
 * @param subject starts the sentence: "the answer could have" 300 objects, but the limit of one operation is 200
 */
export function limitExceeded({
  subject,
  actual,
  limit,
  unit,
  remedy,
  scope = 'operation',
}: {
  readonly subject: string
  readonly actual: number
  readonly limit: number
  readonly unit: string
  readonly remedy: string
  readonly scope?: 'operation' | 'request'
}): ApiError {
  // Estimates of nested pages can exceed safe integers, and JSON has no Infinity.
  const exact = Math.min(Math.ceil(actual), Number.MAX_SAFE_INTEGER)
  const message = `${subject} ${formatNumber(exact)} ${unit}, but the limit of one ${scope} is ${formatNumber(limit)}`
  return new ApiError('QUERY_TOO_COMPLEX', message, { actual: exact, limit, remedy })
}
