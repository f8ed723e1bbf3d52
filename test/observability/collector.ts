// A local OpenTelemetry collector for spans: accepts OTLP over HTTP in JSON, and records what it receives.

import { startLoopbackServer } from '../transport/loopback-server.ts'

export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
  readonly status: { readonly code?: number }
}

interface Batch {
  readonly resourceSpans: readonly {
    readonly resource: Pick<CollectedSpan, 'attributes'>
    readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[]
  }[]
}

export async function startCollector() {
  const bodies: string[] = []
  const { url } = await startLoopbackServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (piece) => chunks.push(piece))
    request.on('end', () => {
      if (request.url === '/v1/traces') bodies.push(Buffer.concat(chunks).toString())
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  const sent = () => bodies.flatMap((body) => (JSON.parse(body) as Batch).resourceSpans)
  return {
    url,
    /** Everything as it was received. */
    bodies,
    get spans(): readonly CollectedSpan[] {
      return sent().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    },
    get resources(): readonly Readonly<Record<string, unknown>>[] {
      return sent().map(({ resource }) => attributesOf(resource))
    },
  }
}

/** By name, regardless of type. */
export const attributesOf = ({ attributes }: Pick<CollectedSpan, 'attributes'>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
