// The line of those who want to log in to the vCenter. Anybody can stand in it, so it has turns and an end: few log in at the
// same time, addresses take turns, and who hangs up leaves.

import { createCallQueue } from '../vim25/session/fair-queue.ts'
import type { Caller } from '../vim25/session/call-options.ts'

/**
 * Logins at the same time. Who may not log in at all is only found out by trying, and must not push more idle sessions out
 * than that.
 */
const mostLogins = 8

/** Of one address: that of a proxy which is not known to be one is that of all who come through it. */
const mostWaiting = 100

/** Who comes from somewhere, until they give up. */
export interface Comer {
  /** The network address; those that are not known are taken for one. */
  readonly address: string | undefined
  readonly signal: AbortSignal
}

export interface LoginLine {
  /** @throws LineFullError, or the signal's reason when it is aborted before the turn has come */
  run<T>(comer: Comer, login: () => Promise<T>): Promise<T>
}

export class LineFullError extends Error {
  override name = 'LineFullError' as const
}

export function createLoginLine(): LoginLine {
  const queue = createCallQueue(mostLogins)
  const addresses = new Map<string | undefined, { readonly caller: Caller; waiting: number }>()
  return {
    async run({ address, signal }, login) {
      const from = addresses.get(address) ?? { caller: { first: false }, waiting: 0 }
      if (from.waiting >= mostWaiting)
        throw new LineFullError(`${mostWaiting} logins of one address wait already`)
      addresses.set(address, from)
      from.waiting += 1
      let waits = true
      const leave = () => {
        if (!waits) return
        waits = false
        from.waiting -= 1
        if (from.waiting === 0) addresses.delete(address)
      }
      try {
        return await queue.run({ caller: from.caller, signal }, () => {
          leave()
          return login()
        })
      } finally {
        leave()
      }
    },
  }
}
