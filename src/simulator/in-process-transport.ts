// The simulator as a Transport without a socket. Requests and responses are still real XML in both
// directions.

import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Transport, TransportRequest, TransportResponse } from '../transport/transport.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { Clock } from './clock.ts'
import { createDeferred } from './deferred.ts'
import { bytesOf } from './http-server.ts'
import { type HttpReply, maxRequestBytes, type WebService } from './service/web-service.ts'

export interface InProcessOptions {
  readonly service: WebService
  readonly clock: Clock
  /** Aborted when the simulator closes. */
  readonly shutdownSignal: AbortSignal
}

/** Creates a separate connection. It stores no cookies; the client has to send them. */
export function createInProcessTransport({ service, clock, shutdownSignal }: InProcessOptions): Transport {
  const closing = new AbortController()
  const { signal: closed } = closing
  const close = () => {
    shutdownSignal.removeEventListener('abort', close)
    closing.abort()
  }
  shutdownSignal.addEventListener('abort', close)
  if (shutdownSignal.aborted) close()
  // There is one listener per in-flight request, so any number is normal.
  setMaxListeners(0, closed)

  const send = async (request: TransportRequest): Promise<TransportResponse> => {
    request.signal?.throwIfAborted()
    if (closed.aborted) {
      throw new TransportError('CLOSED', 'The transport to the simulator is closed.', {
        mayHaveBeenSent: false,
      })
    }
    const clientAbort = new AbortController()
    const ended = createDeferred<never>()
    const onClose = () => ended.reject(new TransportError('CLOSED', 'The simulator closed the connection.'))
    const onAbort = () => ended.reject(request.signal?.reason)
    closed.addEventListener('abort', onClose)
    request.signal?.addEventListener('abort', onAbort)
    const cancelTimeout = request.timeoutMs
      ? clock.schedule(request.timeoutMs, () =>
          ended.reject(
            new TransportError('TIMEOUT', `The simulator did not respond within ${request.timeoutMs} ms.`),
          ),
        )
      : undefined
    try {
      return toResponse(await Promise.race([ended.promise, handle(request, clientAbort.signal)]))
    } catch (error) {
      clientAbort.abort()
      throw error
    } finally {
      cancelTimeout?.()
      closed.removeEventListener('abort', onClose)
      request.signal?.removeEventListener('abort', onAbort)
    }
  }

  const handle = async (request: TransportRequest, signal: AbortSignal): Promise<HttpReply> => {
    // Never respond in the same event loop turn: code that relies on that would fail only on a real network.
    await nextTurn()
    const body = request.body ?? ''
    if (body.length > maxRequestBytes) return { status: 413, headers: {}, body: '' }
    return service.handle({
      method: request.method,
      path: request.path,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
      body,
      ipAddress: '127.0.0.1',
      secure: true,
      signal,
    })
  }

  return {
    send,
    close: async () => close(),
  }
}

function toResponse({ status, headers, body, drop }: HttpReply): TransportResponse {
  if (drop === 'unread' || drop === 'unanswered') {
    throw new TransportError('CLOSED', 'The simulator closed the connection before it responded.')
  }
  return { status, headers, body: chunksOf(body, drop === 'midBody') }
}

const chunkBytes = 64 * 1024

async function* chunksOf(body: string | Uint8Array, drop: boolean): AsyncGenerator<Uint8Array> {
  const bytes = bytesOf(body)
  const end = drop ? Math.floor(bytes.length / 2) : bytes.length
  for (let at = 0; at < end; at += chunkBytes) yield bytes.subarray(at, Math.min(end, at + chunkBytes))
  if (drop)
    throw new TransportError('CLOSED', 'The simulator closed the connection in the middle of a response.')
}
