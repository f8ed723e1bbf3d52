// One vim25 method call: envelope out through the transport, typed result or fault back. No session, no retry: see session.ts.

import { StringDecoder } from 'node:string_decoder'
import {
  encodeRequest,
  type MethodArgs,
  type MethodName,
  type MethodResult,
  type SoapReply,
} from '../../soap/envelope.ts'
import { createReplyReader, type ItemHandlers } from '../../soap/reply-decoder.ts'
import { ReplyTooLargeError } from '../../soap/reply-limits.ts'
import { SoapError } from '../../soap/soap-error.ts'
import type { DecodeOptions } from '../../soap/value-decoder.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Transport, TransportResponse } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { fromSoapFault, VimFaultError } from '../vim-fault-error.ts'
import type { CallOptions, CallOutcome, CallRecord } from './call-options.ts'

/** For a large answer: how it is read while it arrives. */
export interface StreamingOptions {
  /** Who takes the items of the result, by field name. What came before an error is not the whole. */
  readonly handlers: ItemHandlers
  /** What of it is read; all, if it is not said. */
  readonly decodeOptions?: DecodeOptions | undefined
  /** Something that comes first: the answer is asked for at once, but read only after it. */
  readonly after?: Promise<unknown> | undefined
}

export interface SoapClient {
  call<M extends MethodName>(
    method: M,
    self: ManagedObjectReference,
    args: MethodArgs<M>,
    callOptions: CallOptions,
    streaming?: StreamingOptions,
  ): Promise<MethodResult<M>>
  /** Refuses further calls as of an ended session; resolves when those under way have come back. */
  retire(): Promise<void>
}

interface SoapClientOptions {
  /** What the SOAPAction names, such as `8.0.2.0`: newer types and properties are hidden from older versions. */
  readonly version: string
  readonly path: string
  /** Told of each call, whoever made it. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}

export function createSoapClient(
  transport: Transport,
  { version, path, onCall }: SoapClientOptions,
): SoapClient {
  const inFlight = new Set<Promise<unknown>>()
  let retired = false
  const exchange: SoapClient['call'] = async (method, self, args, callOptions, streaming) => {
    const body = encodeRequest(method, self, args)
    // The time of day for whoever compares it with others', and another clock for how long it takes: a machine that was
    // suspended or set right has two that differ.
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
      // 200 is a result and 500 a fault; any other status comes from a proxy in front and its body is no SOAP, and so does
      // a 500 without a fault.
      if (response.status !== 200 && response.status !== 500) {
        await drain(response.body, count)
        // Below 500 it is no trouble on the way: there is something else.
        const where = response.status < 500 ? ` at ${path}` : ''
        throw new TransportError(
          'STATUS',
          `${method} was answered with HTTP status ${response.status}${where}`,
          { status: response.status },
        )
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
      // Whoever still works with the login that this was is sent to the next one, where nothing has been executed yet.
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
    // Not a TextDecoder, which takes several times as long for the same.
    const decoder = new StringDecoder('utf8')
    for await (const chunk of body) {
      count(chunk.byteLength)
      reader.write(decoder.write(chunk as Buffer))
    }
    reader.write(decoder.end())
    const reply = reader.end()
    // Which of both is true nobody can tell: with 500 it goes the way of all that is no fault.
    if ('fault' in reply !== (status === 500))
      throw new SoapError(`a ${'fault' in reply ? 'fault' : 'result'} does not go with HTTP status ${status}`)
    return reply
  } catch (error) {
    if (error instanceof ReplyTooLargeError)
      throw new TransportError('TOO_LARGE', `the answer to ${method} ${error.message}`, { cause: error })
    if (!(error instanceof SoapError)) throw error
    if (status === 500)
      throw new TransportError('STATUS', `${method} was answered with HTTP status 500 and no fault`, {
        cause: error,
        status,
      })
    throw new SoapError(`${method} was answered with something that is no good SOAP: ${error.message}`, {
      cause: error,
    })
  }
}

/** The pages of proxies are short. */
const mostDrained = 1024 * 1024

/** A body that nobody reads would keep its connection; one that is long is given up together with its connection. */
async function drain(body: TransportResponse['body'], count: (bytes: number) => void): Promise<void> {
  let bytes = 0
  for await (const chunk of body) {
    count(chunk.byteLength)
    bytes += chunk.byteLength
    if (bytes > mostDrained) return
  }
}
