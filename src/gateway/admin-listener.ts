// /health, /ready and /metrics on an address of their own, for supervisors and scrapers: they come by whatever name or address
// a pod has, so any host name will do. It has nothing else, and asks nobody who they are.

import type { RequestListener } from 'node:http'
import type { Metrics } from '../observability/metrics.ts'
import type { Entrance } from './auth/entrance.ts'
import { health, metricsAnswer, type PlainAnswers, plainAnswerTo } from './plain-answers.ts'
import { createReadiness } from './readiness.ts'

interface AdminOptions {
  readonly entrance: Pick<Entrance, 'reach'>
  readonly metrics: Metrics
  /** From then on it is not ready, so that nobody is sent here any more. */
  readonly stopping: AbortSignal
}

export function createAdminListener({ entrance, metrics, stopping }: AdminOptions): RequestListener {
  const answers: PlainAnswers = {
    '/health': health,
    '/ready': createReadiness(entrance.reach, stopping),
    '/metrics': metricsAnswer(metrics),
  }
  return async ({ url = '/', method = 'GET' }, response) => {
    const answer = await plainAnswerTo(answers, pathOf(url), method)
    response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.text)
  }
}

const pathOf = (url: string): string => url.split('?', 1)[0] as string
