// Adds a body to responses that Yoga sends without one: to an unsupported content type, and to a client that accepts none of the
// possible response types.

import type { Plugin } from 'graphql-yoga'
import { badInput } from '../../schema/errors/api-error.ts'
import { errorResponse } from './error-response.ts'

const notAcceptable =
  'None of the accepted media types can be produced. Send accept: application/graphql-response+json, or application/json.\n'

export function useErrorBodies(): Plugin {
  return {
    onResponse({ request, response, setResponse, fetchAPI }) {
      const { status, body, headers } = response
      if (body !== null || request.method === 'HEAD') return
      if (status === 415) {
        const contentType = request.headers.get('content-type')
        const error = badInput(
          contentType === null
            ? 'the request has no content-type'
            : `the content-type ${JSON.stringify(contentType)} is not supported`,
          'Send content-type: application/json.',
        )
        setResponse(errorResponse(fetchAPI, { request, status, error, headers: Object.fromEntries(headers) }))
      }
      if (status === 406) {
        // In plain text, since the client accepts no JSON.
        const textHeaders = { ...Object.fromEntries(headers), 'content-type': 'text/plain; charset=utf-8' }
        setResponse(new fetchAPI.Response(notAcceptable, { status, headers: textHeaders }))
      }
    },
  }
}
