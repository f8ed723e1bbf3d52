// The line of those who want to log in: it is left by who gives up, addresses take turns, and it has an end.

import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLoginQueue } from '../../src/vcenter/login-queue.ts'

/** A line in which so many logins of one address stand, of which the first eight are under way until they are let go. */
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
      // The next one's turn has come.
      await setImmediate()
    }
  }
  return { order, comers, stand, open, letGo }
}

it('eight log in at the same time; another address is next, however many of one wait', async () => {
  const { order, stand, open, letGo } = lineOf(60, 'strangers')
  expect(order).toHaveLength(8)
  const other = stand('another')
  await letGo()
  await Promise.all([other, open])
  expect(order).toHaveLength(61)
  expect(order.indexOf('another')).toBeLessThan(10)
})

it('who gives up while waiting never logs in, and leaves room', async () => {
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

it('is full for one address and not for another', async () => {
  const { stand, open, letGo } = lineOf(109, 'strangers')
  const other = stand('another')
  await letGo()
  await other
  expect((await open).filter(({ status }) => status === 'rejected')).toHaveLength(1)
})
