// The figures of a gateway for Prometheus, in a registry of their own. Whoever measures tells them here, in one place each; what
// is a state and no event (sessions, queues, streams) is asked for when it is scraped. Labels are bounded: nothing that a
// client chooses is one. docs/observability.md has the table.

import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { createOperationMetrics, type OperationMetrics } from './operation-metrics.ts'
import { createVCentersMetrics, type VCentersMetrics } from './vcenter-metrics.ts'

/** The certificate that callers are shown. */
interface CertificateState {
  readonly notAfter: Date
}

/** What is told of files that are followed. */
interface FileMetrics {
  /** They have changed, and could be read again or not. */
  recordReload(isSuccessful: boolean): void
}

export interface Metrics extends OperationMetrics, VCentersMetrics {
  /** Begins the figures of the serving certificate, which is asked for at each scrape. */
  certificate(state: () => CertificateState): void
  /** Begins the figures of files that a setting names, which could be read. */
  file(setting: string): FileMetrics
  /** All of them, as text. */
  read(): Promise<string>
  readonly contentType: string
}

interface MetricsOptions {
  readonly version?: string
  /** With those of Node (memory, CPU, event loop), which a process has once. @default false */
  readonly includeProcess?: boolean
  /** How long the text is kept for others who ask. Anybody may where it has no address of its own, and to make it takes a while. @default 0 */
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
  return {
    ...createOperationMetrics(registry),
    ...createVCentersMetrics(registry),
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
      return { recordReload: (isSuccessful) => reloads.set({ setting }, isSuccessful ? 1 : 0) }
    },
    read: cachedFor(cacheMs, () => registry.metrics()),
    contentType: registry.contentType,
  }
}

/** Asks once for all who want to know within that time; a failure is not kept. */
function cachedFor<T>(ms: number, load: () => Promise<T>): () => Promise<T> {
  let cached: { readonly answer: Promise<T>; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (cached && now < cached.until) return cached.answer
    const answer = load()
    cached = { answer, until: now + ms }
    answer.catch(() => {
      cached = undefined
    })
    return answer
  }
}
