// /metrics, in the form that Prometheus reads: figures alone, and nothing that a client chose.

import type { Plugin } from 'graphql-yoga'
import type { Metrics } from '../observability/metrics.ts'

export const metricsPath = '/metrics'

export function useMetrics(metrics: Metrics): Plugin {
  return {
    async onRequest({ url, fetchAPI, endResponse }) {
      if (url.pathname !== metricsPath) return
      const headers = { 'content-type': metrics.contentType }
      endResponse(new fetchAPI.Response(await metrics.read(), { headers }))
    },
  }
}
