// The queue of logins to the vCenter. Unauthenticated clients can enter it, so it limits concurrency and
// length, is fair between client addresses, and drops clients that disconnect.

import { FairQueue } from '../concurrency/fair-queue.ts'

/**
 * Maximum concurrent logins. Invalid credentials are only detected by trying them, and must not evict more
 * idle sessions than this.
 */
const maxConcurrentLogins = 8

/** Limit per client address. All clients behind a proxy that is not trusted have the same address. */
const maxQueuedPerAddress = 100

/** A client of the queue. */
export interface ClientInfo {
  /** The network address, by which clients take turns. All unknown addresses count as one. */
  readonly address: string | undefined
  readonly signal: AbortSignal
}

export const createLoginQueue = (): FairQueue =>
  new FairQueue({ capacity: maxConcurrentLogins, maxQueuedPerCaller: maxQueuedPerAddress })
