// A request that is not let in, and why: in words for the caller, who may be anybody, and for the log.

import { ApiError, type ErrorCode, type ErrorDetails } from '../../graphql/api-error.ts'

/**
 * - `missing`: no credentials came
 * - `invalid`: those that came are not accepted
 * - `no role`: the caller is known, and has no role here
 * - `unavailable`: it cannot be known now whether they are to be accepted
 */
export type Refusal = 'missing' | 'invalid' | 'no role' | 'unavailable'

const told: Readonly<Record<Refusal, ErrorDetails & { readonly code: ErrorCode }>> = {
  missing: {
    code: 'UNAUTHENTICATED',
    remedy: 'Send the header `authorization: Bearer TOKEN`, with a token of whoever runs this gateway.',
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
  unavailable: {
    code: 'UNAUTHENTICATED',
    retryable: true,
    remedy: 'Nothing is wrong with your token. Send the request again in a while.',
  },
}

export class AuthenticationError extends ApiError {
  readonly refusal: Refusal
  /** For the log: what the caller need not know, and no credentials. */
  readonly detail: string | undefined

  constructor(refusal: Refusal, message: string, detail?: string) {
    const { code, ...details } = told[refusal]
    super(code, message, details)
    this.refusal = refusal
    this.detail = detail
  }
}
