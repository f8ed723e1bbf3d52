// What can go wrong between us and a vCenter before there is an answer to understand.

/**
 * - `CONNECT`: no connection (refused, no route, name not found): the request was never sent.
 * - `TLS_UNTRUSTED`: the certificate does not verify; `TLS_THUMBPRINT`: it is not the pinned one. Never sent either.
 * - `TIMEOUT`: no whole answer in time. `CLOSED`: the connection broke after the request may have left.
 * - `STATUS`: an HTTP status that SOAP does not use (a proxy's 502 or 503, often with HTML). `TOO_LARGE`: the body passed the limit.
 */
export type TransportErrorCode =
  | 'CONNECT'
  | 'TLS_UNTRUSTED'
  | 'TLS_THUMBPRINT'
  | 'TIMEOUT'
  | 'CLOSED'
  | 'STATUS'
  | 'TOO_LARGE'

export class TransportError extends Error {
  override name = 'TransportError' as const
  readonly code: TransportErrorCode
  /** True when the server may have seen the request; a mutation must then not be sent again. */
  readonly mayHaveBeenSent: boolean
  /** The HTTP status, with code `STATUS`. */
  readonly status: number | undefined
  /** More of it for whoever runs this side, in whole sentences: addresses, thumbprints. Not for those who are served. */
  readonly detail: string | undefined

  constructor(
    code: TransportErrorCode,
    message: string,
    options: { cause?: unknown; mayHaveBeenSent?: boolean; status?: number; detail?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.mayHaveBeenSent =
      options.mayHaveBeenSent ?? !['CONNECT', 'TLS_UNTRUSTED', 'TLS_THUMBPRINT'].includes(code)
    this.status = options.status
    this.detail = options.detail
  }
}
