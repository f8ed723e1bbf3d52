// The pool of sessions by itself: who is held is not taken from, even while nothing is asked; and strangers push few out.

import { expect, it, onTestFinished } from 'vitest'
import { connectionsWith } from '../../src/gateway/personal-connections.ts'
import { createSessionPool } from '../../src/gateway/session-pool.ts'
import { createSimulator } from '../../src/simulator/index.ts'

const people = Array.from({ length: 10 }, (_, number) => `person-${number}`)
const log = { info: () => {}, warn: () => {}, error: () => {} }

function start(most: number) {
  const simulator = createSimulator({ users: people.map((username) => ({ username, password: 'right' })) })
  const connections = connectionsWith(
    { name: 'test', pageSizeDefault: 100, pageSizeMax: 1000, maxCalls: 8 },
    { connect: () => simulator.transport(), close: () => simulator.close() },
    log,
  )
  const pool = createSessionPool({ most, idleMs: 60_000 })
  onTestFinished(async () => {
    await pool.close()
    await connections.close()
  })
  const hold = (userName: string, password = 'right') =>
    pool.hold(`${userName} ${password}`, () =>
      connections.connect({ userName, password: () => password }, (error) => error),
    )
  return { simulator, pool, hold }
}

it('a session that is held is in use, whether something is asked or not; released twice, it is released once', async () => {
  const { simulator, hold } = start(1)
  const [first, second] = await Promise.all([hold('person-0'), hold('person-0')])
  first.release()
  first.release()
  await expect(hold('person-1')).rejects.toMatchObject({ name: 'PoolFullError' })
  second.release()
  const other = await hold('person-1')
  expect(other.login.userName).toBe('person-1')
  expect(simulator.live.sessions).toBe(1)
})

it('who may not log in pushes out no more idle sessions than are tried at the same time', async () => {
  const { simulator, pool, hold } = start(10)
  for (const person of people) (await hold(person)).release()
  expect(simulator.live.sessions).toBe(10)
  const tried = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => hold(`stranger-${n}`)))
  expect(tried.every(({ status }) => status === 'rejected')).toBe(true)
  expect(pool.failureOf('stranger-0 right')?.error).toMatchObject({ faultName: 'InvalidLogin' })
  expect(simulator.live.sessions).toBeGreaterThanOrEqual(2)
})
