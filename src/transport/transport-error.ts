// The error of an exchange with a vCenter that brought no usable HTTP response.

/**
 * - `CONNECT`: no connection (refused, no route, name not found). The request was never sent.
 * - `TLS_UNTRUSTED`: the certificate could not be verified. The request was never sent.
 * - `TLS_THUMBPRINT`: the certificate is not the pinned one. The request was never sent.
 * - `TIMEOUT`: no complete response in time.
 * - `CLOSED`: the connection was lost after the request may have been sent.
 * - `STATUS`: an HTTP status that SOAP does not use, such as a proxy's 502 or 503, often with an HTML body.
 * - `TOO_LARGE`: the body exceeds a limit.
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
  /** True if the server may have received the request. A write call must then not be sent again. */
  readonly mayHaveBeenSent: boolean
  /** The HTTP status; only set with code `STATUS`. */
  readonly status: number | undefined
  /** Details for the operator, in full sentences: addresses, thumbprints. Must not be sent to clients. */
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

/**
 * Whether a server responded that has no vSphere API at that path. Failures of proxies on the way have status 500 or higher,
 * except 501: a file server does not implement POST.
 */
export const isWrongServer = ({ status }: TransportError): boolean =>
  status !== undefined && (status < 500 || status === 501)
