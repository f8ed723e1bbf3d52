// Responses for probes and scrapers: a status and optional text, for GET and HEAD only. Served beside the
// GraphQL endpoint (use-probes.ts) or on a separate address (admin-listener.ts).

import type { Metrics } from '../../observability/metrics.ts'

export interface ProbeResponse {
  readonly status: number
  /** Content type of the text. */
  readonly type?: string
  readonly text?: string
}

/** Handlers by path. */
export type ProbeResponses = Readonly<Record<string, () => Promise<ProbeResponse>>>

export interface PreparedProbeResponse extends ProbeResponse {
  readonly headers: Record<string, string>
}

/** Returns the response for a path; undefined if the path has no handler. */
export async function respondToProbe(
  probes: ProbeResponses,
  path: string,
  method: string,
): Promise<PreparedProbeResponse | undefined> {
  const probe = Object.hasOwn(probes, path) ? probes[path] : undefined
  if (!probe) return undefined
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } }
  const response = await probe()
  return { ...response, headers: response.type === undefined ? {} : { 'content-type': response.type } }
}

/** Liveness: the process is running, regardless of the vCenter's state. */
export const health = async (): Promise<ProbeResponse> => ({ status: 200 })

/** Metrics in the Prometheus text format. They contain no values that a client chooses. */
export const metricsProbe = (metrics: Metrics) => async (): Promise<ProbeResponse> => ({
  status: 200,
  type: metrics.contentType,
  text: await metrics.read(),
})
