// Counts the requests that are refused before anyone looks at what they ask: what is no operation has no line in the log, and
// would be seen nowhere.

import type { Plugin } from 'graphql-yoga'
import type { Metrics } from '../../observability/metrics.ts'
import type { Operations } from './use-operations.ts'

export function useRejectedRequestMetrics(metrics: Metrics, operations: Operations): Plugin {
  return {
    onResponse({ request, response: { status } }) {
      // That the gateway is not ready is an answer.
      const isNotReady = status === 503 && new URL(request.url).pathname === '/ready'
      if (status >= 400 && !isNotReady && operations.forRequest(request).length === 0)
        metrics.requestRejected(status)
    },
  }
}
