// A SOAP proxy between the gateway and a vCenter (or the simulator) for tests: forwards every call, except those for which a
// test installs a handler. A handler can rewrite the response, drop the connection before or after the call is executed, or
// execute it later. Independent of the simulator's own fault injection. See soap-proxy.test.ts for examples.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The response of the server behind the proxy, decompressed.
 * @public
 */
export interface SoapResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/**
 * One intercepted call. A handler must end it with `respond`, `rewrite` or `cut`, immediately or later.
 * @public
 */
export interface ProxiedCall {
  readonly method: string
  /** The request envelope. */
  readonly body: string
  /** How many calls of this method were intercepted before this one. */
  readonly index: number
  /** Executes the call on the server, now. May be called after `cut` or `respond`: the call then executes late. */
  forward(): Promise<SoapResponse>
  /**
   * Sends the test's own response. `headers` may be those of a forwarded response: headers that describe its length are
   * removed.
   */
  respond(status: number, text: string | Buffer, headers?: SoapResponse['headers']): void
  /** Sends the test's own response in chunks, each as long as `size` returns when it is sent. */
  respondInChunks(status: number, bytes: Buffer, size: () => number, headers?: SoapResponse['headers']): void
  /** Executes the call, and sends its response with the text (and status) that `change` returns. */
  rewrite(change: (text: string) => string, status?: number): Promise<void>
  /** Closes the connection without a response. */
  dropConnection(): void
}

/** @public */
export type CallHandler = (call: ProxiedCall) => void | Promise<void>

export interface SoapProxy {
  readonly url: string
  /** Handles calls of a method (`*` for all others) until `reset`, or the first `times` of them. */
  on(method: string, handler: CallHandler, options?: { readonly times?: number }): void
  /** Removes all handlers. Calls in progress keep theirs. */
  reset(): void
  /** Methods of all calls since the start or the last `reset`, intercepted or not, in order. */
  readonly calls: readonly string[]
  /** Methods of all calls that the server executed without a fault since the start or the last `reset`, in order. */
  readonly executed: readonly string[]
  /** The first error that a handler threw; `close` rejects with it. */
  readonly failure: unknown
  close(): Promise<void>
}

/** Starts a proxy on a free loopback port in front of a plain-HTTP server. */
export async function startSoapProxy(origin: string): Promise<SoapProxy> {
  const handlers = new Map<string, { handler: CallHandler; remaining: number; index: number }>()
  let calls: string[] = []
  let executed: string[] = []
  let failure: unknown
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      failure ??= error
      response.destroy()
    })
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request)
    const method = /<(?:\w+:)?Body>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? ''
    if (method !== '') calls.push(method)
    const rule = handlers.get(method) ?? handlers.get('*')
    const forward = async () => {
      const serverResponse = await forwardRequest(origin, request, body)
      if (method !== '' && serverResponse.status === 200) executed.push(method)
      return serverResponse
    }
    const writeHead = (status: number, headers: SoapResponse['headers']): boolean => {
      if (response.headersSent || response.destroyed) return false
      const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...rest } = headers
      response.writeHead(status, { 'content-type': 'text/xml; charset=utf-8', ...rest })
      return true
    }
    const respond: ProxiedCall['respond'] = (status, text, headers = {}) => {
      if (writeHead(status, headers)) response.end(text)
    }
    const relay = ({ status, headers, text }: SoapResponse): void => respond(status, text, headers)
    if (method === '' || !rule || rule.remaining <= 0) {
      // A server that closes also closes its connections.
      await forward().then(relay, () => response.destroy())
      return
    }
    rule.remaining -= 1
    const index = rule.index++
    await rule.handler({
      method,
      body,
      index,
      forward,
      respond,
      respondInChunks(status, bytes, size, headers = {}) {
        if (!writeHead(status, headers)) return
        for (let from = 0; from < bytes.length; ) {
          const to = from + Math.max(1, size())
          response.write(bytes.subarray(from, to))
          from = to
        }
        response.end()
      },
      dropConnection: () => void request.socket.destroy(),
      async rewrite(change, status) {
        const serverResponse = await forward()
        relay({
          ...serverResponse,
          status: status ?? serverResponse.status,
          text: change(serverResponse.text),
        })
      },
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    on(method, handler, { times = Number.POSITIVE_INFINITY } = {}) {
      handlers.set(method, { handler, remaining: times, index: 0 })
    },
    reset() {
      handlers.clear()
      calls = []
      executed = []
    },
    get executed() {
      return executed
    },
    get calls() {
      return calls
    },
    get failure() {
      return failure
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close(() => (failure === undefined ? resolve() : reject(failure)))
        server.closeAllConnections()
      }),
  }
}

/** A SOAP envelope around a body, as vCenter writes it. */
export const soapEnvelope = (body: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
  ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n' +
  `<soapenv:Body>\n${body}\n</soapenv:Body>\n</soapenv:Envelope>`

/** A SOAP fault of a vim25 type; `fields` is the XML inside of its detail element. Send it with status 500. */
export const soapFault = (type: string, { faultstring = '', fields = '' } = {}): string =>
  soapEnvelope(
    `<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>${faultstring}</faultstring><detail>` +
      `<${type}Fault xmlns="urn:vim25" xsi:type="${type}">${fields}</${type}Fault></detail></soapenv:Fault>`,
  )

function forwardRequest(
  origin: string,
  { method, url = '/', headers }: IncomingMessage,
  body: string,
): Promise<SoapResponse> {
  return new Promise((resolve, reject) => {
    const { 'accept-encoding': _, connection: __, ...rest } = headers
    const forwarded = sendRequest(
      new URL(url, origin),
      { method, headers: rest, agent: false },
      (serverResponse) => {
        textOf(serverResponse).then(
          (text) =>
            resolve({ status: serverResponse.statusCode ?? 502, headers: serverResponse.headers, text }),
          reject,
        )
      },
    )
    forwarded.on('error', reject)
    forwarded.end(body)
  })
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
