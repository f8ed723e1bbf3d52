// The figures of a gateway for Prometheus, in a registry of their own. Whoever measures tells them here, in one place each; what
// is a state and no event (sessions, queues, streams) is asked for when it is scraped. Labels are bounded: nothing that a
// client chooses is one. docs/observability.md has the table.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What of an operation is measured. */
interface MeasuredOperation {
  readonly kind: string
  readonly outcome: string
  readonly ms: number
}

/** What of a SOAP call is measured. */
interface MeasuredCall {
  readonly method: string
  readonly outcome: string
  readonly ms: number
  /** Which try of its read it was; 1 is the first. */
  readonly attempt: number
}

/** Of queries and mutations. */
interface OperationsAtOnce {
  readonly running: number
  /** For their turn. */
  readonly waiting: number
}

/** How it stands between the gateway and a vCenter. */
interface VCenterState {
  /** No outage is known. */
  readonly reachable: boolean
  /** Logged in now. */
  readonly sessions: number
  readonly callsRunning: number
  readonly callsWaiting: number
  /** By what they follow. */
  readonly updateStreams: Readonly<Record<string, number>>
}

/** The certificate that callers are shown. */
interface CertificateState {
  readonly notAfter: Date
}

/** What is told of files that are followed. */
interface FileMetrics {
  /** They have changed, and could be read again or not. */
  read(isGood: boolean): void
}

/** What is told of one vCenter. */
export interface VCenterMetrics {
  call(call: MeasuredCall): void
  retrieval(objects: number): void
  login(outcome: 'success' | 'refused' | 'failed'): void
}

export interface Metrics {
  operation(operation: MeasuredOperation): void
  /** An error in an answer, by its code. */
  error(code: string): void
  /** Begins the figures of how many queries and mutations run, which are asked for at each scrape. */
  operationsAtOnce(state: () => OperationsAtOnce): void
  /** A request was refused before anyone looked at what it asks; by its HTTP status. */
  refusal(status: number): void
  /** A subscription has begun; gives what ends it. */
  subscription(): () => void
  /** Begins the figures of a vCenter, whose state is asked for at each scrape. */
  vcenter(name: string, state: () => VCenterState): VCenterMetrics
  /** Begins the figures of whether operations can be served, and why not; that is asked for at each scrape. */
  readiness(vcenter: string, reasons: readonly string[], reason: () => Promise<string | undefined>): void
  /** Begins the figures of the serving certificate, which is asked for at each scrape. */
  certificate(state: () => CertificateState): void
  /** Begins the figures of files that a setting names, which could be read. */
  file(setting: string): FileMetrics
  /** All of them, as text. */
  read(): Promise<string>
  readonly contentType: string
}

const operationSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const callSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const objectCounts = [0, 1, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000]

interface MetricsOptions {
  readonly version?: string
  /** With those of Node (memory, CPU, event loop), which a process has once. @default false */
  readonly ofProcess?: boolean
  /** How long the text is kept for others who ask. Anybody may where it has no address of its own, and to make it takes a while. @default 0 */
  readonly keptMs?: number
}

