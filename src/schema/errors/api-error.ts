// Errors that the API itself raises, with their public error codes. classify-error.ts classifies errors of the lower layers.

import { formatNumber } from '../../text/format-number.ts'
import type { Role } from '../access/roles.ts'

/** The public error codes and their meaning. */
export const errorCodes = {
  BAD_USER_INPUT: 'An argument is invalid; the message states which one and why.',
  UNAUTHENTICATED: 'The caller could not be authenticated.',
  FORBIDDEN:
    'The vSphere account lacks a privilege (extensions name the privilege and the object), or the gateway does not accept the request, for example because of its origin.',
  ROLE_REQUIRED:
    'The caller’s role in the gateway does not allow the operation; extensions.requiredRole names the role that does.',
  NOT_FOUND: 'The requested object does not exist, or no longer exists.',
  AMBIGUOUS: 'Several objects match; extensions.candidates lists at most 20.',
  CONFLICT: 'A running task or the state of the object prevents the operation; extensions name it.',
  CBT_NOT_ENABLED: 'Changes of the disk are not tracked, or were not tracked at that time.',
  CBT_UNSUPPORTED: 'Changes of the disk cannot be tracked.',
  CBT_TRACKING_CORRUPT: 'The change tracking file of the disk is damaged.',
  CHANGE_ID_INVALID: 'The value is not a valid changeId.',
  CHANGE_ID_STALE:
    'The changes since that changeId cannot be determined. Read all areas in use (allocatedAreas).',
  VCENTER_UNAVAILABLE: 'The vCenter cannot be reached, or the gateway cannot log in.',
  VCENTER_TIMEOUT: 'The vCenter did not respond in time.',
  OPERATION_TIMEOUT: 'The operation exceeded the time limit of the gateway.',
  OVERLOADED: 'The gateway is at a concurrency limit. Retry later.',
  SHUTTING_DOWN: 'The gateway is shutting down. Retry later.',
  OUTCOME_UNKNOWN:
    'A change was sent, but it is unknown whether it was or will be applied; extensions.remedy states what to check.',
  NOT_SUPPORTED: 'The server has no such function, as an ESXi host has no tags and no custom attributes.',
  VSPHERE_FAULT:
    'Any other vSphere fault, which extensions.fault names, or an invalid response from the vCenter.',
  QUERY_TOO_COMPLEX: 'The operation exceeds a limit, such as the number of objects in a response.',
  INTERNAL_SERVER_ERROR: 'An internal error of the gateway. Find the details in its log by the requestId.',
} as const

export type ErrorCode = keyof typeof errorCodes

/** Largest number of candidates in an error. */
export const maxCandidates = 20

/** What prevents a step of a backup. */
interface Blocker {
  readonly code: string
  readonly message: string
  readonly remedy: string
  /** Global id of the disk that it concerns; undefined if it concerns the whole virtual machine. */
  readonly disk?: string
  /** The missing privilege of MISSING_PRIVILEGE. */
  readonly privilege?: string
}

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
  /** ROLE_REQUIRED: the role in the gateway that the operation requires. */
  readonly requiredRole?: Role
  /** Of captureChanges: everything that prevents it, as `ChangeTracking.eligibility` lists it. */
  readonly blockers?: readonly Blocker[]
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

export const badInput = (message: string, remedy: string): ApiError =>
  new ApiError('BAD_USER_INPUT', message, { remedy })

/**
 * Creates the error for an object that no longer exists.
 * @param label its type and moid, such as `VirtualMachine vm-62`
 */
export const notFoundError = (label: string): ApiError =>
  new ApiError('NOT_FOUND', `${label} was not found`, {
    remedy: 'It was removed, or the account lacks the privilege to read it. Look it up again.',
  })

/**
 * Creates the error for a count above a limit.
 * @param subject starts the sentence: "the response could have" 300 objects, but the limit per operation is 200
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
  readonly scope?: 'operation' | 'request' | 'filter' | 'field'
}): ApiError {
  // Estimates of nested pages can exceed safe integers, and JSON has no Infinity.
  const exact = Math.min(Math.ceil(actual), Number.MAX_SAFE_INTEGER)
  const message = `${subject} ${formatNumber(exact)} ${unit}, but the limit per ${scope} is ${formatNumber(limit)}`
  return new ApiError('QUERY_TOO_COMPLEX', message, { actual: exact, limit, remedy })
}
