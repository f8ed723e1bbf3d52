// Serves /health, /ready and /metrics on a separate address, for supervisors and scrapers. It accepts any
// host name, since they connect to a pod by whatever name or address it has, and requires no authentication.
// It serves nothing else.

import type { RequestListener } from 'node:http'
import type { Metrics } from '../../observability/metrics.ts'
import {
  health,
  metricsProbe,
  type PreparedProbeResponse,
  type ProbeResponses,
  respondToProbe,
} from './probes.ts'
import type { Readiness } from './readiness.ts'

/** The admin address cannot be listened on; `cause` is the error of listen(). */
export class AdminListenError extends Error {
  override name = 'AdminListenError' as const

  constructor(cause: unknown) {
    super('cannot listen on the admin address', { cause })
  }
}

interface AdminListenerOptions {
  readonly readiness: Readiness
  readonly metrics: Metrics
}

export function createAdminListener({ readiness, metrics }: AdminListenerOptions): RequestListener {
  const probes: ProbeResponses = {
    '/health': health,
    '/ready': readiness.probe,
    '/metrics': metricsProbe(metrics),
  }
  return async ({ url = '/', method = 'GET' }, response) => {
    const probeResponse = await respondToProbe(probes, pathOf(url), method).catch(internalServerError)
    response.writeHead(probeResponse?.status ?? 404, probeResponse?.headers).end(probeResponse?.text)
  }
}

/** An error while the metrics are collected must not end the process. */
const internalServerError = (): PreparedProbeResponse => ({ status: 500, headers: {} })

const pathOf = (url: string): string => url.split('?', 1)[0] as string
