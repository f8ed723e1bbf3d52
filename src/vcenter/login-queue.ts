// The line of those who want to log in to the vCenter. Anybody can stand in it, so it has turns and an end: few log in at the
// same time, addresses take turns, and who hangs up leaves.

import type { Caller } from '../vim25/session/call-options.ts'
import { createFairQueue } from '../vim25/session/fair-queue.ts'

/**
 * Logins at the same time. Who may not log in at all is only found out by trying, and must not push more idle sessions out
 * than that.
 */
const maxConcurrentLogins = 8

/** Of one address: that of a proxy which is not known to be one is that of all who come through it. */
const maxQueuedPerAddress = 100

/** Who comes from somewhere, until they give up. */
export interface ClientInfo {
  /** The network address; those that are not known are taken for one. */
  readonly address: string | undefined
  readonly signal: AbortSignal
}

export interface LoginQueue {
  /** @throws LoginQueueFullError, or the signal's reason when it is aborted before the turn has come */
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
        throw new LoginQueueFullError(`${maxQueuedPerAddress} logins of one address wait already`)
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
