// A pool of vCenter sessions, one per user: opened on demand, kept while in use and for some time after, limited in number.
//
//   acquire(key) -> login queue -> slot -> logged in -> in use ... released -> idle -> logged out
//                     |              '- none free: evicts the least recently used idle session;
//                     |                 PoolFullError if none is idle
//                     '- no client waits for it any longer: it leaves the queue
//
// A login that was sent is never aborted, as it could leave an untracked session. Its slot is released once
// no client waits for it; if the login then succeeds and no slot is free, it is logged out.
// A login that failed permanently is cached by its key for some time. Requests that still hold that session
// get the error from the session itself.

import { LRUCache } from 'lru-cache'
import { withSignal } from '../concurrency/timing.ts'
import { isLoginRejected, LostLoginResponseError } from '../vim25/session/established-login.ts'
import type { Login } from '../vim25/session/login.ts'
import type { LoginFailure } from '../vim25/session/login-manager.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'
import type { ConnectedVCenter } from './connect-vcenter.ts'
import { type ClientInfo, createLoginQueue } from './login-queue.ts'

interface SessionPoolOptions {
  /** Maximum number of sessions, including those that log in or out, but not logins that no client waits for. */
  readonly max: number
  /** How long a session may be idle before it is logged out. */
  readonly idleTimeoutMs: number
}

interface AcquiredSession {
  readonly connected: ConnectedVCenter
  readonly login: Login
  /** Calling it again has no effect. */
  release(): void
}

export interface SessionPool {
  /** The cached login failure of a key, while the vCenter must not be tried again. */
  cachedFailure(key: string): LoginFailure | undefined
  /**
   * Returns the logged-in session of a key, kept until it is released. Concurrent callers share one login.
   * @throws PoolFullError, NoCapacityError, the public error of a permanent login failure (current or
   * cached), the reason why there is no session now, or the client's abort reason
   */
  acquire(key: string, connect: () => ConnectedVCenter, client: ClientInfo): Promise<AcquiredSession>
  /** Logs out all sessions. */
  close(): Promise<void>
}

export class PoolFullError extends Error {
  override name = 'PoolFullError' as const
}

/** How long rejected credentials are cached, and how many: repeating them would lock the account. */
const rejectedTtlMs = 15 * 60_000
const maxCachedFailures = 10_000

/**
 * The same for a login without a response, which may have been rejected: at one attempt per minute, vCenter's
 * default policy locks no account.
 */
const unansweredTtlMs = 60_000

const maxSweepIntervalMs = 10_000

interface Entry {
  readonly key: string
  readonly connected: ConnectedVCenter
  /** Removes the entry from the login queue. */
  readonly cancelLogin: AbortController
  /** Resolves when the entry has a slot and is logged in; undefined before it is queued. */
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
  /** The entries that new callers receive. */
  const byKey = new Map<string, Entry>()
  const closing = new Set<Promise<void>>()
  // Not `max`, which allocates memory for all entries up front.
  const failures = new LRUCache<string, LoginFailure>({
    maxSize: maxCachedFailures,
    sizeCalculation: () => 1,
  })
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
      await loginQueue.run({ caller: address, signal: entry.cancelLogin.signal }, () => openEntry(entry))
    } catch (error) {
      await closeEntry(entry)
      throw error
    }
  }

  async function openEntry(entry: Entry): Promise<void> {
    entry.state = 'loggingIn'
    try {
      await acquireSlot(entry)
      if (entry.refCount === 0) throw new PoolFullError(noWaitingClient)
      await entry.connected.vcenter.session.ensureLogin()
      if (!entry.hasSlot) await acquireSlot(entry)
      entry.state = 'open'
      entry.lastUsedAt = performance.now()
    } catch (error) {
      // Before the queue runs the next login, so that it finds the slot free.
      await closeEntry(entry)
      throw error
    }
  }

  /** @throws PoolFullError; evicts no session if no client waits for this one */
  async function acquireSlot(entry: Entry): Promise<void> {
    while (usedSlots >= max) {
      if (entry.refCount === 0) throw new PoolFullError(noWaitingClient)
      const [leastRecentlyUsed] = [...entries].filter(isIdle).sort((a, b) => a.lastUsedAt - b.lastUsedAt)
      if (leastRecentlyUsed) await closeEntry(leastRecentlyUsed)
      else if (closing.size > 0) await Promise.race(closing)
      else throw new PoolFullError(`all ${max} sessions are in use`)
    }
    usedSlots += 1
    entry.hasSlot = true
  }

  /**
   * Stops handing out the entry, and caches its login failure, if any. Current holders keep it until they see
   * the failure themselves.
   */
  function evict(entry: Entry): void {
    const { key, connected } = entry
    if (byKey.get(key) !== entry) return
    byKey.delete(key)
    const { failure } = connected.vcenter.session
    const ttl = failure && failureTtlMs(failure)
    if (ttl !== undefined) failures.set(key, failure as LoginFailure, { ttl })
  }

  /** Logs out. The slot is free once that is done. */
  function closeEntry(entry: Entry): Promise<void> {
    entry.ended ??= (async () => {
      entry.cancelLogin.abort(shuttingDownFault())
      evict(entry)
      entries.delete(entry)
      // A session that cannot be logged out expires by itself; its slot must not be lost.
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
        // A login that cannot be repeated now may succeed when the vCenter is back.
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

const noWaitingClient = 'no client waits for this session'

const shuttingDownFault = () =>
  new VimFaultError({ _typeName: 'RequestCanceled' }, 'the gateway is shutting down')

/** How long to cache a failure; undefined for one that may be temporary and is safe to retry. */
function failureTtlMs({ error }: LoginFailure): number | undefined {
  if (isLoginRejected(error)) return rejectedTtlMs
  return error instanceof LostLoginResponseError ? unansweredTtlMs : undefined
}
