// Tests that no revert is missed: not one whose task failed, nor one that a wrong clock hides, that another creator of the snapshot would
// hide, or that leaves no task. Every server here computes wrong changes from a discarded state, without an error.

import { describe, expect, test } from 'vitest'
import type { TaskInfo } from '../../../src/simulator/history/task-log.ts'
import { taskLogOf } from '../../../src/simulator/history/task-log.ts'
import { notifyChange } from '../../../src/simulator/virtual-machine/machine.ts'
import { mutate } from '../mutations/mutate.ts'
import {
  bases,
  type CaptureFixture,
  captured,
  release,
  removeWithout,
  snapshotsIn,
  startCaptureFixture,
  takeWithout,
  tokensOf,
} from './capture-fixture.ts'

const hour = 3_600_000

async function start(): Promise<CaptureFixture & { readonly log: ReturnType<typeof taskLogOf> }> {
  const fixture = await startCaptureFixture()
  fixture.simulator.inventory.settings.epochAfterRevert = 'unchecked'
  takeWithout(fixture.machine, 'base')
  return { ...fixture, log: taskLogOf(fixture.simulator.objects) }
}

/** Takes a capture, and releases it. */
async function backUp({ gateway }: CaptureFixture, idempotencyKey: string, tokens: readonly string[] = []) {
  const taken = await captured(gateway, { idempotencyKey, tokens })
  expect((await release(gateway, taken.snapshot.id)).reported).toEqual([])
  return taken
}

/** Reverts to the oldest snapshot. */
async function revert({ gateway }: CaptureFixture) {
  const { data } = await gateway.execute('{ virtualMachine(by: { name: "lab" }) { snapshots { id } } }')
  const [{ id: snapshot }] = data.virtualMachine.snapshots
  return mutate(gateway, 'revertToSnapshot', { snapshot }, 'task { state }')
}

const setPower = async ({ gateway }: CaptureFixture, action: 'POWER_ON' | 'POWER_OFF') => {
  const input = { virtualMachines: { name: 'lab' }, action }
  expect((await mutate(gateway, 'changePower', input, 'results { task { state } }')).reported).toEqual([])
}

const stale = ['CHANGE_ID_STALE', 'CHANGE_ID_STALE']
const unknown = ['HISTORY_UNKNOWN', 'HISTORY_UNKNOWN']
const changes = ['CHANGES', 'CHANGES']

/** Each test takes several captures. */
const timeout = 120_000

describe('a revert that failed', { timeout }, () => {
  test.each([
    'InsufficientResourcesFault',
    'VmConfigFault',
    'FileFault',
    'NoDiskSpace',
    'SnapshotFault',
    'InvalidDatastore',
    'InvalidState',
    'NotSupported',
    'NotEnoughLicenses',
    'HostCommunication',
    'SystemError',
    'RequestCanceled',
  ] as const)('with %s at its power-on has reverted the disks', async (fault) => {
    const fixture = await start()
    fixture.write(0, 0)
    const first = await backUp(fixture, 'a')
    fixture.simulator.faults.taskFault('RevertToSnapshot_Task', fault, { hasEffect: true })
    const { reported } = await revert(fixture)
    expect(reported).toMatchObject([{ fault, retryable: false }])
    fixture.write(0, 1_048_576)
    const next = await backUp(fixture, 'b', tokensOf(first))
    expect(bases(next)).toEqual(stale)
  })

  test('counts although it had no effect, unless it was cancelled before it started', async () => {
    const fixture = await start()
    const first = await backUp(fixture, 'a')
    fixture.simulator.faults.taskFault('RevertToSnapshot_Task', 'RequestCanceled')
    expect((await revert(fixture)).reported).toHaveLength(1)
    const second = await backUp(fixture, 'b', tokensOf(first))
    expect(bases(second)).toEqual(stale)
    const { info } =
      fixture.log.tasks.findLast(({ info: { descriptionId } }) => /revert/.test(descriptionId)) ?? {}
    const { startTime: _, ...queued } = info as TaskInfo
    fixture.log.update(queued)
    expect(bases(await backUp(fixture, 'c', tokensOf(first)))).toEqual(changes)
  })
})

describe('a revert before a snapshot', { timeout }, () => {
  /** Takes and removes a snapshot, reverts, and captures; then the clock of the host dates the capture to the first snapshot. */
  async function redated(isKept: boolean, shiftMs?: number) {
    const fixture = await start()
    const { gateway, machine, later, log, write } = fixture
    log.settings.keepsResults = isKept
    write(0, 0)
    const first = await backUp(fixture, 'a')
    later(hour)
    const name = { virtualMachine: { name: 'lab' }, name: 'other' }
    const { payload } = await mutate(gateway, 'createSnapshot', name, 'snapshot { moid }')
    const other = snapshotsIn(machine).find(({ ref }) => ref.value === payload.snapshot.moid)
    if (!other) throw new TypeError('there is no snapshot')
    removeWithout(machine, other)
    later(60_000)
    expect((await revert(fixture)).reported).toEqual([])
    later(60_000)
    write(0, 1_048_576)
    const second = await captured(gateway, { idempotencyKey: 'b', tokens: tokensOf(first) })
    expect(bases(second)).toEqual(stale)
    const snapshot = snapshotsIn(machine).find(({ ref }) => ref.value === second.snapshot.moid)
    if (!snapshot) throw new TypeError('there is no snapshot')
    const createTime = new Date(
      shiftMs === undefined ? other.createTime : snapshot.createTime.getTime() + shiftMs,
    )
    Object.assign(snapshot, { createTime })
    notifyChange(machine, 'snapshot')
    return { fixture, first, second }
  }

  test.each([
    [true, undefined],
    [false, undefined],
    [false, -3 * hour],
    [false, 3 * hour],
  ])(
    'is before it also when the request is repeated and its host dates it otherwise (results kept: %s, by %s ms)',
    async (isKept, shiftMs) => {
      const { fixture, first, second } = await redated(isKept, shiftMs)
      const again = await captured(fixture.another(), { idempotencyKey: 'b', tokens: tokensOf(first) })
      expect(bases(again)).toEqual(stale)
      expect(tokensOf(again)).toEqual(tokensOf(second))
    },
  )

  test('is not known to be before it when another snapshot was taken since, and no results are kept', async () => {
    const { fixture, first, second } = await redated(false)
    const { gateway, another } = fixture
    await mutate(
      gateway,
      'createSnapshot',
      { virtualMachine: { name: 'lab' }, name: 'later' },
      'task { state }',
    )
    const again = await captured(another(), { idempotencyKey: 'b', tokens: tokensOf(first) })
    expect(bases(again)).toEqual(stale)
    await release(gateway, second.snapshot.id)
    expect(bases(await backUp(fixture, 'c', tokensOf(again)))).toEqual(unknown)
    expect(bases(await backUp(fixture, 'd', tokensOf(second)))).toEqual(changes)
  })
})

