// Sends requests to the handler in this process, with the signature of the global fetch.

import type { createRequestHandler } from '../create-request-handler.ts'

type Handler = Pick<ReturnType<typeof createRequestHandler>, 'fetch' | 'fetchAPI'>

/** Statuses whose responses have no body. */
const bodiless = new Set([101, 204, 205, 304])

/** Creates a function that clients can use instead of the global fetch. Paths are relative to `http://localhost`. */
export function createFetch({ fetch, fetchAPI }: Handler): typeof globalThis.fetch {
  return async (input, init) => {
    const isRequest = typeof input !== 'string' && !(input instanceof URL)
    const url = new URL(isRequest ? input.url : input, 'http://localhost')
    // A copy, since the handler's classes keep and change the object that they receive.
    const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined))
    // The host checks need the header that a client on the network sends.
    if (!headers.has('host')) headers.set('host', url.host)
    // The handler's own class: the global one rejects the signals of jsdom.
    const request = new fetchAPI.Request(isRequest ? input : url.href, {
      ...init,
      headers: Object.fromEntries(headers),
    })
    try {
      return toGlobal(await fetch(request))
    } catch (error) {
      return errorResponse(error, request.signal)
    }
  }
}

/** Returns the response to an unexpected error, as a server would send it. An aborted request has none. */
function errorResponse(error: unknown, signal: AbortSignal): Response {
  const { status, message } = error as { status?: unknown; message?: string }
  if (signal.aborted || typeof status !== 'number') throw error
  return new Response(message ?? null, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}

/** Returns the response as an object of the global class, which clients may check for. */
function toGlobal({ body, status, statusText, headers }: Response): Response {
  return new Response(body && !bodiless.has(status) ? streamOf(body) : null, {
    status,
    statusText,
    headers: Object.fromEntries(headers.entries()),
  })
}

/** Returns the body as a stream of the global class. Canceling it cancels the body. */
function streamOf(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
