// /health, /ready and /metrics on an address of their own, for supervisors and scrapers: they come by whatever name or address
// a pod has, so any host name will do. It has nothing else, and asks nobody who they are.

import type { RequestListener } from 'node:http'
import type { Metrics } from '../observability/metrics.ts'
import type { Entrance } from './auth/entrance.ts'
import { isReady } from './readiness.ts'
import { metricsPath } from './use-metrics.ts'

interface AdminOptions {
  readonly entrance: Pick<Entrance, 'reach'>
  readonly metrics: Metrics
}

export function createAdminListener({ entrance, metrics }: AdminOptions): RequestListener {
  const answers: Readonly<Record<string, () => Promise<[status: number, type?: string, text?: string]>>> = {
    '/health': async () => [200],
    '/ready': async () => [(await isReady(entrance)) ? 200 : 503],
    [metricsPath]: async () => [200, metrics.contentType, await metrics.read()],
  }
  return async ({ url = '/', method = 'GET' }, response) => {
    const answer = Object.hasOwn(answers, pathOf(url)) ? answers[pathOf(url)] : undefined
    const isRead = method === 'GET' || method === 'HEAD'
    const [status, type, text] = answer && isRead ? await answer() : [answer ? 405 : 404]
    response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(text)
  }
}

const pathOf = (url: string): string => url.split('?', 1)[0] as string
