// /health, /ready and /metrics on an address of their own, for supervisors and scrapers: they come by whatever name or address
// a pod has, so any host name will do. It has nothing else, and asks nobody who they are.

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

/** Its address cannot be had; `cause` is what listening failed with. */
export class AdminListenError extends Error {
  override name = 'AdminListenError' as const

  constructor(cause: unknown) {
    super('the admin address cannot be listened on', { cause })
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

/** A figure that cannot be told must not end the process. */
const internalServerError = (): PreparedProbeResponse => ({ status: 500, headers: {} })

const pathOf = (url: string): string => url.split('?', 1)[0] as string
