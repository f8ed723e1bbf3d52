// HTTP layer of the simulated vCenter without a socket: request in, response out. http-server.ts and
// in-process-transport.ts transport them.

import type { ConnectionDrop } from '../fault-injection.ts'
import type { FaultInjector } from '../fault-injector.ts'
import type { Dispatcher } from './dispatch.ts'
import { serviceVersions } from './service-content.ts'
import type { Connection } from './service-method.ts'
import type { Session, Sessions } from './sessions.ts'

export interface HttpRequest {
  readonly method: string
  readonly path: string
  /** Header names are in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly ipAddress: string
  /** Whether the connection is encrypted or in-process. */
  readonly secure: boolean
  /** Aborted when the client disconnects before it has the whole response. */
  readonly signal: AbortSignal
}

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  /** Drops the connection instead of the response, or halfway through it. */
  readonly drop?: ConnectionDrop
}

/** Maximum request size; larger requests are not read. */
export const maxRequestBytes = 16 * 1024 * 1024

const xmlHeaders = {
  'cache-control': 'no-cache',
  'content-type': 'text/xml; charset=utf-8',
  vary: 'Accept-Encoding',
}

const plain = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpReply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body,
})

// The response of the proxy in front of vCenter's services while they start.
const unavailable: HttpReply = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>503 Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>\n',
}

/** Serves the paths beside the SDK. */
interface OtherPaths {
  /** Returns undefined for a path that it does not serve. */
  handle(request: HttpRequest): HttpReply | undefined
}

export class WebService {
  readonly #sessions: Sessions
  readonly #dispatcher: Dispatcher
  readonly #faults: FaultInjector
  readonly #others: readonly OtherPaths[]

  constructor(
    sessions: Sessions,
    dispatcher: Dispatcher,
    faults: FaultInjector,
    others: readonly OtherPaths[],
  ) {
    this.#sessions = sessions
    this.#dispatcher = dispatcher
    this.#faults = faults
    this.#others = others
  }

  async handle(request: HttpRequest): Promise<HttpReply> {
    for (const others of this.#others) {
      const reply = others.handle(request)
      if (reply) return reply
    }
    const path = request.path.split('?', 1)[0]
    if (path === '/sdk/vimServiceVersions.xml' && request.method === 'GET') {
      return this.#faults.takeOutage('')
        ? unavailable
        : { status: 200, headers: xmlHeaders, body: serviceVersions }
    }
    if (path !== '/sdk' && path !== '/sdk/') return plain(404, 'Not Found\n')
    if (request.method !== 'POST') return plain(405, 'Method Not Allowed\n', { allow: 'POST' })

    const call = this.#dispatcher.read(request.body)
    const method = call?.method ?? ''
    if (this.#faults.takeOutage(method)) return unavailable
    const drop = this.#faults.takeDrop(method)
    if (drop === 'unread') return { ...plain(500, ''), drop }

    const connection: Connection = {
      session: sessionOf(request, this.#sessions),
      cookie: undefined,
      ipAddress: request.ipAddress,
      userAgent: textOf(request.headers['user-agent']),
    }
    const { status, text } = await this.#dispatcher.handle(call, connection, request.signal)
    this.#markOrphaned(connection, drop, request.signal)
    const headers = {
      ...xmlHeaders,
      ...(connection.cookie && { 'set-cookie': setCookie(connection.cookie, request) }),
    }
    return { status, headers, body: text, ...(drop && { drop }) }
  }

  /** Marks the session of a Login as orphaned if its response is lost, now or during transmission. */
  #markOrphaned({ cookie }: Connection, drop: ConnectionDrop | undefined, clientAborted: AbortSignal): void {
    const session = cookie === undefined ? undefined : this.#sessions.withCookie(cookie)
    if (!session) return
    session.isOrphaned = drop !== undefined || clientAborted.aborted
    const markLost = () => {
      session.isOrphaned = true
    }
    clientAborted.addEventListener('abort', markLost, { once: true })
  }
}

/** Returns the session whose cookie a request has. */
export function sessionOf({ headers }: HttpRequest, sessions: Sessions): Session | undefined {
  // pyVmomi sends the whole Set-Cookie value back, including attributes; some clients drop the quotes.
  const cookies = textOf(headers.cookie).matchAll(/(?:^|;\s*)vmware_soap_session=("?)([0-9a-f]{1,64})\1/g)
  for (const [, , value] of cookies) {
    const session = value && sessions.withCookie(value)
    if (session) return session
  }
  return undefined
}

const textOf = (header: string | string[] | undefined): string =>
  Array.isArray(header) ? header.join('; ') : (header ?? '')

/**
 * Quotes the value, as vCenter does. Omits Secure on an unencrypted connection, where clients would not send
 * the cookie.
 */
const setCookie = (value: string, { secure }: HttpRequest): string =>
  `vmware_soap_session="${value}"; Path=/; HttpOnly;${secure ? ' Secure;' : ''}`
