// Assigns each request an id that appears in its response, its errors and its log lines: the client's own if
// it is safe to print, or a generated one.

import { randomUUID } from 'node:crypto'
import type { Plugin } from 'graphql-yoga'

const requestIdHeader = 'x-request-id'

/** Short, and without characters that could end a line or a quotation. */
const validRequestId = /^[\w.:=/+@-]{1,128}$/

const ids = new WeakMap<Request, string>()

export function requestIdOf(request: Request): string {
  const known = ids.get(request)
  if (known !== undefined) return known
  const clientRequestId = request.headers.get(requestIdHeader)
  const id = clientRequestId !== null && validRequestId.test(clientRequestId) ? clientRequestId : randomUUID()
  ids.set(request, id)
  return id
}

/** Sends the id in a response header. */
export function useRequestId(): Plugin {
  return {
    onResponse({ request, response }) {
      response.headers.set(requestIdHeader, requestIdOf(request))
    },
  }
}
