// The sessions of vAPI. They are apart from the SOAP sessions: each has its own login, id and idle timeout.

import { randomBytes } from 'node:crypto'
import type { Access } from '../authorization/access.ts'
import { isSameAccount } from '../authorization/accounts.ts'
import type { Authorization, SimulatedUser } from '../authorization/authorization.ts'
import type { Clock } from '../clock.ts'

export interface RestSession {
  readonly id: string
  readonly user: SimulatedUser
  readonly access: Access
  readonly createdAt: Date
  lastAccessedAt: Date
}

export class RestSessions {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #users: readonly SimulatedUser[]
  readonly #authorization: Authorization
  readonly #sessions = new Map<string, RestSession>()
  /** As in a vCenter before 8.0 U3. */
  maxPerUser = 550

  constructor(clock: Clock, idleMs: number, users: readonly SimulatedUser[], authorization: Authorization) {
    this.#clock = clock
    this.#idleMs = idleMs
    this.#users = users
    this.#authorization = authorization
  }

  get count(): number {
    return [...this.#sessions.keys()].filter((id) => this.#live(id)).length
  }

  /** Returns undefined if the credentials are wrong, and `full` if the user has too many sessions. */
  logIn(authorization: string): RestSession | 'full' | undefined {
    const [, encoded = ''] = /^Basic (.+)$/i.exec(authorization) ?? []
    const [, name = '', password = ''] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
    const user = this.#users.find((each) => isSameAccount(name, each.username) && each.password === password)
    if (!user) return undefined
    const others = [...this.#sessions.keys()].filter((id) => this.#live(id)?.user === user)
    if (others.length >= this.maxPerUser) return 'full'
    const now = this.#clock.now()
    const session = {
      id: randomBytes(16).toString('hex'),
      user,
      access: this.#authorization.accessOf(user.username),
      createdAt: now,
      lastAccessedAt: now,
    }
    this.#sessions.set(session.id, session)
    return session
  }

  /** Returns a live session, and resets its idle time. */
  touch(id: string): RestSession | undefined {
    const session = this.#live(id)
    if (session) session.lastAccessedAt = this.#clock.now()
    return session
  }

  end(id: string): void {
    this.#sessions.delete(id)
  }

  endAll(): void {
    this.#sessions.clear()
  }

  #live(id: string): RestSession | undefined {
    const session = this.#sessions.get(id)
    if (!session || session.lastAccessedAt.getTime() >= this.#clock.now().getTime() - this.#idleMs)
      return session
    this.end(id)
    return undefined
  }
}
