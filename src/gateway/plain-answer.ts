// What is no GraphQL and asked for by probes and scrapers: where it is, beside the API or on an address of its own.

import type { Metrics } from '../observability/metrics.ts'

/** What a probe or a scraper is answered. */
export interface PlainAnswer {
  readonly status: number
  /** Of the text. */
  readonly type?: string
  readonly text?: string
}

/** Where readiness.ts answers. */
export const readinessPath = '/ready'

export const metricsPath = '/metrics'

/** In the form that Prometheus reads: figures alone, and nothing that a client chose. */
export const metricsAnswer =
  (metrics: Metrics): (() => Promise<PlainAnswer>) =>
  async () => ({ status: 200, type: metrics.contentType, text: await metrics.read() })
