// Sessions with the vCenter, one a person: made when they come, kept while they are used and some time after, and never more
// than so many.
//
//   hold(key) -> its turn to log in -> a place -> logged in -> held ... released -> idle -> logged out
//                                        '- all taken: the one that is idle longest makes room; all in use: PoolFullError

import { LRUCache } from 'lru-cache'
import { createCallQueue } from '../vim25/call-queue.ts'
import type { Login } from '../vim25/session.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'
import type { ConnectedVCenter } from './connect-vcenter.ts'

interface PoolOptions {
  /** Sessions at most, with those that log in or out just now. */
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
  /** The vCenter has refused who this key stands for, and is not asked again for some time. */
  isRefused(key: string): boolean
  /**
   * The session of a key, logged in, kept until it is released: one login however many ask at the same time.
   * @throws PoolFullError, a VimFaultError InvalidLogin also when it is not asked again, or what logging in fails with.
   */
  hold(key: string, connect: () => ConnectedVCenter): Promise<HeldSession>
  /** Logs all out. */
  close(): Promise<void>
}

export class PoolFullError extends Error {
  override name = 'PoolFullError' as const
}

/**
 * Logins at the same time. Who may not log in at all is only found out by trying, and must not push more idle sessions out
 * than that.
 */
const mostLogins = 8

/** How long credentials that were refused are known as that, and how many: what goes on with them would lock an account. */
const refusedMs = 15 * 60_000
const mostRefused = 10_000

const longestSweepMs = 10_000

interface Entry {
  readonly key: string
  readonly connected: ConnectedVCenter
  /** It has a place, and was logged in. */
  opened: Promise<void>
  hasPlace: boolean
  holds: number
  /** When it was last seen in use. */
  usedAt: number
  ended: Promise<void> | undefined
}

export function createSessionPool({ most, idleMs }: PoolOptions): SessionPool {
  const entries = new Map<string, Entry>()
  const leaving = new Set<Promise<void>>()
  const refused = new LRUCache<string, true>({ max: mostRefused, ttl: refusedMs })
  const logins = createCallQueue(mostLogins)
  let taken = 0
  let closed = false

  const isIdle = ({ holds, connected }: Entry): boolean => holds === 0 && !connected.isBusy

  function begin(key: string, connected: ConnectedVCenter): Entry {
    const entry = {
      key,
      connected,
      opened: Promise.resolve(),
      hasPlace: false,
      holds: 0,
      usedAt: 0,
      ended: undefined,
    }
    entry.opened = logins.run({}, () => open(entry))
    entries.set(key, entry)
    return entry
  }

  async function open(entry: Entry): Promise<void> {
    try {
      await takePlace(entry)
      await entry.connected.vcenter.session.loggedIn()
    } catch (error) {
      // In the same turn, so that the next one finds the place free.
      await end(entry)
      throw error
    }
  }

  /** @throws PoolFullError */
  async function takePlace(entry: Entry): Promise<void> {
    while (taken >= most) {
      const [longest] = [...entries.values()].filter(isIdle).sort((a, b) => a.usedAt - b.usedAt)
      if (longest) await end(longest)
      else if (leaving.size > 0) await Promise.race(leaving)
      else throw new PoolFullError(`all ${most} sessions are in use`)
    }
    taken += 1
    entry.hasPlace = true
  }

  /** Logs out. The place is free when that is done. */
  function end(entry: Entry): Promise<void> {
    entry.ended ??= (async () => {
      if (entry.connected.vcenter.session.refused) refused.set(entry.key, true)
      entries.delete(entry.key)
      // A session that cannot be logged out of ends by itself; its place must not be lost for that.
      const left = entry.connected.close().catch(() => {})
      leaving.add(left)
      await left
      leaving.delete(left)
      if (entry.hasPlace) taken -= 1
    })()
    return entry.ended
  }

  function sweep(): void {
    const now = performance.now()
    for (const entry of [...entries.values()]) {
      if (!isIdle(entry)) entry.usedAt = now
      else if (now - entry.usedAt >= idleMs) void end(entry)
    }
  }
  const sweeping = setInterval(sweep, Math.min(idleMs / 2, longestSweepMs)).unref()

  return {
    isRefused: (key) => refused.has(key),
    async hold(key, connect) {
      if (closed) throw new VimFaultError({ _typeName: 'RequestCanceled' }, 'the gateway stops')
      if (refused.has(key)) throw new VimFaultError({ _typeName: 'InvalidLogin' }, 'it was refused before')
      const entry = entries.get(key) ?? begin(key, connect())
      const { session } = entry.connected.vcenter
      let isHeld = true
      entry.holds += 1
      const release = () => {
        if (isHeld) entry.holds -= 1
        isHeld = false
        entry.usedAt = performance.now()
      }
      try {
        await entry.opened
        return { connected: entry.connected, login: await session.loggedIn(), release }
      } catch (error) {
        release()
        // One that cannot log in again now may do so when the vCenter is back.
        if (session.refused) void end(entry)
        throw error
      }
    },
    async close() {
      closed = true
      clearInterval(sweeping)
      await Promise.all([...entries.values()].map(end))
      await Promise.all(leaving)
    },
  }
}
