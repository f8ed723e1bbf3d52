// Metrics of GraphQL operations and rejected requests.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** The measured properties of an operation. */
interface MeasuredOperation {
  readonly kind: string
  readonly outcome: string
  readonly ms: number
}

/** Numbers of queries and mutations. */
interface OperationConcurrency {
  readonly inFlight: number
  /** Those that wait in the queue. */
  readonly queued: number
}

export interface OperationMetrics {
  operation(operation: MeasuredOperation): void
  /** Records an error in a response, by its code. */
  error(code: string): void
  /** Registers the metrics of running and queued queries and mutations. `state` is read at each scrape. */
  operationConcurrency(state: () => OperationConcurrency): void
  /** Records a request rejected before parsing, by its HTTP status. */
  requestRejected(status: number): void
  /** Records the start of a subscription. Returns a function that records its end. */
  subscriptionStarted(): () => void
}

const operationSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function createOperationMetrics(registry: Registry): OperationMetrics {
  const registers = [registry]
  const operations = new Counter({
    name: 'vsphere_graphql_operations_total',
    help: 'Number of completed operations.',
    labelNames: ['kind', 'outcome'],
    registers,
  })
  const durations = new Histogram({
    name: 'vsphere_graphql_operation_duration_seconds',
    help: 'Duration of queries and mutations, from request to response, in seconds.',
    labelNames: ['kind'],
    buckets: operationSeconds,
    registers,
  })
  let concurrency = (): OperationConcurrency => ({ inFlight: 0, queued: 0 })
  for (const [name, state, field] of [
    ['in_flight', 'running', 'inFlight'],
    ['queued', 'queued', 'queued'],
  ] as const)
    new Gauge({
      name: `vsphere_graphql_operations_${name}`,
      help: `Number of queries and mutations that are ${state}.`,
      registers,
      collect() {
        this.set(concurrency()[field])
      },
    })
  const rejectedRequests = new Counter({
    name: 'vsphere_graphql_http_requests_rejected_total',
    help: 'Number of HTTP requests rejected before parsing, by HTTP status.',
    labelNames: ['status'],
    registers,
  })
  const errors = new Counter({
    name: 'vsphere_graphql_errors_total',
    help: 'Number of errors in responses, by extensions.code.',
    labelNames: ['code'],
    registers,
  })
  const subscriptions = new Gauge({
    name: 'vsphere_graphql_subscriptions_active',
    help: 'Number of open subscriptions.',
    registers,
  })

  return {
    operation({ kind, outcome, ms }) {
      operations.inc({ kind, outcome })
      // The duration of a subscription depends on its client only.
      if (kind !== 'subscription') durations.observe({ kind }, ms / 1_000)
    },
    operationConcurrency(state) {
      concurrency = state
    },
    requestRejected: (status) => rejectedRequests.inc({ status }),
    error: (code) => errors.inc({ code }),
    subscriptionStarted() {
      subscriptions.inc()
      return () => subscriptions.dec()
    },
  }
}
