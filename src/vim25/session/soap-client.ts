// Makes vim25 method calls: sends the request envelope and returns the typed result or throws the fault. It has no session and
// no retries; see session.ts and retries.ts.

import { StringDecoder } from 'node:string_decoder'
import { encodeRequest, type MethodName, type MethodResult, type SoapReply } from '../../soap/envelope.ts'
import { createReplyReader } from '../../soap/reply-decoder.ts'
import { SoapError } from '../../soap/soap-error.ts'
import { ReplyTooLargeError } from '../../soap/xml/reply-limits.ts'
import type { Transport, TransportResponse } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { fromSoapFault, VimFaultError } from '../vim-fault-error.ts'
import type { CallOptions, CallOutcome, CallRecord } from './call-options.ts'
import type { SoapCall, StreamingOptions } from './soap-call.ts'

export interface SoapClient {
  readonly call: SoapCall
  /** Rejects further calls with NotAuthenticated, and resolves when the calls in flight have ended. */
  retire(): Promise<void>
}

interface SoapClientOptions {
  /** API version in the SOAPAction header, such as `8.0.2.0`. The server hides types and properties newer than it. */
  readonly version: string
  readonly path: string
  /** Called after each call, in addition to the `onCall` of its own options. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}

export function createSoapClient(
  transport: Transport,
  { version, path, onCall }: SoapClientOptions,
): SoapClient {
  const inFlight = new Set<Promise<unknown>>()
  let retired = false
  const exchange: SoapCall = async (method, self, args, callOptions, streaming) => {
    const body = encodeRequest(method, self, args)
    // The wall clock gives a time that can be compared with other systems. The duration uses a monotonic clock, because the
    // wall clock may be corrected.
    const sentAt = Date.now()
    const startedAt = performance.now()
    let bytes = 0
    let outcome: CallOutcome = 'success'
    try {
      const response = await transport.send({
        method: 'POST',
        path,
        headers: { 'content-type': 'text/xml; charset="utf-8"', soapaction: `"urn:vim25/${version}"` },
        body,
        signal: callOptions.signal,
        timeoutMs: callOptions.timeoutMs,
      })
      await streaming?.after?.catch(async (error) => {
        await response.body[Symbol.asyncIterator]().return?.()
        throw error
      })
      const count = (length: number) => {
        bytes += length
        callOptions.onBytes?.(length)
      }
      // 200 is a result and 500 a fault. Any other status, and a 500 without a fault, comes from a proxy, and the body is not SOAP.
      if (response.status !== 200 && response.status !== 500) {
        await drain(response.body, count)
        // A status below 500 is not a proxy failure: the path leads to something other than the SDK.
        const where = response.status < 500 ? ` at ${path}` : ''
        throw new TransportError('STATUS', `${method} returned HTTP status ${response.status}${where}`, {
          status: response.status,
        })
      }
      const reply = await decode(method, response, count, streaming)
      if ('fault' in reply) throw fromSoapFault(reply.fault)
      return reply.result
    } catch (error) {
      outcome = outcomeOf(error, callOptions)
      throw error
    } finally {
      const ms = performance.now() - startedAt
      const record = { method, sentAt, ms, bytes, outcome, attempt: callOptions.attempt ?? 1 }
      onCall?.(record)
      callOptions.onCall?.(record)
    }
  }
  return {
    call(method, self, args, callOptions, streaming) {
      // The session then repeats the work with a new login, which is safe because this call was not sent.
      if (retired)
        return Promise.reject(new VimFaultError({ _typeName: 'NotAuthenticated' }, 'the session has ended'))
      const outcome = exchange(method, self, args, callOptions, streaming)
      inFlight.add(outcome)
      const onSettled = () => inFlight.delete(outcome)
      outcome.then(onSettled, onSettled)
      return outcome
    },
    async retire() {
      retired = true
      await Promise.allSettled(inFlight)
    },
  }
}

function outcomeOf(error: unknown, { signal }: CallOptions): CallOutcome {
  if (error instanceof VimFaultError) return 'fault'
  return signal?.aborted ? 'aborted' : 'failed'
}

async function decode<M extends MethodName>(
  method: M,
  { status, body }: TransportResponse,
  count: (bytes: number) => void,
  streaming: StreamingOptions | undefined,
): Promise<SoapReply<MethodResult<M>>> {
  try {
    const reader = createReplyReader(method, streaming?.handlers, streaming?.decodeOptions)
    // StringDecoder is several times as fast as TextDecoder.
    const decoder = new StringDecoder('utf8')
    for await (const chunk of body) {
      count(chunk.byteLength)
      reader.write(decoder.write(chunk as Buffer))
    }
    reader.write(decoder.end())
    const reply = reader.end()
    // Status and body contradict each other, and either may be wrong. With 500 this becomes a STATUS error, like any 500
    // without a fault.
    if ('fault' in reply !== (status === 500))
      throw new SoapError(
        `the body is a ${'fault' in reply ? 'fault' : 'result'}, which does not match HTTP status ${status}`,
      )
    return reply
  } catch (error) {
    if (error instanceof ReplyTooLargeError)
      throw new TransportError('TOO_LARGE', `the response to ${method} ${error.message}`, { cause: error })
    if (!(error instanceof SoapError)) throw error
    if (status === 500)
      throw new TransportError('STATUS', `${method} returned HTTP status 500 without a fault`, {
        cause: error,
        status,
      })
    throw new SoapError(`${method} returned invalid SOAP: ${error.message}`, {
      cause: error,
    })
  }
}

/** Maximum bytes to read from an error page. Error pages of proxies are short. */
const maxDrainedBytes = 1024 * 1024

/** Reads a body to its end, so that its connection can be reused. A longer body is aborted together with its connection. */
async function drain(body: TransportResponse['body'], count: (bytes: number) => void): Promise<void> {
  let bytes = 0
  for await (const chunk of body) {
    count(chunk.byteLength)
    bytes += chunk.byteLength
    if (bytes > maxDrainedBytes) return
  }
}
