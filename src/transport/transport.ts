// The interface between the gateway and a vCenter: sends HTTP requests and returns HTTP responses. soap/ interprets the bytes.
// Implemented by undici-transport.ts for real servers and by the simulator for tests.

/** One HTTP request to a vCenter, relative to its origin. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Absolute path on the server, such as `/sdk`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
  /** Timeout of the whole exchange, including the body; 0 means no limit. @default the transport's own */
  readonly timeoutMs?: number | undefined
}

/** Header names are in lower case; the body is already decompressed. */
export interface TransportResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** To release the connection, read it to its end or call `return()` on its iterator. */
  readonly body: AsyncIterable<Uint8Array>
}

/** Sends requests to one server. */
export interface Transport {
  /** @throws TransportError if no complete response arrives, or the signal's reason when it is aborted */
  send(request: TransportRequest): Promise<TransportResponse>
  /** Closes all connections, also those with requests in flight. */
  close(): Promise<void>
}
