// What probes and scrapers are answered: a status and some text, to GET and HEAD alone. Served beside the endpoint
// (use-probes.ts) or on an address of their own (admin-listener.ts).

import type { Metrics } from '../../observability/metrics.ts'

export interface ProbeResponse {
  readonly status: number
  /** Of the text. */
  readonly type?: string
  readonly text?: string
}

/** By path. */
export type ProbeResponses = Readonly<Record<string, () => Promise<ProbeResponse>>>

export interface PreparedProbeResponse extends ProbeResponse {
  readonly headers: Record<string, string>
}

/** The answer at a path; undefined where there is none. */
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

/** The process runs, whatever becomes of the vCenter. */
export const health = async (): Promise<ProbeResponse> => ({ status: 200 })

/** Figures in the form that Prometheus reads: nothing that a client chose is in them. */
export const metricsProbe = (metrics: Metrics) => async (): Promise<ProbeResponse> => ({
  status: 200,
  type: metrics.contentType,
  text: await metrics.read(),
})
