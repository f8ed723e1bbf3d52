// Tests a mutation whose response is lost: its task is found and adopted, or it is OUTCOME_UNKNOWN; it is
// never sent twice and never retryable.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTask } from '../../../src/simulator/tasks.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { startLost } from './lost-call.ts'

const mutation = `mutation ($input: CreateSnapshotInput!) { createSnapshot(input: $input) {
  task { moid state } snapshot { name } virtualMachine { snapshots { name } }
} }`

let gateway: TestGateway
beforeEach(async () => {
  gateway = startGateway({
    tasks: { queuedMs: 0, durationMs: 50 },
    recovery: { lostResponse: [0, 50, 150, 300] },
  })
  await gateway.execute('{ vcenters { name } }')
})
afterEach(() => gateway.close())

async function take(input: Record<string, unknown> = {}) {
  const { data, errors = [] } = await gateway.execute(mutation, {
    input: { virtualMachine: { name: 'web-01' }, name: 'test', ...input },
  })
  return {
    payload: data?.createSnapshot,
    reported: errors.map(({ message, extensions }) => ({ message, ...extensions })),
  }
}

const carriedOut = () =>
  gateway.simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task').length
const machine = () => gateway.simulator.inventory.machine('web-01')

/** A task that looks like the lost one, but was not created by a call of this gateway. */
const startLike = (userName: string, made: () => unknown = () => undefined) =>
  startTask(
    gateway.simulator.objects,
    {
      name: 'CreateSnapshot_Task',
      descriptionId: 'VirtualMachine.createSnapshot',
      entity: machine().ref,
      userName,
      durationMs: 5,
    },
    made,
  )

const ourUser = () => {
  const tasks = [...gateway.simulator.objects.ofType('Task')]
  const info = tasks.at(-1)?.get('info') as { reason: { userName: string } }
  return info.reason.userName
}

describe('an executed call', () => {
  it.each(['unanswered', 'midBody'] as const)('is adopted when the connection breaks (%s)', async (how) => {
    gateway.simulator.faults.dropConnection(how, { method: 'CreateSnapshot_Task' })
    const { payload, reported } = await take()
    expect(reported).toEqual([])
    expect(payload).toMatchObject({
      task: { state: 'SUCCESS' },
      snapshot: { name: 'test' },
      virtualMachine: { snapshots: [{ name: 'before-update' }, { name: 'test' }] },
    })
    expect(carriedOut()).toBe(1)
  })

  it('is adopted with a name that vSphere writes with escapes, and without waiting for the task', async () => {
    gateway.simulator.faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task' })
    const { payload, reported } = await take({ name: 'a/b %', waitSeconds: 0 })
    expect(reported).toEqual([])
    expect(payload.task.moid).toMatch(/^task-/)
    expect(carriedOut()).toBe(1)
  })

  it('is OUTCOME_UNKNOWN with the task and its fault when that failed, since it may belong to another client', async () => {
    const { faults } = gateway.simulator
    faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task' })
    faults.taskFault('CreateSnapshot_Task', 'TooManySnapshotLevels')
    const { reported } = await take()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        fault: 'TooManySnapshotLevels',
        task: { moid: expect.any(String) },
        message: expect.stringContaining('failed with TooManySnapshotLevels'),
      },
    ])
    expect(carriedOut()).toBe(1)
  })

  it('is adopted by the mutation whose response was lost, and not by one that had a response', async () => {
    const { faults } = gateway.simulator
    await take({ name: 'earlier' })
    faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task' })
    const { payload, reported } = await take()
    expect(reported).toEqual([])
    expect(payload.snapshot.name).toBe('test')
    expect(carriedOut()).toBe(2)
  })

  it('is adopted although another user, or the same user with another name, did the same', async () => {
    await take({ name: 'earlier' })
    const us = ourUser()
    const { faults, inventory } = gateway.simulator
    faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task' })
    startLike('someone else')
    startLike(us, () => inventory.machine('web-01').currentSnapshot?.ref)
    await expect.poll(() => gateway.simulator.live.tasks).toBe(0)
    const { payload, reported } = await take()
    expect(reported).toEqual([])
    expect(payload.snapshot.name).toBe('test')
  })
})

