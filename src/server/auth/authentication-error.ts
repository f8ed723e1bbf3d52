// A request that is not let in, and why: in words for the caller, who may be anybody, and for the log.

import { ApiError, type ErrorCode, type ErrorDetails } from '../../schema/errors/api-error.ts'

/**
 * - `missing`: no credentials came
 * - `invalid`: those that came are not accepted
 * - `no role`: the caller is known, and has no role here
 * - `no permission`: the vCenter knows the caller, and does not let it log in
 * - `unavailable`: it cannot be known now whether they are to be accepted
 * - `no vCenter`: the same, since the vCenter has to be asked
 * - `no session`: the gateway has as many sessions with the vCenter as it may, and all are in use
 */
export type Refusal =
  | 'missing'
  | 'invalid'
  | 'no role'
  | 'no permission'
  | 'unavailable'
  | 'no vCenter'
  | 'no session'

const told: Readonly<Record<Refusal, ErrorDetails & { readonly code: ErrorCode }>> = {
  missing: {
    code: 'UNAUTHENTICATED',
    remedy:
      'Send the header `authorization: Bearer TOKEN`, with a token of whoever runs this gateway; GraphiQL has an editor “Headers” for it, below the operation.',
  },
  invalid: {
    code: 'UNAUTHENTICATED',
    remedy: 'Send a token that is valid now: whoever runs this gateway knows where there is one.',
  },
  'no role': {
    code: 'FORBIDDEN',
    requiredRole: 'reader',
    remedy: 'Ask whoever issues your tokens for the role reader or operator.',
  },
  'no permission': {
    code: 'FORBIDDEN',
    remedy: 'Ask whoever runs the vCenter for a role there.',
  },
  unavailable: {
    code: 'UNAUTHENTICATED',
    retryable: true,
    remedy: 'Nothing is wrong with your token. Send the request again in a while.',
  },
  'no vCenter': {
    code: 'VCENTER_UNAVAILABLE',
    retryable: true,
    remedy: 'Send the request again in a while. The gateway’s log says what is wrong.',
  },
  'no session': {
    code: 'VCENTER_UNAVAILABLE',
    retryable: true,
    remedy: 'Send the request again in a while, when others are done. --max-sessions allows more.',
  },
}

const longestName = 100

interface RefusalDetails extends ErrorDetails {
  /** For the log: whom the caller says to be, where that is known. Nobody may have checked it. */
  readonly identity?: string | undefined
  /** For the log: what the caller need not know, and no credentials. */
  readonly detail?: string | undefined
}

export class AuthenticationError extends ApiError {
  readonly refusal: Refusal
  readonly identity: string | undefined
  readonly detail: string | undefined

  constructor(refusal: Refusal, message: string, { identity, detail, ...more }: RefusalDetails = {}) {
    const { code, ...details } = told[refusal]
    super(code, message, { ...details, ...more })
    this.refusal = refusal
    // It may be as long as a header; in the log it has an end.
    this.identity = identity?.slice(0, longestName)
    this.detail = detail
  }
}
