// Which operations acquire slots, which are queued, and which are rejected.

import { expect, it, vi } from 'vitest'
import { type Release, WeightedSemaphore } from '../../../src/server/execution/weighted-semaphore.ts'

const never = new AbortController().signal
const acquire = (semaphore: WeightedSemaphore, caller?: string) =>
  semaphore.acquire(caller, never) as Promise<Release>

it('grants its slots, and grants a released slot again', async () => {
  const semaphore = new WeightedSemaphore({ capacity: 2 })
  const first = await acquire(semaphore)
  await acquire(semaphore)
  expect(semaphore.used).toBe(2)
  expect(await acquire(semaphore)).toBeUndefined()
  first()
  first()
  expect(semaphore.used).toBe(1)
  expect(await acquire(semaphore)).toBeTypeOf('function')
  expect(await acquire(semaphore)).toBeUndefined()
})

it('serves the queue in order, and rejects callers when it is full', async () => {
  const semaphore = new WeightedSemaphore({ capacity: 1, queueLimit: 2, queueTimeoutMs: 60_000 })
  const leave = await acquire(semaphore)
  const order: string[] = []
  const recordOrder = async (name: string) => {
    const leave = await acquire(semaphore)
    order.push(name)
    return leave
  }
  const second = recordOrder('second')
  const third = recordOrder('third')
  expect(semaphore.queued).toBe(2)
  expect(await acquire(semaphore)).toBeUndefined()
  leave()
  ;(await second)()
  ;(await third)()
  expect(order).toEqual(['second', 'third'])
  expect([semaphore.used, semaphore.queued]).toEqual([0, 0])
})

it('removes a queued caller after the timeout or when it disconnects', async () => {
  vi.useFakeTimers()
  try {
    const semaphore = new WeightedSemaphore({ capacity: 1, queueLimit: 2, queueTimeoutMs: 10_000 })
    await acquire(semaphore)
    const client = new AbortController()
    const removed = semaphore.acquire(undefined, client.signal)
    const waiting = acquire(semaphore)
    client.abort()
    expect(await removed).toBeUndefined()
    expect(semaphore.queued).toBe(1)
    vi.advanceTimersByTime(10_000)
    expect(await waiting).toBeUndefined()
    expect([semaphore.used, semaphore.queued]).toEqual([1, 0])
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

it('limits an identified caller to half the slots without blocking other callers', async () => {
  const semaphore = new WeightedSemaphore({ capacity: 4, queueLimit: 4, queueTimeoutMs: 60_000 })
  const own = [await acquire(semaphore, 'a'), await acquire(semaphore, 'a')] as const
  const third = acquire(semaphore, 'a')
  expect(semaphore.queued).toBe(1)
  expect(await acquire(semaphore, 'b')).toBeTypeOf('function')
  own[0]()
  expect(await third).toBeTypeOf('function')
  expect(semaphore.used).toBe(3)
})

it('limits a large operation to half the slots, and queues it until they are free', async () => {
  const semaphore = new WeightedSemaphore({ capacity: 10, queueLimit: 2, queueTimeoutMs: 60_000 })
  const large = () => semaphore.acquire(undefined, never, 1) as Promise<Release>
  const first = await large()
  expect([semaphore.used, semaphore.inFlight]).toEqual([5, 1])
  const small = await acquire(semaphore)
  const second = large()
  expect(semaphore.queued).toBe(1)
  expect(await semaphore.acquire(undefined, never, 0.4)).toBeTypeOf('function')
  expect([semaphore.used, semaphore.inFlight]).toEqual([8, 3])
  small()
  expect(semaphore.queued).toBe(1)
  first()
  ;(await second)()
  expect([semaphore.used, semaphore.inFlight, semaphore.queued]).toEqual([2, 1, 0])
})
