// A gateway in this process that records its SOAP requests, to be replayed bare: with undici alone, draining
// the response without parsing it. The bare requests measure the server and the network, which is the lower
// bound for any gateway.

import { Pool } from 'undici'
import { loadServeConfig, type Transport, type TransportRequest } from 'vsphere-graphql'
import { sharedAccountAccess } from '#access-provider'
import { connectVCenter } from '#connect-vcenter'
import { createRequestHandler } from '#create-request-handler'
import { resolveEndpoint } from '#vcenter-endpoint'
import { type ExecuteOperation, tracedHeaders } from './graphql-request.ts'
import { type Server, serveFlags, serveVariables } from './servers.ts'

export interface Recorder {
  readonly execute: ExecuteOperation
  /** Returns the retrievals and changed-area queries that were sent during `work`, in order. */
  during(work: () => Promise<unknown>): Promise<readonly TransportRequest[]>
  /** Replays recorded requests, one after the other. `onChunk` receives the chunks of the responses. */
  replay(requests: readonly TransportRequest[], onChunk?: (chunk: Uint8Array) => void): Promise<ReplayResult>
  close(): Promise<void>
}

interface ReplayResult {
  readonly ms: number
  readonly bytes: number
}

/** Opens a recorder for a server. Its session stays open, since the recorded requests belong to it. */
export async function openRecorder(server: Server): Promise<Recorder> {
  let recorded: TransportRequest[] = []
  let continuation: TransportRequest | undefined
  const recording = (transport: Transport): Transport => ({
    send(request) {
      if (/<(RetrievePropertiesEx|QueryChangedDiskAreas) /.test(request.body ?? '')) recorded.push(request)
      if (request.body?.includes('<ContinueRetrievePropertiesEx ')) continuation = request
      return transport.send(request)
    },
    close: () => transport.close(),
  })
  const log = { info: () => {}, warn: console.error, error: console.error }
  const config = loadServeConfig({ argv: serveFlags(server), env: serveVariables })
  const endpoint = await resolveEndpoint(config)
  const connected = connectVCenter(config, { ...endpoint, connect: () => recording(endpoint.connect()) }, log)
  const gateway = createRequestHandler({ ...config, accessProvider: sharedAccountAccess(connected), log })
  const pool = new Pool(new URL(server.url).origin)

  /**
   * Sends a request and its continuations. The continuation token precedes the objects in a response, so the
   * next request starts before this response ends.
   */
  async function drain(request: TransportRequest, onChunk?: (chunk: Uint8Array) => void): Promise<number> {
    const sent = { ...request.headers, 'accept-encoding': 'gzip' }
    const response = await pool.request({
      method: 'POST',
      path: request.path,
      headers: sent,
      body: request.body ?? null,
    })
    if (response.statusCode !== 200)
      throw new Error(
        `a replayed request failed with HTTP status ${response.statusCode}: ${await response.body.text()}`,
      )
    let bytes = 0
    let rest: Promise<number> | undefined
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      if (bytes === 0 && continuation) {
        const token = /<token>[^<]*<\/token>/.exec(chunk.toString('latin1', 0, 1_000))?.[0]
        const body = continuation.body?.replace(/<token>[^<]*<\/token>/, token ?? '') ?? ''
        if (token) rest = drain({ ...continuation, body }, onChunk)
      }
      bytes += chunk.length
      onChunk?.(chunk)
    }
    return bytes + ((await rest) ?? 0)
  }

  return {
    async execute(operation) {
      const started = performance.now()
      const response = await gateway.fetch('http://localhost/graphql', {
        method: 'POST',
        headers: { host: 'localhost', ...tracedHeaders },
        body: JSON.stringify(operation),
      })
      const body = new Uint8Array(await response.arrayBuffer())
      return { ms: performance.now() - started, body }
    },
    async during(work) {
      recorded = []
      await work()
      return recorded
    },
    async replay(requests, onChunk) {
      const started = performance.now()
      let bytes = 0
      for (const request of requests) bytes += await drain(request, onChunk)
      return { ms: performance.now() - started, bytes }
    },
    async close() {
      await pool.destroy()
      await connected.close()
    },
  }
}
