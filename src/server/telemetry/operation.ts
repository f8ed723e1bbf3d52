// One operation as seen by logs, metrics and traces: its kind, its caller, its SOAP calls and its outcome. It
// is reported once, when it has ended, without its document, its variables or error messages.

import type { ExecutionResult, OperationDefinitionNode } from 'graphql'
import type { Log } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { OperationSpan, Tracing } from '../../observability/tracing.ts'
import { isSubtype } from '../../soap/type-registry.ts'
import type { CallRecord } from '../../vim25/session/call-options.ts'
import type { Identity } from '../auth/identity.ts'
import type { RequestLogFields } from './request-log-fields.ts'

/** The destinations of operation reports. */
export interface Telemetry {
  readonly log: Log
  readonly metrics?: Metrics | undefined
  readonly tracing?: Tracing | undefined
}

/**
 * `failed`: errors, and every root field is null. `partial`: errors, and some data. `aborted`: the client
 * disconnected before the response.
 */
export type OperationOutcome = 'success' | 'partial' | 'failed' | 'aborted'

/** The client chooses the name; the log gets a prefix. */
const maxNameLength = 100

/** The request of the operation. */
interface OperationRequest extends RequestLogFields {
  /** The caller; undefined if the request was rejected before authentication. */
  readonly identity: Identity | undefined
  readonly headers: Headers
  /** Aborted when the client disconnects, which ends the operation. */
  readonly signal: AbortSignal
}

export class Operation {
  readonly #request: OperationRequest
  readonly #telemetry: Telemetry
  readonly #span: OperationSpan | undefined
  readonly #startedAt = performance.now()
  #definition: OperationDefinitionNode | undefined
  /** Number of calls by method. */
  readonly #calls = new Map<string, number>()
  /** Codes of all errors so far. */
  readonly #codes = new Set<string>()
  /** The vim25 types of the faults that caused them. */
  readonly #faults = new Set<string>()
  #hasData = false
  #events = 0
  #onSubscriptionEnd: (() => void) | undefined
  #hasEnded = false

  constructor(request: OperationRequest, telemetry: Telemetry) {
    this.#request = request
    this.#telemetry = telemetry
    this.#span = telemetry.tracing?.startOperation(traceContext(request.headers))
    request.signal.addEventListener('abort', () => this.end('aborted'), { once: true })
  }

  /** Called once the document is parsed. */
  setDefinition(definition: OperationDefinitionNode): void {
    this.#definition = definition
  }

  /** Called when the operation is an open subscription. */
  subscriptionStarted(): void {
    this.#onSubscriptionEnd = this.#telemetry.metrics?.subscriptionStarted()
  }

  recordCall(record: CallRecord): void {
    this.#calls.set(record.method, (this.#calls.get(record.method) ?? 0) + 1)
    this.#span?.call(record)
  }

  /** Records a result, or a subscription event. Its errors must have their codes. */
  recordResult({ data, errors = [] }: ExecutionResult): void {
    // The client has disconnected, and the operation was reported as aborted.
    if (this.#hasEnded) return
    this.#events += 1
    this.#hasData ||= data != null && Object.values(data).some((value) => value !== null)
    for (const { extensions } of errors) {
      const code = String(extensions?.code)
      this.#codes.add(code)
      if (extensions?.fault !== undefined) this.#faults.add(declaredFaultName(extensions.fault))
      this.#telemetry.metrics?.error(code)
    }
  }

  end(outcome = this.#outcome()): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#onSubscriptionEnd?.()
    const kind = this.#definition?.operation ?? 'unknown'
    const name = this.#definition?.name?.value.slice(0, maxNameLength)
    const ms = performance.now() - this.#startedAt
    const codes = [...this.#codes]
    const { log, metrics } = this.#telemetry
    const { requestId, clientIp, identity } = this.#request
    metrics?.operation({ kind, outcome, ms })
    this.#span?.end({ requestId, kind, name, outcome, codes })
    const calls = Object.fromEntries(this.#calls)
    log.info('operation', {
      requestId,
      clientIp,
      identity: identity?.name ?? 'anonymous',
      kind,
      name,
      outcome,
      durationMs: Math.round(ms),
      soapCalls: [...this.#calls.values()].reduce((sum, count) => sum + count, 0),
      ...(this.#calls.size > 0 && { calls }),
      ...(codes.length > 0 && { codes }),
      ...(this.#faults.size > 0 && { faults: [...this.#faults] }),
      ...(kind === 'subscription' && { events: this.#events }),
    })
  }

  #outcome(): OperationOutcome {
    if (this.#codes.size === 0) return 'success'
    return this.#hasData ? 'partial' : 'failed'
  }
}

/** A fault type that the gateway does not know is the server's own string, so it is not logged. */
const declaredFaultName = (name: unknown): string =>
  typeof name === 'string' && isSubtype(name, 'MethodFault') ? name : 'other'

function traceContext(headers: Headers): Record<string, string> {
  const headerEntries = ['traceparent', 'tracestate'].map((name) => [name, headers.get(name)] as const)
  return Object.fromEntries(
    headerEntries.filter((each): each is readonly [string, string] => each[1] !== null),
  )
}