export function createMetrics({ version, ofProcess = false, keptMs = 0 }: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (ofProcess) collectDefaultMetrics({ register: registry })
  const states = new Map<string, () => VCenterState>()
  const eachState = (tell: (vcenter: string, state: VCenterState) => void) => {
    for (const [vcenter, state] of states) tell(vcenter, state())
  }

  if (version !== undefined) {
    new Gauge({
      name: 'vsphere_graphql_build_info',
      help: 'Always 1; the version is in the label.',
      labelNames: ['version'],
      registers,
    }).set({ version }, 1)
  }
  const reloads = new Gauge({
    name: 'vsphere_graphql_file_last_reload_successful',
    help: '0 while files that have changed cannot be read, so that what they held before is in use; else 1.',
    labelNames: ['setting'],
    registers,
  })
  const operations = new Counter({
    name: 'vsphere_graphql_operations_total',
    help: 'Operations that have ended.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'vsphere_graphql_operation_duration_seconds',
    help: 'How long queries and mutations took, from their request to their answer.',
    labelNames: ['kind'],
    buckets: operationSeconds,
    registers,
  })
  let atOnce = (): OperationsAtOnce => ({ running: 0, waiting: 0 })
  for (const each of ['running', 'waiting'] as const)
    new Gauge({
      name: `vsphere_graphql_operations_${each}`,
      help: `Queries and mutations that are ${each} now.`,
      registers,
      collect() {
        this.set(atOnce()[each])
      },
    })
  const refusals = new Counter({
    name: 'vsphere_graphql_refused_requests_total',
    help: 'Requests that were refused before anyone looked at what they ask, by HTTP status.',
    labelNames: ['status'],
    registers,
  })
  const errors = new Counter({
    name: 'vsphere_graphql_errors_total',
    help: 'Errors in answers, by extensions.code.',
    labelNames: ['code'],
    registers,
  })
  const subscriptions = new Gauge({
    name: 'vsphere_graphql_subscriptions',
    help: 'Subscriptions that stand open.',
    registers,
  })
  const calls = new Counter({
    name: 'vsphere_graphql_soap_calls_total',
    help: 'SOAP calls that have ended.',
    labelNames: ['vcenter', 'method', 'outcome'],
    registers,
  })
  const callDurations = new Histogram({
    name: 'vsphere_graphql_soap_call_duration_seconds',
    help: 'How long SOAP calls took, from their sending to the end of the answer. WaitForUpdatesEx waits on purpose.',
    labelNames: ['vcenter', 'method'],
    buckets: callSeconds,
    registers,
  })
  const retries = new Counter({
    name: 'vsphere_graphql_soap_retries_total',
    help: 'SOAP calls that made a read again which had failed on its way.',
    labelNames: ['vcenter', 'method'],
    registers,
  })
  const retrieved = new Histogram({
    name: 'vsphere_graphql_retrieved_objects',
    help: 'Objects that a retrieval brought, all its pages together.',
    labelNames: ['vcenter'],
    buckets: objectCounts,
    registers,
  })
  const logins = new Counter({
    name: 'vsphere_graphql_logins_total',
    help: 'Tries to log in.',
    labelNames: ['vcenter', 'outcome'],
    registers,
  })
  new Gauge({
    name: 'vsphere_graphql_vcenter_reachable',
    help: '0 while a vCenter is out of reach and nothing but a probe is sent to it; else 1.',
    labelNames: ['vcenter'],
    registers,
    collect() {
      eachState((vcenter, { reachable }) => this.set({ vcenter }, reachable ? 1 : 0))
    },
  })
  new Gauge({
    name: 'vsphere_graphql_sessions',
    help: 'vCenter sessions that are logged in.',
    labelNames: ['vcenter'],
    registers,
    collect() {
      eachState((vcenter, { sessions }) => this.set({ vcenter }, sessions))
    },
  })
  new Gauge({
    name: 'vsphere_graphql_read_calls_running',
    help: 'SOAP calls that read and whose turn it is.',
    labelNames: ['vcenter'],
    registers,
    collect() {
      eachState((vcenter, { callsRunning }) => this.set({ vcenter }, callsRunning))
    },
  })
  new Gauge({
    name: 'vsphere_graphql_read_calls_waiting',
    help: 'SOAP calls that read and wait for their turn.',
    labelNames: ['vcenter'],
    registers,
    collect() {
      eachState((vcenter, { callsWaiting }) => this.set({ vcenter }, callsWaiting))
    },
  })
  new Gauge({
    name: 'vsphere_graphql_update_streams',
    help: 'Update streams, each with a call that stands open.',
    labelNames: ['vcenter', 'follows'],
    registers,
    collect() {
      eachState((vcenter, { updateStreams }) => {
        for (const [follows, count] of Object.entries(updateStreams)) this.set({ vcenter, follows }, count)
      })
    },
  })

  return {
    operation({ kind, outcome, ms }) {
      operations.inc({ kind, outcome })
      // A subscription lasts as long as its client likes.
      if (kind !== 'subscription') durations.observe({ kind }, ms / 1_000)
    },
    operationsAtOnce(state) {
      atOnce = state
    },
    refusal: (status) => refusals.inc({ status }),
    error: (code) => errors.inc({ code }),
    subscription() {
      subscriptions.inc()
      return () => subscriptions.dec()
    },
    vcenter(name, state) {
      states.set(name, state)
      // So that they can be told from 0 before the first.
      for (const outcome of ['success', 'refused', 'failed']) logins.inc({ vcenter: name, outcome }, 0)
      return {
        call({ method, outcome, ms, attempt }) {
          calls.inc({ vcenter: name, method, outcome })
          if (attempt > 1) retries.inc({ vcenter: name, method })
          callDurations.observe({ vcenter: name, method }, ms / 1_000)
        },
        retrieval: (objects) => retrieved.observe({ vcenter: name }, objects),
        login: (outcome) => logins.inc({ vcenter: name, outcome }),
      }
    },
    readiness(vcenter, reasons, ask) {
      let asked = Promise.resolve<string | undefined>(undefined)
      new Gauge({
        name: 'vsphere_graphql_ready',
        help: 'Whether /ready says so: 1 when the vCenter answers and has not refused us, else 0.',
        labelNames: ['vcenter'],
        registers,
        async collect() {
          asked = ask()
          this.set({ vcenter }, (await asked) === undefined ? 1 : 0)
        },
      })
      new Gauge({
        name: 'vsphere_graphql_unready',
        help: '1 for the reason why /ready says no; 0 for all others.',
        labelNames: ['vcenter', 'reason'],
        registers,
        async collect() {
          const why = await asked
          for (const reason of reasons) this.set({ vcenter, reason }, reason === why ? 1 : 0)
        },
      })
    },
    certificate(state) {
      new Gauge({
        name: 'vsphere_graphql_tls_certificate_not_after_timestamp_seconds',
        help: 'When the certificate that callers are shown expires, in seconds since 1970.',
        registers,
        collect() {
          this.set(state().notAfter.getTime() / 1_000)
        },
      })
    },
    file(setting) {
      reloads.set({ setting }, 1)
      return { read: (isGood) => reloads.set({ setting }, isGood ? 1 : 0) }
    },
    read: keptFor(keptMs, () => registry.metrics()),
    contentType: registry.contentType,
  }
}

/** Asks once for all who want to know within that time; a failure is not kept. */
function keptFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let kept: { readonly answer: Promise<T>; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (kept && now < kept.until) return kept.answer
    const answer = ask()
    kept = { answer, until: now + ms }
    answer.catch(() => {
      kept = undefined
    })
    return answer
  }
}
