// Sends requests to the handler in this process, with the signature of the global fetch.

import { withSignal } from '../../concurrency/timing.ts'
import type { createRequestHandler } from '../create-request-handler.ts'

type Handler = Pick<ReturnType<typeof createRequestHandler>, 'fetch' | 'fetchAPI'>

/** Statuses whose responses have no body. */
const bodiless = new Set([101, 204, 205, 304])

/** Creates a function that clients can use instead of the global fetch. Paths are relative to `http://localhost`. */
export function createFetch({ fetch, fetchAPI }: Handler): typeof globalThis.fetch {
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
      return toGlobal(await withSignal(Promise.resolve(fetch(request)), signal), signal)
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
): Response {
  return new Response(body && !bodiless.has(status) ? streamOf(body, signal) : null, {
    status,
    statusText,
    headers: Object.fromEntries(headers.entries()),
  })
}

/**
 * Returns the body as a stream of the global class. Canceling it cancels the body. When the signal is aborted,
 * reading fails with its reason.
 */
function streamOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let release = () => {}
  return new ReadableStream(
    {
      start(controller) {
        const abort = () => {
          controller.error(signal?.reason)
          reader.cancel(signal?.reason).catch(() => {})
        }
        signal?.addEventListener('abort', abort, { once: true })
        release = () => signal?.removeEventListener('abort', abort)
      },
      async pull(controller) {
        const { done, value } = await reader.read().catch((error) => {
          release()
          throw error
        })
        if (done) release()
        if (signal?.aborted) return
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel(reason) {
        release()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
