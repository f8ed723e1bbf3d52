// Counts requests rejected before parsing; they have no operation log line.

import type { Plugin } from 'graphql-yoga'
import type { Metrics } from '../../observability/metrics.ts'
import type { Operations } from './use-operations.ts'

export function useRejectedRequestMetrics(metrics: Metrics, operations: Operations): Plugin {
  return {
    onResponse({ request, response: { status } }) {
      // A 503 of /ready is a regular response.
      const isNotReady = status === 503 && new URL(request.url).pathname === '/ready'
      if (status >= 400 && !isNotReady && operations.forRequest(request).length === 0)
        metrics.requestRejected(status)
    },
  }
}
