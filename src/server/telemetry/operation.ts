// One operation as it is seen from outside: what it is, whose, the calls that it made, and how it ended. Told once, when it has
// ended, to the log, the metrics and the trace. No document, no variable, no message of an error is in it.

import type { ExecutionResult, OperationDefinitionNode } from 'graphql'
import type { Log } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { OperationSpan, Tracing } from '../../observability/tracing.ts'
import { isSubtype } from '../../soap/vim-types.ts'
import type { CallRecord } from '../../vim25/session/call-options.ts'
import type { Identity } from '../auth/identity.ts'
import type { RequestLogFields } from './request-log-fields.ts'

/** Who is told of operations. */
export interface Telemetry {
  readonly log: Log
  readonly metrics?: Metrics | undefined
  readonly tracing?: Tracing | undefined
}

/**
 * `failed` is an answer with errors in which every root field is null, `partial` one with errors and something else, `aborted`
 * one whose client hung up before it.
 */
export type OperationOutcome = 'success' | 'partial' | 'failed' | 'aborted'

/** A name is the client's to choose; in the log it has an end. */
const maxNameLength = 100

/** The request that it comes with. */
interface OperationRequest extends RequestLogFields {
  /** Who asks; undefined where it was refused before that was known. */
  readonly identity: Identity | undefined
  readonly headers: Headers
  /** Aborted when its client hangs up, which ends it. */
  readonly signal: AbortSignal
}

export class Operation {
  readonly #request: OperationRequest
  readonly #telemetry: Telemetry
  readonly #span: OperationSpan | undefined
  readonly #startedAt = performance.now()
  #definition: OperationDefinitionNode | undefined
  /** How often each method was called. */
  readonly #calls = new Map<string, number>()
  /** Of all errors so far. */
  readonly #codes = new Set<string>()
  /** The vim25 types of the faults behind them. */
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

  /** What is asked, once it could be read. */
  setDefinition(definition: OperationDefinitionNode): void {
    this.#definition = definition
  }

  /** It is a subscription that stands open from now on. */
  subscriptionStarted(): void {
    this.#onSubscriptionEnd = this.#telemetry.metrics?.subscriptionStarted()
  }

  recordCall(record: CallRecord): void {
    this.#calls.set(record.method, (this.#calls.get(record.method) ?? 0) + 1)
    this.#span?.call(record)
  }

  /** Takes an answer, or one event of several, whose errors have their codes. */
  recordResult({ data, errors = [] }: ExecutionResult): void {
    // Of a client that has hung up: it was told as aborted.
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

/** What a server calls a fault that we do not know is its own text. */
const declaredFaultName = (name: unknown): string =>
  typeof name === 'string' && isSubtype(name, 'MethodFault') ? name : 'other'

function traceContext(headers: Headers): Record<string, string> {
  const headerEntries = ['traceparent', 'tracestate'].map((name) => [name, headers.get(name)] as const)
  return Object.fromEntries(
    headerEntries.filter((each): each is readonly [string, string] => each[1] !== null),
  )
}
