// Metrics of the SOAP calls to the vCenter, and of the state of its connections.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The measured properties of a SOAP call. */
interface MeasuredCall {
  readonly method: string
  readonly outcome: string
  readonly ms: number
  /** The attempt number; 1 is the first. */
  readonly attempt: number
}

/** The state of the connections to a vCenter. */
interface VCenterState {
  /** Whether no outage is known. */
  readonly isUp: boolean
  /** Number of sessions that are logged in. */
  readonly sessions: number
  readonly readsInFlight: number
  readonly readsQueued: number
  /** Open update streams, by kind. */
  readonly updateStreams: Readonly<Record<string, number>>
}

/** Recorders for one vCenter. */
export interface VCenterMetrics {
  call(call: MeasuredCall): void
  retrieval(objects: number): void
  login(outcome: 'success' | 'refused' | 'failed'): void
}

export interface VCentersMetrics {
  /** Registers the metrics of a vCenter. `state` is read at each scrape. */
  vcenter(name: string, state: () => VCenterState): VCenterMetrics
  /** Registers the metrics of readiness and its reasons. `reason` is called at each scrape. */
  readiness(vcenter: string, reasons: readonly string[], reason: () => Promise<string | undefined>): void
}

const callSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const objectCounts = [0, 1, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000]

export function createVCentersMetrics(registry: Registry): VCentersMetrics {
  const registers = [registry]
  const states = new Map<string, () => VCenterState>()
  const eachState = (set: (vcenter: string, state: VCenterState) => void) => {
    for (const [vcenter, state] of states) set(vcenter, state())
  }

  const calls = new Counter({
    name: 'vsphere_graphql_soap_calls_total',
    help: 'Number of completed SOAP calls.',
    labelNames: ['vcenter', 'method', 'outcome'],
    registers,
  })
  const callDurations = new Histogram({
    name: 'vsphere_graphql_soap_call_duration_seconds',
    help: 'Duration of SOAP calls, from sending to the end of the response, in seconds. WaitForUpdatesEx is a long poll.',
    labelNames: ['vcenter', 'method'],
    buckets: callSeconds,
    registers,
  })
  const retries = new Counter({
    name: 'vsphere_graphql_soap_retries_total',
    help: 'Number of SOAP calls that retried a failed read.',
    labelNames: ['vcenter', 'method'],
    registers,
  })
  const retrieved = new Histogram({
    name: 'vsphere_graphql_retrieved_objects',
    help: 'Number of objects per retrieval, over all its pages.',
    labelNames: ['vcenter'],
    buckets: objectCounts,
    registers,
  })
  const logins = new Counter({
    name: 'vsphere_graphql_logins_total',
    help: 'Number of login attempts, by outcome.',
    labelNames: ['vcenter', 'outcome'],
    registers,
  })
  new Gauge({
    name: 'vsphere_graphql_vcenter_up',
    help: '1 if the vCenter is reachable, 0 during an outage, when only probes are sent to it.',
    labelNames: ['vcenter'],
    registers,
    collect() {
      eachState((vcenter, { isUp }) => this.set({ vcenter }, isUp ? 1 : 0))
    },
  })
  new Gauge({
    name: 'vsphere_graphql_vcenter_sessions',
    help: 'Number of vCenter sessions that are logged in.',
    labelNames: ['vcenter'],
    registers,
    collect() {
      eachState((vcenter, { sessions }) => this.set({ vcenter }, sessions))
    },
  })
  new Gauge({
    name: 'vsphere_graphql_soap_reads_in_flight',
    help: 'Number of SOAP read calls in flight.',
    labelNames: ['vcenter'],
    registers,
    collect() {
      eachState((vcenter, { readsInFlight }) => this.set({ vcenter }, readsInFlight))
    },
  })
  new Gauge({
    name: 'vsphere_graphql_soap_reads_queued',
    help: 'Number of SOAP read calls waiting in the queue.',
    labelNames: ['vcenter'],
    registers,
    collect() {
      eachState((vcenter, { readsQueued }) => this.set({ vcenter }, readsQueued))
    },
  })
  new Gauge({
    name: 'vsphere_graphql_update_streams',
    help: 'Number of open update streams, each a long-polling SOAP call.',
    labelNames: ['vcenter', 'kind'],
    registers,
    collect() {
      eachState((vcenter, { updateStreams }) => {
        for (const [kind, count] of Object.entries(updateStreams)) this.set({ vcenter, kind }, count)
      })
    },
  })

  return {
    vcenter(name, state) {
      states.set(name, state)
      // Initializes each counter with 0, so that the first increment is visible as a rate.
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
    readiness(vcenter, reasons, getReason) {
      let currentReason = Promise.resolve<string | undefined>(undefined)
      new Gauge({
        name: 'vsphere_graphql_ready',
        help: '1 if /ready responds with 200: the vCenter responds and has not rejected the login; otherwise 0.',
        labelNames: ['vcenter'],
        registers,
        async collect() {
          currentReason = getReason()
          this.set({ vcenter }, (await currentReason) === undefined ? 1 : 0)
        },
      })
      new Gauge({
        name: 'vsphere_graphql_not_ready',
        help: '1 for the current reason that /ready responds with 503, 0 for all other reasons.',
        labelNames: ['vcenter', 'reason'],
        registers,
        async collect() {
          const current = await currentReason
          for (const reason of reasons) this.set({ vcenter, reason }, reason === current ? 1 : 0)
        },
      })
    },
  }
}
