// The vAPI endpoints of a simulated vCenter: sessions and tagging, in both generations (`/api` and `/rest`). What it does not serve is
// 404, as in a vCenter.

import type { ConnectionDrop, Undo } from '../fault-injection.ts'
import type { HttpReply, HttpRequest } from '../service/web-service.ts'
import type { RestSession, RestSessions } from './rest-sessions.ts'
import { TaggingError, type TagStore } from './tag-store.ts'
import { taggingResult } from './tagging-routes.ts'

/** A request of vAPI: its method and its path with the query. */
export interface RestCall {
  readonly method: string
  readonly path: string
}

type Generation = 'api' | 'rest'

/** A reply in place of the service's own, such as that of a proxy. */
export interface InjectedReply {
  readonly status: number
  readonly body?: string
  /** @default 'application/json' */
  readonly contentType?: string
  /** Drops the connection instead; `unanswered` executes the call first. */
  readonly drop?: ConnectionDrop
}

interface Injection {
  readonly reply: InjectedReply
  readonly path: RegExp
  remaining: number
}

/** What a request leads to: a status and a JSON value, none for an empty body. */
export interface RestResult {
  readonly status: number
  readonly value?: unknown
}

const sessionPaths: Readonly<Record<Generation, string>> = {
  api: '/api/session',
  rest: '/rest/com/vmware/cis/session',
}

const taggingPaths: Readonly<Record<Generation, string>> = {
  api: '/api/cis/tagging/',
  rest: '/rest/com/vmware/cis/tagging/',
}

export class RestService {
  readonly sessions: RestSessions
  readonly store: TagStore
  /** Every request so far, in order of arrival. Clear it with `calls.length = 0`. */
  readonly calls: RestCall[] = []
  /** The generations that are served. */
  readonly generations = new Set<Generation>(['api', 'rest'])
  readonly #injections = new Set<Injection>()

  constructor(store: TagStore, sessions: RestSessions) {
    this.store = store
    this.sessions = sessions
  }

  /** Replies to requests whose path matches in place of the service. @default times: 1 */
  inject(reply: InjectedReply, path = /./, times = 1): Undo {
    const injection = { reply, path, remaining: times }
    this.#injections.add(injection)
    return () => this.#injections.delete(injection)
  }

  handle(request: HttpRequest): HttpReply | undefined {
    const url = new URL(request.path, 'http://localhost')
    const generation = (['api', 'rest'] as const).find((each) => url.pathname.startsWith(`/${each}/`))
    if (!generation) return undefined
    this.calls.push({ method: request.method, path: request.path })
    const injected = this.#take(request.path)
    if (injected && injected.drop === undefined) return replyOf(injected)
    if (injected?.drop === 'unread') return { ...replyOf(injected), drop: 'unread' }
    const { status, value } = this.generations.has(generation)
      ? this.#serve(generation, url, request)
      : pathNotFound(generation)
    const reply = {
      status,
      headers: { 'content-type': 'application/json' },
      body: value === undefined ? '' : JSON.stringify(value),
    }
    return injected?.drop === undefined ? reply : { ...reply, drop: injected.drop }
  }

