// HTTP requests to the gateway and to the vCenter, with a certificate that is pinned by its thumbprint.

import {
  type ClientRequestArgs,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { type ConnectionOptions, connect } from 'node:tls'

interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Sends a request. Rejects if the connection ends before the whole response has arrived. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>

export interface SendOptions {
  /** SHA-256 thumbprint of the only certificate to trust. @default those of the certificate authorities */
  readonly thumbprint?: string | undefined
  /** Ends all requests. */
  readonly signal?: AbortSignal | undefined
}

/** A connection without data for this long has failed. Longer than the gateway waits for a snapshot. */
const idleTimeoutMs = 150_000

export function createSend({ thumbprint, signal }: SendOptions = {}): Send {
  const plain = new HttpAgent({ keepAlive: true })
  const secure = thumbprint === undefined ? new HttpsAgent({ keepAlive: true }) : new PinnedAgent(thumbprint)
  return ({ method, url, headers, body }) =>
    new Promise((resolve, reject) => {
      const [send, agent] =
        url.protocol === 'https:' ? ([httpsRequest, secure] as const) : ([httpRequest, plain] as const)
      const options = { method, headers, agent, timeout: idleTimeoutMs, ...(signal && { signal }) }
      const request = send(url, options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        )
      })
      request.on('error', reject)
      request.on('timeout', () => request.destroy(new Error(`${url.host} does not respond`)))
      request.end(body)
    })
}

type Callback = NonNullable<Parameters<HttpsAgent['createConnection']>[1]>

/** Connects only to a server that has one certificate. Nothing is sent before that is known. */
class PinnedAgent extends HttpsAgent {
  readonly #thumbprint: string

  constructor(thumbprint: string) {
    super({ keepAlive: true })
    this.#thumbprint = normalize(thumbprint)
  }

  override createConnection(options: ClientRequestArgs, callback: Callback = () => {}): undefined {
    const socket = connect({ ...(options as ConnectionOptions), rejectUnauthorized: false })
    const fail = (error: Error) => callback(error, socket)
    socket.once('error', fail)
    socket.once('secureConnect', () => {
      socket.off('error', fail)
      const { fingerprint256 = '' } = socket.getPeerCertificate()
      if (normalize(fingerprint256) === this.#thumbprint) return callback(null, socket)
      socket.destroy()
      fail(new Error(`${options.host} has another certificate, with the thumbprint ${fingerprint256}`))
    })
  }
}

const normalize = (thumbprint: string): string => thumbprint.replaceAll(':', '').toUpperCase()
