// The error for a request that fails authentication, with a message for the untrusted caller and details for
// the log.

import { ApiError, type ErrorCode, type ErrorDetails } from '../../schema/errors/api-error.ts'

/**
 * - `MISSING_CREDENTIALS`: the request has no credentials
 * - `INVALID_CREDENTIALS`: the credentials are not accepted
 * - `NO_ROLE`: the caller is known, but has no role in this gateway
 * - `NO_PERMISSION`: the vCenter knows the caller, but does not permit the login
 * - `KEYS_UNAVAILABLE`: the keys that verify tokens are unavailable
 * - `VCENTER_DOWN`: the vCenter, which has to check the credentials, cannot be reached
 * - `SHUTTING_DOWN`: the gateway is shutting down
 * - `NO_SESSION`: the gateway has reached its limit of vCenter sessions, and all are in use
 */
export type AuthFailure =
  | 'MISSING_CREDENTIALS'
  | 'INVALID_CREDENTIALS'
  | 'NO_ROLE'
  | 'NO_PERMISSION'
  | 'KEYS_UNAVAILABLE'
  | 'VCENTER_DOWN'
  | 'NO_SESSION'
  | 'SHUTTING_DOWN'

const failureResponses: Readonly<Record<AuthFailure, ErrorDetails & { readonly code: ErrorCode }>> = {
  MISSING_CREDENTIALS: {
    code: 'UNAUTHENTICATED',
    remedy:
      'Send the header `authorization: Bearer TOKEN`, with a token from the gateway’s operator. In the playground, enter it in the panel “Credentials and headers”.',
  },
  INVALID_CREDENTIALS: {
    code: 'UNAUTHENTICATED',
    remedy: 'Send a valid token; the gateway’s operator can say where to get one.',
  },
  NO_ROLE: {
    code: 'ROLE_REQUIRED',
    requiredRole: 'READER',
    remedy: 'Request the role reader, power or operator from the issuer of your token.',
  },
  NO_PERMISSION: {
    code: 'FORBIDDEN',
    remedy: 'Request a role in the vCenter from its administrator.',
  },
  KEYS_UNAVAILABLE: {
    code: 'UNAUTHENTICATED',
    retryable: true,
    remedy: 'The token was not checked. Send the request again later.',
  },
  VCENTER_DOWN: {
    code: 'VCENTER_UNAVAILABLE',
    retryable: true,
    remedy: 'Send the request again later. The gateway’s log has the reason.',
  },
  SHUTTING_DOWN: {
    code: 'SHUTTING_DOWN',
    retryable: true,
  },
  NO_SESSION: {
    code: 'OVERLOADED',
    retryable: true,
    remedy: 'Send the request again later, or raise --max-sessions.',
  },
}

const maxNameLength = 100

interface AuthFailureDetails extends ErrorDetails {
  /** For the log: the identity that the caller claims, if known. It may be unverified. */
  readonly identity?: string | undefined
  /** For the log: details that the caller does not need. Contains no credentials. */
  readonly detail?: string | undefined
}

export class AuthenticationError extends ApiError {
  readonly failure: AuthFailure
  readonly identity: string | undefined
  readonly detail: string | undefined

  constructor(
    failure: AuthFailure,
    message: string,
    { identity, detail, ...overrides }: AuthFailureDetails = {},
  ) {
    const { code, ...details } = failureResponses[failure]
    super(code, message, { ...details, ...overrides })
    this.failure = failure
    // It may be as long as a header, so the log gets a prefix.
    this.identity = identity?.slice(0, maxNameLength)
    this.detail = detail
  }
}
