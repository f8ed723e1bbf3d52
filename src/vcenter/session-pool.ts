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
import { abortable } from '../vim25/session/with-signal.ts'
import type { Login } from '../vim25/session/login.ts'
import type { LoginFailure } from '../vim25/session/login-manager.ts'
import { isRefusal, UnansweredLoginError } from '../vim25/session/established-login.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'
import type { ConnectedVCenter } from './connect-vcenter.ts'
import { type Comer, createLoginLine } from './login-queue.ts'

interface PoolOptions {
  /** Sessions at most, with those that log in or out just now, but for logins that nobody waits for any more. */
  readonly most: number
  /** How long one may be unused before it is logged out. */
  readonly idleMs: number
}

interface HeldSession {
  readonly connected: ConnectedVCenter
  readonly login: Login
  /** Once is enough. */
  release(): void
}

export interface SessionPool {
  /** Why who this key stands for is not let in, where the vCenter is not asked again for some time. */
  failureOf(key: string): LoginFailure | undefined
  /**
   * The session of a key, logged in, kept until it is released: one login however many ask at the same time.
   * @throws PoolFullError, LineFullError, what is told of a login that failed for good, also earlier, why there is none now, or
   * the reason why the comer has given up.
   */
  hold(key: string, connect: () => ConnectedVCenter, comer: Comer): Promise<HeldSession>
  /** Logs all out. */
  close(): Promise<void>
}

export class PoolFullError extends Error {
  override name = 'PoolFullError' as const
}

/** How long credentials that were refused are known as that, and how many: what goes on with them would lock an account. */
const refusedMs = 15 * 60_000
const mostFailed = 10_000

/** The same where it is not known whether they were: as many in a row as this leaves lock no account, by vCenter's own policy. */
const unansweredMs = 60_000

const longestSweepMs = 10_000

interface Entry {
  readonly key: string
  readonly connected: ConnectedVCenter
  /** Takes it out of the line. */
  readonly leave: AbortController
  /** It has a place, and was logged in; undefined before it stood in line. */
  opened: Promise<void> | undefined
  state: 'in line' | 'logging in' | 'open'
  hasPlace: boolean
  holds: number
  /** When it was last seen in use. */
  usedAt: number
  ended: Promise<void> | undefined
}

export function createSessionPool({ most, idleMs }: PoolOptions): SessionPool {
  const entries = new Set<Entry>()
  /** Those that are given to who comes. */
  const byKey = new Map<string, Entry>()
  const leaving = new Set<Promise<void>>()
  const failed = new LRUCache<string, LoginFailure>({ max: mostFailed })
  const line = createLoginLine()
  let taken = 0
  let closed = false

  const isIdle = ({ holds, state, connected }: Entry): boolean =>
    holds === 0 && state === 'open' && !connected.isBusy

  function begin(key: string, connected: ConnectedVCenter): Entry {
    const entry: Entry = {
      key,
      connected,
      leave: new AbortController(),
      opened: undefined,
      state: 'in line',
      hasPlace: false,
      holds: 0,
      usedAt: 0,
      ended: undefined,
    }
    entries.add(entry)
    byKey.set(key, entry)
    return entry
  }

  async function standInLine(entry: Entry, { address }: Comer): Promise<void> {
    try {
      await line.run({ address, signal: entry.leave.signal }, () => open(entry))
    } catch (error) {
      await end(entry)
      throw error
    }
  }

  async function open(entry: Entry): Promise<void> {
    entry.state = 'logging in'
    try {
      await takePlace(entry)
      if (entry.holds === 0) throw new PoolFullError(nobodyWaits)
      await entry.connected.vcenter.session.loggedIn()
      if (!entry.hasPlace) await takePlace(entry)
      entry.state = 'open'
      entry.usedAt = performance.now()
    } catch (error) {
      // In the same turn, so that the next one finds the place free.
      await end(entry)
      throw error
    }
  }

  /** @throws PoolFullError; nobody is logged out for one that nobody waits for */
  async function takePlace(entry: Entry): Promise<void> {
    while (taken >= most) {
      if (entry.holds === 0) throw new PoolFullError(nobodyWaits)
      const [longest] = [...entries].filter(isIdle).sort((a, b) => a.usedAt - b.usedAt)
      if (longest) await end(longest)
      else if (leaving.size > 0) await Promise.race(leaving)
      else throw new PoolFullError(`all ${most} sessions are in use`)
    }
    taken += 1
    entry.hasPlace = true
  }

  /** Gives it to nobody any more, and notes why if it failed. Who has it keeps it until they see for themselves. */
  function passOver(entry: Entry): void {
    const { key, connected } = entry
    if (byKey.get(key) !== entry) return
    byKey.delete(key)
    const { failure } = connected.vcenter.session
    const ttl = failure && knownMs(failure)
    if (ttl !== undefined) failed.set(key, failure as LoginFailure, { ttl })
  }

  /** Logs out. The place is free when that is done. */
  function end(entry: Entry): Promise<void> {
    entry.ended ??= (async () => {
      entry.leave.abort(stops())
      passOver(entry)
      entries.delete(entry)
      // A session that cannot be logged out of ends by itself; its place must not be lost for that.
      const left = entry.connected.close().catch(() => {})
      leaving.add(left)
      await left
      leaving.delete(left)
      giveBack(entry)
    })()
    return entry.ended
  }

  function giveBack(entry: Entry): void {
    if (entry.hasPlace) taken -= 1
    entry.hasPlace = false
  }

  function release(entry: Entry): void {
    entry.holds -= 1
    entry.usedAt = performance.now()
    if (entry.holds > 0) return
    if (entry.state === 'in line') void end(entry)
    if (entry.state === 'logging in') giveBack(entry)
  }

  function sweep(): void {
    const now = performance.now()
    for (const entry of [...entries]) {
      if (!isIdle(entry)) entry.usedAt = now
      else if (entry.connected.vcenter.session.failure || now - entry.usedAt >= idleMs) void end(entry)
    }
  }
  const sweeping = setInterval(sweep, Math.min(idleMs / 2, longestSweepMs)).unref()

  return {
    failureOf: (key) => failed.get(key),
    async hold(key, connect, comer) {
      comer.signal.throwIfAborted()
      if (closed) throw stops()
      const standing = byKey.get(key)
      if (standing?.connected.vcenter.session.failure) passOver(standing)
      const known = failed.get(key)
      if (known) throw known.told
      const entry = byKey.get(key) ?? begin(key, connect())
      const { session } = entry.connected.vcenter
      let isHeld = true
      entry.holds += 1
      entry.opened ??= standInLine(entry, comer)
      const releaseOnce = () => {
        if (isHeld) release(entry)
        isHeld = false
      }
      try {
        await abortable(entry.opened, comer.signal)
        return {
          connected: entry.connected,
          login: await session.loggedIn({ signal: comer.signal }),
          release: releaseOnce,
        }
      } catch (error) {
        releaseOnce()
        // One that cannot log in again now may do so when the vCenter is back.
        if (session.failure) passOver(entry)
        throw error
      }
    },
    async close() {
      closed = true
      clearInterval(sweeping)
      await Promise.all([...entries].map(end))
      await Promise.all(leaving)
    },
  }
}

const nobodyWaits = 'nobody waits for it any more'

const stops = () => new VimFaultError({ _typeName: 'RequestCanceled' }, 'the gateway stops')

/** How long a failure is known; undefined for what may be over, and costs nothing to try. */
function knownMs({ error }: LoginFailure): number | undefined {
  if (isRefusal(error)) return refusedMs
  return error instanceof UnansweredLoginError ? unansweredMs : undefined
}
