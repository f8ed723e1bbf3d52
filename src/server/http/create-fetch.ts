// Sends requests to the handler in this process, with the signature of the global fetch.

import { withSignal } from '../../concurrency/timing.ts'
import type { createRequestHandler } from '../create-request-handler.ts'

type Handler = Pick<ReturnType<typeof createRequestHandler>, 'fetch' | 'fetchAPI'>

/** Statuses whose responses have no body. */
const bodiless = new Set([101, 204, 205, 304])

/**
 * Creates a function that clients can use instead of the global fetch. Paths are relative to `http://localhost`.
 * @param shutdownSignal ends the subscriptions of the handler; their bodies are then read to the end, even if the
 * client does not read them now
 */
export function createFetch(
  { fetch, fetchAPI }: Handler,
  shutdownSignal: AbortSignal,
): typeof globalThis.fetch {
  return async (input, init) => {
    // Not instanceof: clients may have classes of another realm or library.
    const original = typeof input === 'object' && 'url' in input ? input : undefined
    const url = new URL(original ? original.url : String(input), 'http://localhost')
    const signal = (init?.signal === undefined ? original?.signal : init.signal) ?? undefined
    signal?.throwIfAborted()
    if (original?.bodyUsed && init?.body == null)
      throw new TypeError('the body of the request has already been read')
    // A copy, since the handler's classes keep and change the object that they receive.
    const headers = new Headers(init?.headers ?? original?.headers)
    // The host checks need the header that a client on the network sends.
    if (!headers.has('host')) headers.set('host', url.host)
    // The handler's own class: the global one rejects the signals of jsdom. It ignores a request when it also
    // receives options.
    const request = new fetchAPI.Request(url.href, {
      ...init,
      method: init?.method ?? original?.method ?? 'GET',
      body: init?.body ?? original?.body ?? null,
      signal: signal ?? null,
      headers: Object.fromEntries(headers),
    })
    try {
      return toGlobal(await withSignal(Promise.resolve(fetch(request)), signal), signal, shutdownSignal)
    } catch (error) {
      return errorResponse(error, signal)
    }
  }
}

/** Returns the response to an unexpected error, as a server would send it. An aborted request has none. */
function errorResponse(error: unknown, signal: AbortSignal | undefined): Response {
  const { status, message } = error as { status?: unknown; message?: string }
  if (signal?.aborted || typeof status !== 'number') throw error
  return new Response(message ?? null, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}

/** Returns the response as an object of the global class, which clients may check for. */
function toGlobal(
  { body, status, statusText, headers }: Response,
  signal: AbortSignal | undefined,
  shutdownSignal: AbortSignal,
): Response {
  const isSubscription = headers.get('content-type')?.startsWith('text/event-stream')
  const drainSignal = isSubscription ? shutdownSignal : undefined
  return new Response(body && !bodiless.has(status) ? streamOf(body, signal, drainSignal) : null, {
    status,
    statusText,
    headers: Object.fromEntries(headers.entries()),
  })
}

/**
 * Returns the body as a stream of the global class. Canceling it cancels the body. When the signal is aborted,
 * reading fails with its reason.
 * @param drainSignal when it is aborted, the body is read to its end without waiting for the client
 */
function streamOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
  drainSignal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let isEnded = false
  let release = () => {}
  const end = () => {
    isEnded = true
    release()
  }
  /** Moves the next chunk of the body to the stream. */
  async function move(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const { done, value } = await reader.read()
      if (isEnded) return
      if (!done) return controller.enqueue(value)
      end()
      controller.close()
    } catch (error) {
      if (isEnded) return
      end()
      controller.error(error)
    }
  }
  return new ReadableStream(
    {
      start(controller) {
        const abort = () => {
          end()
          controller.error(signal?.reason)
          reader.cancel(signal?.reason).catch(() => {})
        }
        const drain = async () => {
          while (!isEnded) await move(controller)
        }
        signal?.addEventListener('abort', abort, { once: true })
        drainSignal?.addEventListener('abort', drain, { once: true })
        release = () => {
          signal?.removeEventListener('abort', abort)
          drainSignal?.removeEventListener('abort', drain)
        }
      },
      pull: move,
      cancel(reason) {
        end()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
