// Tests the session pool: a held session is never evicted, even while it is idle, and unknown users evict
// few sessions.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator, type Simulator } from '../../src/simulator/index.ts'
import { createSessionPool } from '../../src/vcenter/session-pool.ts'
import { createUserConnections } from '../../src/vcenter/user-connections.ts'

const users = Array.from({ length: 10 }, (_, number) => `person-${number}`)
const log = { info: () => {}, warn: () => {}, error: () => {} }

function start(max: number) {
  const simulator = createSimulator({ users: users.map((username) => ({ username, password: 'right' })) })
  const connections = createUserConnections(
    { vcenterName: 'test', pageSizeDefault: 100, pageSizeMax: 1000, maxConcurrentCalls: 8 },
    { connect: () => simulator.transport(), close: () => simulator.close() },
    log,
  )
  const pool = createSessionPool({ max, idleTimeoutMs: 60_000 })
  onTestFinished(async () => {
    await pool.close()
    await connections.close()
  })
  const acquire = (userName: string, { signal } = new AbortController()) =>
    pool.acquire(
      userName,
      () => connections.connect({ userName, password: () => 'right' }, (error) => error),
      {
        address: undefined,
        signal,
      },
    )
  return { simulator, pool, acquire }
}

it('counts a held session as in use, with or without calls, and releases it once when it is released twice', async () => {
  const { simulator, acquire } = start(1)
  const [first, second] = await Promise.all([acquire('person-0'), acquire('person-0')])
  first.release()
  first.release()
  await expect(acquire('person-1')).rejects.toMatchObject({ name: 'PoolFullError' })
  second.release()
  const other = await acquire('person-1')
  expect(other.login.userName).toBe('person-1')
  expect(simulator.live.sessions).toBe(1)
})

it('evicts no more idle sessions for rejected logins than run at the same time', async () => {
  const { simulator, pool, acquire } = start(10)
  for (const user of users) (await acquire(user)).release()
  expect(simulator.live.sessions).toBe(10)
  const attempts = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => acquire(`unknown-${n}`)))
  expect(attempts.every(({ status }) => status === 'rejected')).toBe(true)
  expect(pool.cachedFailure('unknown-0')?.error).toMatchObject({ faultName: 'InvalidLogin' })
  expect(simulator.live.sessions).toBeGreaterThanOrEqual(2)
})

describe('a client that disconnects', () => {
  const logins = ({ calls }: Simulator) => calls.filter(({ method }) => method === 'Login').length

  it('before its turn is never logged in, and does not delay the next client', async () => {
    const { simulator, acquire } = start(10)
    const held = simulator.faults.pause({ method: 'Login', times: 8 })
    const unauthenticatedClients = new AbortController()
    const attempts = Promise.allSettled(
      Array.from({ length: 100 }, (_, n) => acquire(`unknown-${n}`, unauthenticatedClients)),
    )
    await held.waitFor(8)
    unauthenticatedClients.abort()
    expect((await attempts).map((each) => 'reason' in each && each.reason.name)).toEqual(
      Array(100).fill('AbortError'),
    )
    const user = acquire('person-0')
    held.release()
    expect((await user).login.userName).toBe('person-0')
    expect(logins(simulator)).toBe(9)
  })

  it('and reconnects while its login is still queued gets a new turn', async () => {
    const { simulator, acquire } = start(10)
    const held = simulator.faults.pause({ method: 'Login', times: 8 })
    const unauthenticatedClients = Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => acquire(`unknown-${n}`)),
    )
    await held.waitFor(8)
    const disconnecting = new AbortController()
    const first = acquire('person-0', disconnecting)
    disconnecting.abort()
    const second = acquire('person-0')
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    held.release()
    expect((await second).login.userName).toBe('person-0')
    await unauthenticatedClients
  })

  it('during a login takes no slot, and its session is logged out when the pool is full', async () => {
    const { simulator, pool, acquire } = start(1)
    const held = simulator.faults.pause({ method: 'Login', times: 1 })
    const client = new AbortController()
    const first = acquire('person-0', client)
    await held.waitFor()
    await expect(acquire('person-1')).rejects.toMatchObject({ name: 'PoolFullError' })
    client.abort()
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    const second = await acquire('person-1')
    held.release()
    await expect.poll(() => simulator.calls.filter(({ method }) => method === 'Logout').length).toBe(1)
    expect(simulator.live.sessions).toBe(1)
    await expect(acquire('person-0')).rejects.toMatchObject({ name: 'PoolFullError' })
    second.release()
    expect((await acquire('person-0')).login.userName).toBe('person-0')
    await pool.close()
    expect(simulator.live.sessions).toBe(0)
  })

  it('during a login and reconnects before it ends gets the session of that login', async () => {
    const { simulator, acquire } = start(1)
    const held = simulator.faults.pause({ method: 'Login', times: 1 })
    const client = new AbortController()
    const first = acquire('person-0', client)
    await held.waitFor()
    client.abort()
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    const second = acquire('person-0')
    held.release()
    expect((await second).login.userName).toBe('person-0')
    expect([logins(simulator), simulator.live.sessions]).toEqual([1, 1])
    await expect(acquire('person-1')).rejects.toMatchObject({ name: 'PoolFullError' })
  })
})
