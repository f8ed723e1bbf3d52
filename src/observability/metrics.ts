// The gateway's Prometheus metrics, in a registry of their own. Events are recorded through one method each.
// States (sessions, queues, streams) are read at each scrape. Labels are bounded: clients cannot choose their
// values. See docs/observability.md for the table.

import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { createOperationMetrics, type OperationMetrics } from './operation-metrics.ts'
import { createVCentersMetrics, type VCentersMetrics } from './vcenter-metrics.ts'

/** The certificate that the gateway presents. */
interface CertificateState {
  readonly notAfter: Date
}

/** Metrics of a set of watched files. */
interface FileMetrics {
  /** Records whether changed files could be reloaded. */
  recordReload(isSuccessful: boolean): void
}

export interface Metrics extends OperationMetrics, VCentersMetrics {
  /** Registers the metrics of the serving certificate. `state` is read at each scrape. */
  certificate(state: () => CertificateState): void
  /** Registers the metrics of a setting's files, which were read successfully. */
  file(setting: string): FileMetrics
  /** Returns all metrics in the text format. */
  read(): Promise<string>
  readonly contentType: string
}

interface MetricsOptions {
  readonly version?: string
  /**
   * Includes Node's process metrics (memory, CPU, event loop), which exist once per process. @default false
   */
  readonly includeProcess?: boolean
  /**
   * How long the output is cached. Without a separate admin address, /metrics needs no authentication, and
   * rendering it takes a while. @default 0
   */
  readonly cacheMs?: number
}

export function createMetrics({
  version,
  includeProcess = false,
  cacheMs = 0,
}: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (includeProcess) collectDefaultMetrics({ register: registry })
  if (version !== undefined) {
    new Gauge({
      name: 'vsphere_graphql_build_info',
      help: 'Build information; always 1, with the version as a label.',
      labelNames: ['version'],
      registers,
    }).set({ version }, 1)
  }
  const reloads = new Gauge({
    name: 'vsphere_graphql_file_last_reload_successful',
    help: '1 if the latest contents of the files of a setting were loaded, 0 if they are invalid and the previous contents are in use.',
    labelNames: ['setting'],
    registers,
  })
  return {
    ...createOperationMetrics(registry),
    ...createVCentersMetrics(registry),
    certificate(state) {
      new Gauge({
        name: 'vsphere_graphql_tls_certificate_not_after_timestamp_seconds',
        help: 'Expiry of the certificate that the gateway presents, as a Unix timestamp in seconds.',
        registers,
        collect() {
          this.set(state().notAfter.getTime() / 1_000)
        },
      })
    },
    file(setting) {
      reloads.set({ setting }, 1)
      return { recordReload: (isSuccessful) => reloads.set({ setting }, isSuccessful ? 1 : 0) }
    },
    read: cachedFor(cacheMs, () => registry.metrics()),
    contentType: registry.contentType,
  }
}

/** Caches a promise for the given time. A rejected promise is not kept. */
function cachedFor<T>(ms: number, load: () => Promise<T>): () => Promise<T> {
  let cached: { readonly promise: Promise<T>; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (cached && now < cached.until) return cached.promise
    const promise = load()
    cached = { promise, until: now + ms }
    promise.catch(() => {
      cached = undefined
    })
    return promise
  }
}
