// Sends one HTTP request on an undici dispatcher and returns its response. Handles abort, timeouts and size limits, and
// records whether the request may have been sent. undici's own request() does not report whether a byte was written, and it
// cannot abort a request that still waits for a connection.
//
//   waiting --onRequestStart--> sent --onResponseStart--> receiving --onResponseEnd--> complete
//      \__________________________\__________________________\___ fail: the first reason is kept, the connection is closed

import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { readBody } from './body.ts'
import type { TransportRequest, TransportResponse } from './transport.ts'
import { TransportError } from './transport-error.ts'

/** Limits of one exchange. */
export interface ExchangeLimits {
  /** For the whole exchange, including the body; 0 means no limit. */
  readonly timeoutMs: number
  /** Maximum time without body data; 0 means no limit. */
  readonly stallTimeoutMs: number
  /** Maximum size of the decompressed body. */
  readonly maxResponseBytes: number
}

/**
 * Sends one request to `origin`.
 * @returns resolves when the response headers have arrived; the body streams
 * @throws TransportError if no complete response arrives, or the signal's reason when it is aborted
 */
export function exchange(
  dispatcher: Dispatcher,
  origin: string,
  { method, path, headers, body: requestBody, signal }: TransportRequest,
  limits: ExchangeLimits,
): Promise<TransportResponse> {
  if (signal?.aborted) return Promise.reject(signal.reason)
  const label = `${method} ${origin}${path}`

  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let body: Readable | undefined
    let failure: { readonly reason: unknown } | undefined

    const fail = (reason: unknown) => {
      if (failure) return
      failure = { reason }
      release()
      if (body) body.destroy(reason as Error)
      else reject(reason)
      controller?.abort(reason as Error)
    }
    const failWith = (code: 'TIMEOUT' | 'CLOSED', reason: string, cause?: unknown) =>
      fail(
        new TransportError(code, `${label}: ${reason}`, { cause, mayHaveBeenSent: controller !== undefined }),
      )

    const onAbort = () => fail(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const onTimeout = () => failWith('TIMEOUT', `no complete response within ${limits.timeoutMs} ms`)
    const timer = limits.timeoutMs > 0 ? setTimeout(onTimeout, limits.timeoutMs) : undefined
    const release = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        // Nothing is written yet: a request that failed while it waited for a connection is never sent.
        if (failure) started.abort(failure.reason as Error)
        else controller = started
      },
      onResponseStart(_controller, status, responseHeaders) {
        if (status < 200) return
        body = new Readable({
          read: () => controller?.resume(),
          destroy(error, done) {
            // If the consumer stops early, close the connection: the unread data would block it.
            if (!body?.readableEnded) fail(error ?? new Error('the body was not read completely'))
            release()
            done(error)
          },
        })
        // The response may fail before it has a consumer. The consumer receives the error when it starts to read.
        body.on('error', () => {})
        resolve({ status, ...readBody(body, responseHeaders, limits.maxResponseBytes, label) })
      },
      onResponseData(_controller, chunk) {
        if (!body?.push(chunk)) controller?.pause()
      },
      onResponseEnd() {
        clearTimeout(timer)
        body?.push(null)
      },
      onResponseError(_controller, error: Error & { code?: string }) {
        if (failure) return
        if (error instanceof TransportError || error.code === 'UND_ERR_INVALID_ARG') return fail(error)
        const [code, problem] = readUndiciError(error, limits)
        failWith(code, problem, error)
      },
    }

    dispatcher.dispatch(
      {
        method,
        path,
        headers,
        body: requestBody ?? null,
        // The timeout of the whole exchange also covers the wait for headers.
        headersTimeout: 0,
        bodyTimeout: limits.stallTimeoutMs,
      },
      handler,
    )
  })
}

function readUndiciError(
  { code, message }: Error & { code?: string },
  { stallTimeoutMs }: ExchangeLimits,
): [code: 'TIMEOUT' | 'CLOSED', problem: string] {
  if (code === 'UND_ERR_BODY_TIMEOUT') return ['TIMEOUT', `no data was received for ${stallTimeoutMs} ms`]
  if (code === 'UND_ERR_DESTROYED') return ['CLOSED', 'the transport was closed']
  if (code?.startsWith('HPE_')) return ['CLOSED', `the response is not valid HTTP: ${message}`]
  return ['CLOSED', `the connection was lost: ${message}`]
}