describe('a call that is not found among the tasks', () => {
  it.each([
    [
      'cut before it was read',
      () => gateway.simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task' }),
    ],
    ['rejected by a proxy', () => gateway.simulator.faults.unavailable({ method: 'CreateSnapshot_Task' })],
  ])('is OUTCOME_UNKNOWN when it was %s', async (_, breakIt) => {
    // An earlier task of this gateway is not mistaken for it.
    await take({ name: 'earlier' })
    breakIt()
    const { payload, reported } = await take()
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        message: expect.stringContaining('no matching task was found'),
        vcenter: 'test',
      },
    ])
    expect(carriedOut()).toBe(1)
  })
})

describe('a call whose task cannot be determined', () => {
  it('is OUTCOME_UNKNOWN when several tasks match', async () => {
    await gateway.close()
    const lost = await startLost()
    gateway = lost.gateway
    const startOne = () =>
      lost.othersTask('CreateSnapshot_Task', () => undefined, { on: 'web-01', durationMs: 50 })
    // When the call is sent: a task that is older is not a candidate.
    lost.lose('CreateSnapshot_Task', () => [startOne(), startOne()])
    const { reported } = await take()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        message: expect.stringMatching(/the call may have started any of task-\d+, task-\d+\.$/),
        remedy: expect.stringContaining(machine().ref.value),
      },
    ])
    expect(carriedOut()).toBe(0)
  })

  it('is OUTCOME_UNKNOWN when the vCenter stays unreachable', async () => {
    gateway.simulator.faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task' })
    gateway.simulator.faults.dropConnection('unread', {
      method: 'CurrentTime',
      times: Number.POSITIVE_INFINITY,
    })
    const { payload, reported } = await take()
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false, vcenter: 'test' }])
    expect(carriedOut()).toBe(1)
  })
})

describe('two concurrent calls', () => {
  it('are one success and one OUTCOME_UNKNOWN when both are lost and one was executed', async () => {
    gateway.simulator.faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task' })
    gateway.simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task' })
    const both = await Promise.all([take(), take()])
    expect(both.filter(({ payload }) => payload?.snapshot)).toHaveLength(1)
    expect(both.flatMap(({ reported }) => reported)).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', retryable: false },
    ])
    expect(carriedOut()).toBe(1)
  })

  it('are distinguished when one is lost and the response of the other is late', async () => {
    gateway.simulator.faults.latency(600, { method: 'CreateSnapshot_Task', times: 1 })
    gateway.simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task', times: 1 })
    const both = await Promise.all([take(), take()])
    expect(
      both.filter(({ payload }) => payload?.snapshot).length +
        both.flatMap(({ reported }) => reported).length,
    ).toBe(2)
    expect(both.filter(({ payload }) => payload?.snapshot)).toHaveLength(carriedOut())
  })
})

it('of two gateways with one account are each executed at most once', async () => {
  const other = startGateway({ simulator: gateway.simulator })
  await other.execute('{ vcenters { name } }')
  const execute = (which: TestGateway, virtualMachine: string) =>
    which.execute(mutation, { input: { virtualMachine: { name: virtualMachine }, name: 'both' } })
  const machines = ['web-01', 'web-02', 'erp-01', 'mail-01']
  gateway.simulator.faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task', times: 2 })
  gateway.simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task', times: 2 })
  const results = await Promise.all(
    machines.flatMap((name) =>
      [gateway, other].map(async (which) => ({ name, ...(await execute(which, name)) })),
    ),
  )
  for (const name of machines) {
    const mine = results.filter((each) => each.name === name)
    const tasks = mine.flatMap(({ data }) => data?.createSnapshot?.task.moid ?? [])
    const reported = mine.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code))
    expect(tasks.length + reported.length).toBe(2)
    // A machine runs one at a time: the other one conflicts, is unknown, or is mistaken for it.
    expect(new Set(['CONFLICT', 'OUTCOME_UNKNOWN'])).toEqual(
      new Set([...reported, 'CONFLICT', 'OUTCOME_UNKNOWN']),
    )
    const taken = gateway.simulator.inventory.machine(name).rootSnapshots
    const count = (nodes: readonly { name: string; children: readonly never[] }[]): number =>
      nodes.reduce((sum, each) => sum + Number(each.name === 'both') + count(each.children), 0)
    expect(count(taken as never)).toBe(new Set(tasks).size)
  }
  await other.close()
})
