// Login sessions. A session is looked up by its cookie, identified by its key, and owns objects that no other
// session sees.

import { randomBytes, randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { Access } from '../authorization/access.ts'
import { accountOf } from '../authorization/accounts.ts'
import type { Clock } from '../clock.ts'
import { type Property, type SimulatedInventory, SimulatedObject } from '../simulated-inventory.ts'

/** Client data that a session records. */
export interface Caller {
  readonly ipAddress: string
  readonly userAgent: string
}

export class Session {
  readonly key = randomUUID()
  /** The cookie value. As in a vCenter, it is unrelated to the key. */
  readonly cookie = newCookie()
  readonly userName: string
  readonly fullName: string
  /** What the user may do. */
  readonly access: Access
  readonly locale: string
  readonly caller: Caller
  readonly loginTime: Date
  lastActiveTime: Date
  callCount = 0
  /** The Login response was not delivered completely, so the client may not know of the session. */
  isOrphaned = false
  readonly #objects = new Map<string, SimulatedObject>()
  readonly #ending = new AbortController()

  constructor(access: Access, locale: string, caller: Caller, now: Date) {
    const { name, domain } = accountOf(access.userName)
    this.userName = access.userName
    this.fullName = domain === undefined ? name : `${name} ${domain.toLowerCase()}`
    this.access = access
    this.locale = locale
    this.caller = caller
    this.loginTime = now
    this.lastActiveTime = now
    // One listener for each pending call.
    setMaxListeners(0, this.ended)
  }

  /** Aborted when the session ends. */
  get ended(): AbortSignal {
    return this.#ending.signal
  }

  /**
   * Objects that are deleted with the session: views, collectors, filters, and its own versions of the
   * singletons.
   */
  get objects(): ReadonlyMap<string, SimulatedObject> {
    return this.#objects
  }

  /** Whether the user sees that an object of the inventory exists. */
  readonly canSee = (ref: ManagedObjectReference): boolean => this.access.canView(ref)

  find(ref: ManagedObjectReference): SimulatedObject | undefined {
    const object = this.#objects.get(ref.value)
    return object?.type === ref.type ? object : undefined
  }

  /** Adds an object with a moid in the format that a vCenter uses for session objects. */
  create(
    objects: SimulatedInventory,
    type: ManagedObjectType,
    properties: Readonly<Record<string, Property>>,
  ): SimulatedObject {
    return this.shadow(objects, type, `session[${this.key}]${randomUUID()}`, properties)
  }

  /** Adds an object that this session sees instead of the inventory's object with the same moid. */
  shadow(
    objects: SimulatedInventory,
    type: ManagedObjectType,
    moid: string,
    properties: Readonly<Record<string, Property>>,
  ): SimulatedObject {
    const object = new SimulatedObject(objects, type, moid, properties)
    this.#objects.set(moid, object)
    return object
  }

  remove(object: SimulatedObject): void {
    this.#objects.delete(object.moid)
  }

  end(): void {
    this.#objects.clear()
    this.#ending.abort()
  }

  toUserSession(): DataObject<'UserSession'> {
    return {
      _typeName: 'UserSession',
      key: this.key,
      userName: this.userName,
      fullName: this.fullName,
      loginTime: this.loginTime,
      lastActiveTime: this.lastActiveTime,
      locale: this.locale,
      messageLocale: this.locale,
      extensionSession: false,
      ...this.caller,
      callCount: this.callCount,
    }
  }
}

/** Creates a cookie value, also for failed logins, for which a vCenter sends an invalid cookie. */
export const newCookie = (): string => randomBytes(20).toString('hex')

export class Sessions {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #byCookie = new Map<string, Session>()

  constructor(clock: Clock, idleMs: number) {
    this.#clock = clock
    this.#idleMs = idleMs
  }

  add(access: Access, locale: string, caller: Caller): Session {
    const session = new Session(access, locale, caller, this.#clock.now())
    this.#byCookie.set(session.cookie, session)
    return session
  }

  /** Returns the live sessions. Ends those that have timed out. */
  list(): Session[] {
    return [...this.#byCookie.keys()]
      .map((cookie) => this.withCookie(cookie))
      .filter((session) => session !== undefined)
  }

  withCookie(cookie: string): Session | undefined {
    const session = this.#byCookie.get(cookie)
    const idleSince = this.#clock.now().getTime() - this.#idleMs
    if (!session || session.lastActiveTime.getTime() >= idleSince) return session
    this.end(session)
    return undefined
  }

  withKey(key: string): Session | undefined {
    return this.list().find((session) => session.key === key)
  }

  /** Counts a call and resets the idle time. */
  touch(session: Session): void {
    session.lastActiveTime = this.#clock.now()
    session.callCount += 1
  }

  end(session: Session): void {
    this.#byCookie.delete(session.cookie)
    session.end()
  }

  endAll(): void {
    for (const session of [...this.#byCookie.values()]) this.end(session)
  }
}
