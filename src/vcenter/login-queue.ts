// The queue of logins to the vCenter. Unauthenticated clients can enter it, so it limits concurrency and
// length, is fair between client addresses, and drops clients that disconnect.

import type { Caller } from '../vim25/session/call-options.ts'
import { createFairQueue } from '../vim25/session/fair-queue.ts'

/**
 * Maximum concurrent logins. Invalid credentials are only detected by trying them, and must not evict more
 * idle sessions than this.
 */
const maxConcurrentLogins = 8

/** Limit per client address. All clients behind a proxy that is not trusted have the same address. */
const maxQueuedPerAddress = 100

/** A client of the queue. */
export interface ClientInfo {
  /** The network address. All unknown addresses count as one. */
  readonly address: string | undefined
  readonly signal: AbortSignal
}

export interface LoginQueue {
  /** @throws LoginQueueFullError, or the signal's reason if it aborts while the login is queued */
  run<T>(client: ClientInfo, login: () => Promise<T>): Promise<T>
}

export class LoginQueueFullError extends Error {
  override name = 'LoginQueueFullError' as const
}

export function createLoginQueue(): LoginQueue {
  const queue = createFairQueue(maxConcurrentLogins)
  const addresses = new Map<string | undefined, { readonly caller: Caller; queued: number }>()
  return {
    async run({ address, signal }, login) {
      const client = addresses.get(address) ?? { caller: { isHighPriority: false }, queued: 0 }
      if (client.queued >= maxQueuedPerAddress)
        throw new LoginQueueFullError(`${maxQueuedPerAddress} logins from one address are already queued`)
      addresses.set(address, client)
      client.queued += 1
      let isQueued = true
      const dequeue = () => {
        if (!isQueued) return
        isQueued = false
        client.queued -= 1
        if (client.queued === 0) addresses.delete(address)
      }
      try {
        return await queue.run({ caller: client.caller, signal }, () => {
          dequeue()
          return login()
        })
      } finally {
        dequeue()
      }
    },
  }
}
