// Tests the login queue: cancelled logins leave it, client addresses take turns, and its length is limited.

import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLoginQueue } from '../../src/vcenter/login-queue.ts'

/**
 * A queue with this many logins of one address. The first eight are in progress until they are released.
 */
function lineOf(count: number, address: string) {
  const line = createLoginQueue()
  const order: string[] = []
  const held = new Set<() => void>()
  const comers = Array.from({ length: count }, () => new AbortController())
  const stand = (from: string, { signal } = new AbortController()) =>
    line.run(
      { address: from, signal },
      () =>
        new Promise<void>((resolve) => {
          order.push(from)
          held.add(resolve)
        }),
    )
  const open = Promise.allSettled(comers.map((client) => stand(address, client)))
  const letGo = async () => {
    for (const go of held) {
      held.delete(go)
      go()
      // The next login has started.
      await setImmediate()
    }
  }
  return { order, comers, stand, open, letGo }
}

it('runs eight logins at once, and serves another address next, however many logins of one address wait', async () => {
  const { order, stand, open, letGo } = lineOf(60, 'strangers')
  expect(order).toHaveLength(8)
  const other = stand('another')
  await letGo()
  await Promise.all([other, open])
  expect(order).toHaveLength(61)
  expect(order.indexOf('another')).toBeLessThan(10)
})

it('never runs a login that is cancelled while it waits, and frees its slot', async () => {
  const { order, comers, stand, open, letGo } = lineOf(108, 'strangers')
  await expect(stand('strangers')).rejects.toMatchObject({ name: 'LoginQueueFullError' })
  for (const client of comers) client.abort()
  await setImmediate()
  const next = Array.from({ length: 100 }, () => stand('strangers'))
  await expect(stand('strangers')).rejects.toMatchObject({ name: 'LoginQueueFullError' })
  await letGo()
  await Promise.all(next)
  expect((await open).filter(({ status }) => status === 'rejected')).toHaveLength(100)
  expect(order).toHaveLength(108)
})

it('is full for one address while it accepts another', async () => {
  const { stand, open, letGo } = lineOf(109, 'strangers')
  const other = stand('another')
  await letGo()
  await other
  expect((await open).filter(({ status }) => status === 'rejected')).toHaveLength(1)
})
