// A transport with scripted responses, for statuses, headers and bodies that no simulator sends.

import type { Transport, TransportRequest } from '../../src/transport/transport.ts'
import { bodyOf } from './connect.ts'

export interface ScriptedResponse {
  readonly status?: number
  readonly text: string
}

export function scripted(
  ...answers: (ScriptedResponse | string)[]
): Transport & { readonly requests: TransportRequest[] } {
  const requests: TransportRequest[] = []
  const left = [...answers]
  return {
    requests,
    async send(request) {
      requests.push(request)
      const answer = left.shift()
      if (answer === undefined) throw new Error('the script has ended')
      const { status = 200, text } = typeof answer === 'string' ? { text: answer } : answer
      return { status, headers: {}, body: bodyOf(text) }
    },
    close: async () => {},
  }
}
