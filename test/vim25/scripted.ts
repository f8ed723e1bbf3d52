// A transport with scripted responses, for statuses, headers and bodies that no simulator sends.

import type { Transport, TransportRequest } from '../../src/transport/transport.ts'
import { bodyOf } from './connect.ts'

export interface ScriptedResponse {
  readonly status?: number
  readonly text: string
}

export function scripted(
  ...responses: (ScriptedResponse | string)[]
): Transport & { readonly requests: TransportRequest[] } {
  const requests: TransportRequest[] = []
  const remaining = [...responses]
  return {
    requests,
    async send(request) {
      requests.push(request)
      const response = remaining.shift()
      if (response === undefined) throw new Error('the script has ended')
      const { status = 200, text } = typeof response === 'string' ? { text: response } : response
      return { status, headers: {}, body: bodyOf(text) }
    },
    close: async () => {},
  }
}
