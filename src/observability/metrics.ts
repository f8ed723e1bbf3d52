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
  read(isGood: boolean): void
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
  readonly ofProcess?: boolean
  /** How long the text is kept for others who ask. Anybody may where it has no address of its own, and to make it takes a while. @default 0 */
  readonly keptMs?: number
}

export function createMetrics({ version, ofProcess = false, keptMs = 0 }: MetricsOptions = {}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (ofProcess) collectDefaultMetrics({ register: registry })
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
