// The one seam between us and a vCenter: bytes out, bytes back. What the bytes mean is soap/'s business.
// Implemented by undici-transport.ts for real servers and by the simulator for tests.

/** One HTTP exchange with a vCenter, relative to its origin. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST'
  /** Absolute path on the server, such as `/sdk`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
  /** Time for the whole exchange, body included; 0 is no limit. @default the transport's own */
  readonly timeoutMs?: number | undefined
}

/** Headers are lower-cased; the body is already decompressed. */
export interface TransportResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Must be read to its end, or its iterator returned, so that the connection is freed. */
  readonly body: AsyncIterable<Uint8Array>
}

/** Sends requests; every failure to get a whole answer is a TransportError, except an abort, which passes through. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>
  /** Ends idle and open connections. */
  close(): Promise<void>
}
