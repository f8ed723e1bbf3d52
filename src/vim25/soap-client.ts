// One vim25 method call: envelope out through the transport, typed result or fault back. No session, no retry: see session.ts.

import {
  decodeReply,
  encodeRequest,
  type MethodArgs,
  type MethodName,
  type MethodResult,
} from '../soap/envelope.ts'
import { SoapError } from '../soap/soap-error.ts'
import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { Transport, TransportResponse } from '../transport/transport.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { CallScope } from './call-scope.ts'
import { fromSoapFault } from './vim-fault-error.ts'

export interface SoapClient {
  call<M extends MethodName>(
    method: M,
    self: ManagedObjectReference,
    args: MethodArgs<M>,
    scope: CallScope,
  ): Promise<MethodResult<M>>
  /** Resolves when the calls that are under way now have come back. */
  idle(): Promise<void>
}

/** `version` is what the SOAPAction names, such as `8.0.2.0`: newer types and properties are hidden from older versions. */
export function createSoapClient(
  transport: Transport,
  { version, path }: { version: string; path: string },
): SoapClient {
  const underWay = new Set<Promise<unknown>>()
  const exchange: SoapClient['call'] = async (method, self, args, scope) => {
    const body = encodeRequest(method, self, args)
    const started = performance.now()
    let bytes = 0
    try {
      const response = await transport.send({
        method: 'POST',
        path,
        headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: `"urn:vim25/${version}"` },
        body,
        signal: scope.signal,
        timeoutMs: scope.timeoutMs,
      })
      const text = await readText(response)
      bytes = text.bytes
      // 200 is a result and 500 a fault; any other status comes from a proxy in front and its body is no SOAP.
      if (response.status !== 200 && response.status !== 500) {
        throw new TransportError('STATUS', `${method} was answered with HTTP status ${response.status}`, {
          status: response.status,
        })
      }
      const reply = decode(method, text.text)
      if ('fault' in reply) throw fromSoapFault(reply.fault)
      return reply.result
    } finally {
      scope.onCall?.({ method, ms: performance.now() - started, bytes })
    }
  }
  return {
    call(method, self, args, scope) {
      const outcome = exchange(method, self, args, scope)
      underWay.add(outcome)
      const back = () => underWay.delete(outcome)
      outcome.then(back, back)
      return outcome
    },
    async idle() {
      await Promise.allSettled(underWay)
    },
  }
}

function decode<M extends MethodName>(method: M, text: string) {
  try {
    return decodeReply(method, text)
  } catch (error) {
    if (!(error instanceof SoapError)) throw error
    throw new SoapError(`${method} was answered with something that is no good SOAP: ${error.message}`, {
      cause: error,
    })
  }
}

async function readText(response: TransportResponse): Promise<{ text: string; bytes: number }> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    text += decoder.decode(chunk, { stream: true })
  }
  return { text: text + decoder.decode(), bytes }
}
