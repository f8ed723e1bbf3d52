// /health, /ready and /metrics on an address of their own, for supervisors and scrapers: they come by whatever name or address
// a pod has, so any host name will do. It has nothing else, and asks nobody who they are.

import type { RequestListener } from 'node:http'
import type { Metrics } from '../observability/metrics.ts'
import type { Entrance } from './auth/entrance.ts'
import { createReadiness, type PlainAnswer } from './readiness.ts'
import { metricsPath } from './use-metrics.ts'

/** Its address cannot be had; `cause` is what listening failed with. */
export class AdminListenError extends Error {
  override name = 'AdminListenError' as const

  constructor(cause: unknown) {
    super('the admin address cannot be listened on', { cause })
  }
}

interface AdminOptions {
  readonly entrance: Pick<Entrance, 'reach'>
  readonly metrics: Metrics
  /** From then on it is not ready, so that nobody is sent here any more. */
  readonly stopping: AbortSignal
}

export function createAdminListener({ entrance, metrics, stopping }: AdminOptions): RequestListener {
  const answers: Readonly<Record<string, () => Promise<PlainAnswer>>> = {
    '/health': async () => ({ status: 200 }),
    '/ready': createReadiness(entrance.reach, stopping),
    [metricsPath]: async () => ({ status: 200, type: metrics.contentType, text: await metrics.read() }),
  }
  return async ({ url = '/', method = 'GET' }, response) => {
    const answer = Object.hasOwn(answers, pathOf(url)) ? answers[pathOf(url)] : undefined
    const isRead = method === 'GET' || method === 'HEAD'
    const { status, type, text }: PlainAnswer =
      answer && isRead ? await answer().catch(failed) : { status: answer ? 405 : 404 }
    response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(text)
  }
}

/** A figure that cannot be told must not end the process. */
const failed = (): PlainAnswer => ({ status: 500 })

const pathOf = (url: string): string => url.split('?', 1)[0] as string
