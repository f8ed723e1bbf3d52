// Sends one vAPI request and reads its response as JSON. It has no session; see vapi-session.ts.

import type { Transport, TransportRequest, TransportResponse } from '../transport/transport.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { CallOptions, CallRecord } from '../vim25/session/call-options.ts'

export interface VapiReply {
  readonly status: number
  /** The decoded JSON; undefined if the body is empty or no JSON. */
  readonly body: unknown
  /** Whether there is a body that is no JSON, such as a page of a proxy. */
  readonly isInvalid: boolean
}

export interface VapiExchange extends Pick<TransportRequest, 'method' | 'path' | 'headers'> {
  /** The name of the call in traces, logs and metrics. */
  readonly name: string
  readonly body?: unknown
}

/** The size of a response with the tags of 2,000 objects is below 2 MB. */
const maxResponseBytes = 32 * 1024 * 1024
const defaultTimeoutMs = 30_000

/**
 * @param onCall - called after the call, in addition to the `onCall` of its own options
 * @throws TransportError if there is no complete response, or the signal's reason when it is aborted
 */
export async function exchangeJson(
  transport: Transport,
  { name, method, path, headers, body }: VapiExchange,
  callOptions: Pick<CallOptions, 'signal' | 'onCall' | 'onBytes' | 'timeoutMs'>,
  onCall?: (record: CallRecord) => void,
): Promise<VapiReply> {
  const sentAt = Date.now()
  const startedAt = performance.now()
  let bytes = 0
  let outcome: CallRecord['outcome'] = 'failed'
  try {
    const response = await transport.send({
      method,
      path,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: callOptions.signal,
      timeoutMs: callOptions.timeoutMs ?? defaultTimeoutMs,
    })
    const text = await readText(response.body, (length) => {
      bytes += length
      callOptions.onBytes?.(length)
      if (bytes > maxResponseBytes)
        throw new TransportError(
          'TOO_LARGE',
          `the response to ${name} is larger than ${maxResponseBytes} bytes`,
        )
    })
    outcome = response.status < 300 ? 'success' : 'fault'
    return { status: response.status, ...parse(text) }
  } catch (error) {
    if (callOptions.signal?.aborted) outcome = 'aborted'
    throw error
  } finally {
    const record = { method: name, sentAt, ms: performance.now() - startedAt, bytes, outcome, attempt: 1 }
    onCall?.(record)
    callOptions.onCall?.(record)
  }
}

async function readText(body: TransportResponse['body'], count: (bytes: number) => void): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) {
    count(chunk.byteLength)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The parser's message is not used: it quotes the body, which may contain the id of a session. */
function parse(text: string): Pick<VapiReply, 'body' | 'isInvalid'> {
  if (text.trim() === '') return { body: undefined, isInvalid: false }
  try {
    return { body: JSON.parse(text), isInvalid: false }
  } catch {
    return { body: undefined, isInvalid: true }
  }
}