  #serve(generation: Generation, url: URL, request: HttpRequest): RestResult {
    const path = decodeURIComponent(url.pathname)
    if (path === sessionPaths[generation]) return this.#session(generation, url, request)
    const session = this.sessions.touch(sessionIdIn(request))
    if (!path.startsWith(taggingPaths[generation])) return pathNotFound(generation)
    if (!session) return unauthenticated(generation)
    return this.#tagging(generation, session, path.slice(taggingPaths[generation].length), url, request)
  }

  #session(generation: Generation, url: URL, request: HttpRequest): RestResult {
    const wrapped = (value: unknown) => (generation === 'rest' ? { value } : value)
    const isCheck =
      generation === 'rest' ? url.searchParams.get('~action') === 'get' : request.method === 'GET'
    if (isCheck || request.method === 'DELETE') {
      const session = this.sessions.touch(sessionIdIn(request))
      if (!session) return unauthenticated(generation)
      if (request.method === 'DELETE') {
        this.sessions.end(session.id)
        return generation === 'rest' ? { status: 200, value: {} } : { status: 204 }
      }
      const { user, createdAt, lastAccessedAt } = session
      return {
        status: 200,
        value: wrapped({
          user: user.username,
          created_time: createdAt.toISOString(),
          last_accessed_time: lastAccessedAt.toISOString(),
        }),
      }
    }
    if (request.method !== 'POST') return pathNotFound(generation)
    const session = this.sessions.logIn(String(request.headers.authorization ?? ''))
    if (session === 'full')
      return failure(generation, 503, {
        id: 'com.vmware.vapi.endpoint.failedToLoginMaxUserSessionCountReached',
        text: 'User session limit reached.',
      })
    if (!session) return unauthenticated(generation)
    return generation === 'rest'
      ? { status: 200, value: { value: session.id } }
      : { status: 201, value: session.id }
  }

  #tagging(
    generation: Generation,
    session: RestSession,
    path: string,
    url: URL,
    { method, body }: HttpRequest,
  ): RestResult {
    const [resource = '', ...others] = path.split('/')
    const idPart = others.length === 0 ? undefined : others.join('/')
    const isPrefixed = idPart?.startsWith('id:')
    // An id has a prefix in one generation only.
    if (idPart !== undefined && isPrefixed !== (generation === 'rest')) return pathNotFound(generation)
    const id = isPrefixed ? idPart?.slice(3) : idPart
    const action = url.searchParams.get(generation === 'rest' ? '~action' : 'action') ?? undefined
    let input: Record<string, unknown>
    try {
      input = body.trim() === '' ? {} : JSON.parse(body)
    } catch {
      return failure(generation, 400, { id: 'com.vmware.vapi.rest.badRequest', text: 'Invalid JSON.' })
    }
    try {
      const result = taggingResult(this.store, session.access, { method, resource, id, action, input })
      if (!result) return pathNotFound(generation)
      if (generation === 'rest') return { status: 200, value: 'value' in result ? result : {} }
      return 'value' in result ? { status: 200, value: result.value } : { status: 204 }
    } catch (error) {
      if (!(error instanceof TaggingError)) throw error
      return failure(generation, error.status, { id: error.messageId, text: error.message })
    }
  }

  #take(path: string): InjectedReply | undefined {
    for (const injection of this.#injections) {
      if (!injection.path.test(path)) continue
      injection.remaining -= 1
      if (injection.remaining <= 0) this.#injections.delete(injection)
      return injection.reply
    }
    return undefined
  }
}

/** Clients send the id in a header; without the header at the login they may keep it as a cookie. */
function sessionIdIn({ headers }: HttpRequest): string {
  const [, cookie = ''] = /vmware-api-session-id=([0-9a-f]+)/.exec(String(headers.cookie ?? '')) ?? []
  return String(headers['vmware-api-session-id'] ?? cookie)
}

const replyOf = ({ status, body = '', contentType = 'application/json' }: InjectedReply): HttpReply => ({
  status,
  headers: { 'content-type': contentType },
  body,
})

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_argument',
  401: 'unauthenticated',
  403: 'unauthorized',
  404: 'not_found',
  503: 'service_unavailable',
}

function failure(
  generation: Generation,
  status: number,
  { id, text }: { readonly id: string; readonly text: string },
): RestResult {
  const messages = [{ args: [], default_message: text, id }]
  const type = errorTypes[status] ?? 'error'
  const value =
    generation === 'rest'
      ? { type: `com.vmware.vapi.std.errors.${type}`, value: { messages } }
      : { error_type: type.toUpperCase(), messages }
  return { status, value }
}

const unauthenticated = (generation: Generation): RestResult =>
  failure(generation, 401, {
    id: 'com.vmware.vapi.endpoint.method.authentication.required',
    text: 'Authentication required.',
  })

const pathNotFound = (generation: Generation): RestResult =>
  failure(generation, 404, { id: 'com.vmware.vapi.rest.httpNotFound', text: 'Not found.' })
