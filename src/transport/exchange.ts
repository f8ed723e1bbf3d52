// One request and its answer on undici's dispatcher: when it was sent, how it may end early, and what its end means.
// undici's own request() is not enough: it cannot tell whether a byte was written, nor end a request that still waits for a connection.
//
//   waiting --onRequestStart--> sent --onResponseStart--> answering --onResponseEnd--> whole
//      \__________________________\__________________________\___ fail: the first reason wins, and the connection is dropped

import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { readBody } from './body.ts'
import type { TransportRequest, TransportResponse } from './transport.ts'
import { TransportError } from './transport-error.ts'

/** What bounds an exchange. */
export interface ExchangeLimits {
  /** For the whole exchange; 0 is no limit. */
  readonly timeoutMs: number
  /** How long a body may fall silent; 0 is no limit. */
  readonly stallTimeoutMs: number
  /** How large a body may become, decompressed. */
  readonly maxResponseBytes: number
}

/** Sends one request to `origin`; resolves with the head of the answer. */
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
    const onTimeout = () => failWith('TIMEOUT', `no whole answer within ${limits.timeoutMs} ms`)
    const timer = limits.timeoutMs > 0 ? setTimeout(onTimeout, limits.timeoutMs) : undefined
    const release = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        // Nothing is written yet: a request that was given up while it waited never leaves.
        if (failure) started.abort(failure.reason as Error)
        else controller = started
      },
      onResponseStart(_controller, status, responseHeaders) {
        if (status < 200) return
        body = new Readable({
          read: () => controller?.resume(),
          destroy(error, done) {
            // Whoever stops reading early gives up the connection: what is left of the answer would block it.
            if (!body?.readableEnded) fail(error ?? new Error('the body was not read to its end'))
            release()
            done(error)
          },
        })
        // An answer may break before anyone reads it; the reader is told when it does.
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
        // The limit of the whole exchange covers the wait for the headers, which may be as long as the caller says.
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
  if (code === 'UND_ERR_BODY_TIMEOUT') return ['TIMEOUT', `the answer stopped for ${stallTimeoutMs} ms`]
  if (code === 'UND_ERR_DESTROYED') return ['CLOSED', 'the transport was closed']
  if (code?.startsWith('HPE_')) return ['CLOSED', `the answer is not HTTP: ${message}`]
  return ['CLOSED', `the connection broke: ${message}`]
}
