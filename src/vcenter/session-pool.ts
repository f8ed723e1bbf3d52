// Sessions with the vCenter, one a person: made when they come, kept while they are used and some time after, and never more
// than so many.
//
//   hold(key) -> its turn to log in -> a place -> logged in -> held ... released -> idle -> logged out
//                  |                     '- all taken: the one that is idle longest makes room; all in use: PoolFullError
//                  '- nobody waits for it any more: it leaves the line
// A login that was sent is not cut, as it may leave a session that nobody knows. Its place is free once nobody waits for it; if
// it has none when it is let in, it is logged out.
// A login that failed for good is known by its key for some time. Whoever else still has that session is told by it.

import { LRUCache } from 'lru-cache'
import { isLoginRefused, UnansweredLoginError } from '../vim25/session/established-login.ts'
import type { Login } from '../vim25/session/login.ts'
import type { LoginFailure } from '../vim25/session/login-manager.ts'
import { withSignal } from '../vim25/session/with-signal.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'
import type { ConnectedVCenter } from './connect-vcenter.ts'
import { type ClientInfo, createLoginQueue } from './login-queue.ts'

interface SessionPoolOptions {
  /** Sessions at most, with those that log in or out just now, but for logins that nobody waits for any more. */
  readonly max: number
  /** How long one may be unused before it is logged out. */
  readonly idleTimeoutMs: number
}

interface AcquiredSession {
  readonly connected: ConnectedVCenter
  readonly login: Login
  /** Once is enough. */
  release(): void
}

export interface SessionPool {
  /** Why who this key stands for is not let in, where the vCenter is not asked again for some time. */
  cachedFailure(key: string): LoginFailure | undefined
  /**
   * The session of a key, logged in, kept until it is released: one login however many ask at the same time.
   * @throws PoolFullError, LoginQueueFullError, what is told of a login that failed for good, also earlier, why there is none now, or
   * the reason why the comer has given up.
   */
  acquire(key: string, connect: () => ConnectedVCenter, client: ClientInfo): Promise<AcquiredSession>
  /** Logs all out. */
  close(): Promise<void>
}

export class PoolFullError extends Error {
  override name = 'PoolFullError' as const
}

/** How long credentials that were refused are known as that, and how many: what goes on with them would lock an account. */
const refusedTtlMs = 15 * 60_000
const maxCachedFailures = 10_000

/** The same where it is not known whether they were: as many in a row as this leaves lock no account, by vCenter's own policy. */
const unansweredTtlMs = 60_000

const maxSweepIntervalMs = 10_000

interface Entry {
  readonly key: string
  readonly connected: ConnectedVCenter
  /** Takes it out of the line. */
  readonly cancelLogin: AbortController
  /** It has a place, and was logged in; undefined before it stood in line. */
  opened: Promise<void> | undefined
  state: 'queued' | 'loggingIn' | 'open'
  hasSlot: boolean
  refCount: number
  /** When it was last seen in use. */
  lastUsedAt: number
  ended: Promise<void> | undefined
}

