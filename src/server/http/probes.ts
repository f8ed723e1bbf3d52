// What probes and scrapers are answered: a status and some text, to GET and HEAD alone. Served beside the endpoint
// (use-probes.ts) or on an address of their own (admin-listener.ts).

import type { Metrics } from '../../observability/metrics.ts'

export interface PlainAnswer {
  readonly status: number
  /** Of the text. */
  readonly type?: string
  readonly text?: string
}

/** By path. */
export type PlainAnswers = Readonly<Record<string, () => Promise<PlainAnswer>>>

export interface AnswerToSend extends PlainAnswer {
  readonly headers: Record<string, string>
}

/** The answer at a path; undefined where there is none. */
export async function plainAnswerTo(
  answers: PlainAnswers,
  path: string,
  method: string,
): Promise<AnswerToSend | undefined> {
  const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
  if (!answer) return undefined
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } }
  const told = await answer()
  return { ...told, headers: told.type === undefined ? {} : { 'content-type': told.type } }
}

/** The process runs, whatever becomes of the vCenter. */
export const health = async (): Promise<PlainAnswer> => ({ status: 200 })

/** Figures in the form that Prometheus reads: nothing that a client chose is in them. */
export const metricsAnswer = (metrics: Metrics) => async (): Promise<PlainAnswer> => ({
  status: 200,
  type: metrics.contentType,
  text: await metrics.read(),
})