describe('a clock of the vCenter that is wrong during a revert', { timeout }, () => {
  test.each([-480, -48, -26, -2, 2, 48])('by %i hours does not hide it', async (hours) => {
    const fixture = await start()
    const { later, write } = fixture
    write(0, 0)
    const first = await backUp(fixture, 'a')
    later(hour)
    later(hours * hour)
    expect((await revert(fixture)).reported).toEqual([])
    later(-hours * hour)
    later(hour)
    write(0, 1_048_576)
    expect(bases(await backUp(fixture, 'b', tokensOf(first)))).toEqual(stale)
  })

  test('does not hide it when the events of tasks are not numbered', async () => {
    const fixture = await start()
    const first = await backUp(fixture, 'a')
    fixture.later(-48 * hour)
    expect((await revert(fixture)).reported).toEqual([])
    fixture.later(49 * hour)
    for (const { info } of fixture.log.tasks) fixture.log.update({ ...info, eventChainId: 0 })
    expect(bases(await backUp(fixture, 'b', tokensOf(first)))).toEqual(stale)
  })
})

test('changes are not proved by a history of more tasks than are read', { timeout: 300_000 }, async () => {
  const fixture = await start()
  await backUp(fixture, 'a')
  const template = fixture.log.tasks.at(-1)?.info as TaskInfo
  for (let number = 0; number < 10_001; number += 1)
    fixture.log.add({
      ...template,
      task: { type: 'Task', value: `task-old-${number}` },
      descriptionId: 'VirtualMachine.reset',
    })
  const first = await backUp(fixture, 'b')
  expect(bases(await backUp(fixture, 'c', tokensOf(first)))).toEqual(unknown)
})

describe('a machine that may revert when it is powered off', { timeout }, () => {
  const setFlag =
    (snapshotPowerOffBehavior: string) =>
    ({ machine }: CaptureFixture) => {
      const { settings } = machine
      machine.settings = { ...settings, flags: { ...settings.flags, snapshotPowerOffBehavior } }
      notifyChange(machine, 'config')
    }
  const setKey =
    (value: string) =>
    ({ machine }: CaptureFixture) => {
      const options = new Map([...machine.settings.options, ['snapshot.action', value]])
      machine.settings = { ...machine.settings, options }
      notifyChange(machine, 'config')
    }

  test.each([
    ['the flag revert', setFlag('revert')],
    ['the flag prompt', setFlag('prompt')],
    ['a flag that is not known', setFlag('other')],
    ['the key autoRevert', setKey('autoRevert')],
    ['the key prompt', setKey('prompt')],
  ])('by %s has unknown changes', async (_name, set) => {
    const fixture = await start()
    set(fixture)
    fixture.write(0, 0)
    const first = await backUp(fixture, 'a')
    await setPower(fixture, 'POWER_OFF')
    await setPower(fixture, 'POWER_ON')
    fixture.write(0, 1_048_576)
    expect(bases(await backUp(fixture, 'b', tokensOf(first)))).toEqual(unknown)
    // The token is from the time when it might revert.
    setFlag('powerOff')(fixture)
    setKey('keep')(fixture)
    const next = await backUp(fixture, 'c', tokensOf(first))
    expect(bases(next)).toEqual(unknown)
    expect(bases(await backUp(fixture, 'd', tokensOf(next)))).toEqual(changes)
  })

  test.each([
    ['the flag take', setFlag('take')],
    ['the key autoCommit', setKey('autoCommit')],
  ])('has changes with %s, which does not revert', async (_name, set) => {
    const fixture = await start()
    set(fixture)
    const first = await backUp(fixture, 'a')
    expect(bases(await backUp(fixture, 'b', tokensOf(first)))).toEqual(changes)
  })

  test.each(['nonpersistent', 'undoable'])(
    'in one disk that is %s has unknown changes of it',
    async (mode) => {
      const fixture = await start()
      const first = await backUp(fixture, 'a')
      Object.assign(fixture.machine.disks[1] as object, { mode })
      notifyChange(fixture.machine, 'config')
      const next = await captured(fixture.gateway, { idempotencyKey: 'b', tokens: tokensOf(first) })
      const byKey = new Map(next.disks.map(({ disk, basis, fullReason }) => [disk.key, fullReason ?? basis]))
      expect(byKey.get(2000)).toBe('CHANGES')
      expect(['HISTORY_UNKNOWN', undefined]).toContain(byKey.get(2001))
    },
  )
})
