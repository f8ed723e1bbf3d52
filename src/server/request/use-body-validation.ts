// Rejects compressed bodies, which would otherwise be reported as invalid JSON. Also rejects invalid JSON
// inside a parameter of a GET request or a form (variables, extensions) as a client error: Yoga would treat
// it as an internal error, and log it with the request's contents.

import type { Plugin } from 'graphql-yoga'
import { badInput } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'

const unsupportedEncoding = badInput(
  'compressed or encoded request bodies are not supported',
  'Send the body without content-encoding.',
)

const invalidJson = badInput('variables or extensions are not valid JSON', 'Send each as a JSON object.')

export function useBodyValidation(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      const encoding = request.headers.get('content-encoding') ?? 'identity'
      if (encoding.toLowerCase() !== 'identity')
        throw rejectionError(unsupportedEncoding, { status: 415, headers: { 'accept-encoding': 'identity' } })
      if (!requestParser) return
      setRequestParser(async (request) => {
        try {
          return await requestParser(request)
        } catch (error) {
          throw error instanceof SyntaxError ? rejectionError(invalidJson, { status: 400 }) : error
        }
      })
    },
  }
}
