// A name for each request, which its answer, its errors and its lines in the log all have: the client's own, if it sent one that
// can be written anywhere, or one that is made.

import { randomUUID } from 'node:crypto'
import type { Plugin } from 'graphql-yoga'

const requestIdHeader = 'x-request-id'

/** Nothing that could end a line or a quotation, and short. */
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

/** Tells it in the answer's header. */
export function useRequestId(): Plugin {
  return {
    onResponse({ request, response }) {
      response.headers.set(requestIdHeader, requestIdOf(request))
    },
  }
}
