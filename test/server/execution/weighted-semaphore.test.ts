// Which operations acquire slots, which are queued, and which are rejected.

import { expect, it, vi } from 'vitest'
import { type Release, WeightedSemaphore } from '../../../src/server/execution/weighted-semaphore.ts'

const never = new AbortController().signal
const take = (semaphore: WeightedSemaphore, caller?: string) =>
  semaphore.acquire(caller, never) as Promise<Release>

it('grants its slots, and grants a released slot again', async () => {
  const semaphore = new WeightedSemaphore({ capacity: 2 })
  const first = await take(semaphore)
  await take(semaphore)
  expect(semaphore.used).toBe(2)
  expect(await take(semaphore)).toBeUndefined()
  first()
  first()
  expect(semaphore.used).toBe(1)
  expect(await take(semaphore)).toBeTypeOf('function')
  expect(await take(semaphore)).toBeUndefined()
})

it('serves the queue in order, and rejects callers when it is full', async () => {
  const semaphore = new WeightedSemaphore({ capacity: 1, queueLimit: 2, queueTimeoutMs: 60_000 })
  const leave = await take(semaphore)
  const order: string[] = []
  const noting = async (name: string) => {
    const leave = await take(semaphore)
    order.push(name)
    return leave
  }
  const second = noting('second')
  const third = noting('third')
  expect(semaphore.queued).toBe(2)
  expect(await take(semaphore)).toBeUndefined()
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
    await take(semaphore)
    const client = new AbortController()
    const removed = semaphore.acquire(undefined, client.signal)
    const patient = take(semaphore)
    client.abort()
    expect(await removed).toBeUndefined()
    expect(semaphore.queued).toBe(1)
    vi.advanceTimersByTime(10_000)
    expect(await patient).toBeUndefined()
    expect([semaphore.used, semaphore.queued]).toEqual([1, 0])
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

it('limits an identified caller to half the slots without blocking other callers', async () => {
  const semaphore = new WeightedSemaphore({ capacity: 4, queueLimit: 4, queueTimeoutMs: 60_000 })
  const own = [await take(semaphore, 'a'), await take(semaphore, 'a')] as const
  const third = take(semaphore, 'a')
  expect(semaphore.queued).toBe(1)
  expect(await take(semaphore, 'b')).toBeTypeOf('function')
  own[0]()
  expect(await third).toBeTypeOf('function')
  expect(semaphore.used).toBe(3)
})

it('limits a large operation to half the slots, and queues it until they are free', async () => {
  const semaphore = new WeightedSemaphore({ capacity: 10, queueLimit: 2, queueTimeoutMs: 60_000 })
  const large = () => semaphore.acquire(undefined, never, 1) as Promise<Release>
  const first = await large()
  expect([semaphore.used, semaphore.inFlight]).toEqual([5, 1])
  const small = await take(semaphore)
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
