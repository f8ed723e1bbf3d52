// /health, /ready and /metrics on an address of their own, for supervisors and scrapers: they come by whatever name or address
// a pod has, so any host name will do. It has nothing else, and asks nobody who they are.

import type { RequestListener } from 'node:http'
import type { Metrics } from '../../observability/metrics.ts'
import {
  type AnswerToSend,
  health,
  metricsAnswer,
  type PlainAnswers,
  plainAnswerTo,
} from './probes.ts'
import type { Readiness } from './readiness.ts'

/** Its address cannot be had; `cause` is what listening failed with. */
export class AdminListenError extends Error {
  override name = 'AdminListenError' as const

  constructor(cause: unknown) {
    super('the admin address cannot be listened on', { cause })
  }
}

interface AdminOptions {
  readonly readiness: Readiness
  readonly metrics: Metrics
}

export function createAdminListener({ readiness, metrics }: AdminOptions): RequestListener {
  const answers: PlainAnswers = {
    '/health': health,
    '/ready': readiness.answer,
    '/metrics': metricsAnswer(metrics),
  }
  return async ({ url = '/', method = 'GET' }, response) => {
    const answer = await plainAnswerTo(answers, pathOf(url), method).catch(failed)
    response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.text)
  }
}

/** A figure that cannot be told must not end the process. */
const failed = (): AnswerToSend => ({ status: 500, headers: {} })

const pathOf = (url: string): string => url.split('?', 1)[0] as string