export function createSessionPool({ max, idleTimeoutMs }: SessionPoolOptions): SessionPool {
  const entries = new Set<Entry>()
  /** Those that are given to who comes. */
  const byKey = new Map<string, Entry>()
  const closing = new Set<Promise<void>>()
  const failures = new LRUCache<string, LoginFailure>({ max: maxCachedFailures })
  const loginQueue = createLoginQueue()
  let usedSlots = 0
  let isClosed = false

  const isIdle = ({ refCount, state, connected }: Entry): boolean =>
    refCount === 0 && state === 'open' && !connected.isBusy

  function addEntry(key: string, connected: ConnectedVCenter): Entry {
    const entry: Entry = {
      key,
      connected,
      cancelLogin: new AbortController(),
      opened: undefined,
      state: 'queued',
      hasSlot: false,
      refCount: 0,
      lastUsedAt: 0,
      ended: undefined,
    }
    entries.add(entry)
    byKey.set(key, entry)
    return entry
  }

  async function enqueue(entry: Entry, { address }: ClientInfo): Promise<void> {
    try {
      await loginQueue.run({ address, signal: entry.cancelLogin.signal }, () => openEntry(entry))
    } catch (error) {
      await closeEntry(entry)
      throw error
    }
  }

  async function openEntry(entry: Entry): Promise<void> {
    entry.state = 'loggingIn'
    try {
      await acquireSlot(entry)
      if (entry.refCount === 0) throw new PoolFullError(noWaiters)
      await entry.connected.vcenter.session.ensureLogin()
      if (!entry.hasSlot) await acquireSlot(entry)
      entry.state = 'open'
      entry.lastUsedAt = performance.now()
    } catch (error) {
      // In the same turn, so that the next one finds the place free.
      await closeEntry(entry)
      throw error
    }
  }

  /** @throws PoolFullError; nobody is logged out for one that nobody waits for */
  async function acquireSlot(entry: Entry): Promise<void> {
    while (usedSlots >= max) {
      if (entry.refCount === 0) throw new PoolFullError(noWaiters)
      const [leastRecentlyUsed] = [...entries].filter(isIdle).sort((a, b) => a.lastUsedAt - b.lastUsedAt)
      if (leastRecentlyUsed) await closeEntry(leastRecentlyUsed)
      else if (closing.size > 0) await Promise.race(closing)
      else throw new PoolFullError(`all ${max} sessions are in use`)
    }
    usedSlots += 1
    entry.hasSlot = true
  }

  /** Gives it to nobody any more, and notes why if it failed. Who has it keeps it until they see for themselves. */
  function evict(entry: Entry): void {
    const { key, connected } = entry
    if (byKey.get(key) !== entry) return
    byKey.delete(key)
    const { failure } = connected.vcenter.session
    const ttl = failure && failureTtlMs(failure)
    if (ttl !== undefined) failures.set(key, failure as LoginFailure, { ttl })
  }

  /** Logs out. The place is free when that is done. */
  function closeEntry(entry: Entry): Promise<void> {
    entry.ended ??= (async () => {
      entry.cancelLogin.abort(shuttingDownFault())
      evict(entry)
      entries.delete(entry)
      // A session that cannot be logged out of ends by itself; its place must not be lost for that.
      const closed = entry.connected.close().catch(() => {})
      closing.add(closed)
      await closed
      closing.delete(closed)
      releaseSlot(entry)
    })()
    return entry.ended
  }

  function releaseSlot(entry: Entry): void {
    if (entry.hasSlot) usedSlots -= 1
    entry.hasSlot = false
  }

  function release(entry: Entry): void {
    entry.refCount -= 1
    entry.lastUsedAt = performance.now()
    if (entry.refCount > 0) return
    if (entry.state === 'queued') void closeEntry(entry)
    if (entry.state === 'loggingIn') releaseSlot(entry)
  }

  function sweep(): void {
    const now = performance.now()
    for (const entry of [...entries]) {
      if (!isIdle(entry)) entry.lastUsedAt = now
      else if (entry.connected.vcenter.session.failure || now - entry.lastUsedAt >= idleTimeoutMs)
        void closeEntry(entry)
    }
  }
  const sweepTimer = setInterval(sweep, Math.min(idleTimeoutMs / 2, maxSweepIntervalMs)).unref()

  return {
    cachedFailure: (key) => failures.get(key),
    async acquire(key, connect, client) {
      client.signal.throwIfAborted()
      if (isClosed) throw shuttingDownFault()
      const current = byKey.get(key)
      if (current?.connected.vcenter.session.failure) evict(current)
      const failure = failures.get(key)
      if (failure) throw failure.publicError
      const entry = byKey.get(key) ?? addEntry(key, connect())
      const { session } = entry.connected.vcenter
      let isHeld = true
      entry.refCount += 1
      entry.opened ??= enqueue(entry, client)
      const releaseOnce = () => {
        if (isHeld) release(entry)
        isHeld = false
      }
      try {
        await withSignal(entry.opened, client.signal)
        return {
          connected: entry.connected,
          login: await session.ensureLogin({ signal: client.signal }),
          release: releaseOnce,
        }
      } catch (error) {
        releaseOnce()
        // One that cannot log in again now may do so when the vCenter is back.
        if (session.failure) evict(entry)
        throw error
      }
    },
    async close() {
      isClosed = true
      clearInterval(sweepTimer)
      await Promise.all([...entries].map(closeEntry))
      await Promise.all(closing)
    },
  }
}

const noWaiters = 'nobody waits for it any more'

const shuttingDownFault = () =>
  new VimFaultError({ _typeName: 'RequestCanceled' }, 'the gateway is shutting down')

/** How long a failure is known; undefined for what may be over, and costs nothing to try. */
function failureTtlMs({ error }: LoginFailure): number | undefined {
  if (isLoginRefused(error)) return refusedTtlMs
  return error instanceof UnansweredLoginError ? unansweredTtlMs : undefined
}
