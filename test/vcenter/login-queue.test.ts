// Tests the login queue: cancelled logins leave it, client addresses take turns, and its length is limited.

import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLoginQueue } from '../../src/vcenter/login-queue.ts'

/**
 * A queue with this many logins of one address. The first eight are in progress until they are released.
 */
function startQueue(count: number, address: string) {
  const queue = createLoginQueue()
  const order: string[] = []
  const held = new Set<() => void>()
  const clients = Array.from({ length: count }, () => new AbortController())
  const enqueue = (from: string, { signal } = new AbortController()) =>
    queue.run(
      { caller: from, signal },
      () =>
        new Promise<void>((resolve) => {
          order.push(from)
          held.add(resolve)
        }),
    )
  const open = Promise.allSettled(clients.map((client) => enqueue(address, client)))
  const release = async () => {
    for (const releaseOne of held) {
      held.delete(releaseOne)
      releaseOne()
      // The next login has started.
      await setImmediate()
    }
  }
  return { order, clients, enqueue, open, release }
}

it('runs eight logins at once, and serves another address next, however many logins of one address wait', async () => {
  const { order, enqueue, open, release } = startQueue(60, 'busy-address')
  expect(order).toHaveLength(8)
  const other = enqueue('another')
  await release()
  await Promise.all([other, open])
  expect(order).toHaveLength(61)
  expect(order.indexOf('another')).toBeLessThan(10)
})

it('never runs a login that is cancelled while it waits, and frees its slot', async () => {
  const { order, clients, enqueue, open, release } = startQueue(108, 'busy-address')
  await expect(enqueue('busy-address')).rejects.toMatchObject({ name: 'NoCapacityError' })
  for (const client of clients) client.abort()
  await setImmediate()
  const next = Array.from({ length: 100 }, () => enqueue('busy-address'))
  await expect(enqueue('busy-address')).rejects.toMatchObject({ name: 'NoCapacityError' })
  await release()
  await Promise.all(next)
  expect((await open).filter(({ status }) => status === 'rejected')).toHaveLength(100)
  expect(order).toHaveLength(108)
})

it('is full for one address while it accepts another', async () => {
  const { enqueue, open, release } = startQueue(109, 'busy-address')
  const other = enqueue('another')
  await release()
  await other
  expect((await open).filter(({ status }) => status === 'rejected')).toHaveLength(1)
})
