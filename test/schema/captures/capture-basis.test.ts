// Tests what a capture has to copy of each disk: changes only if they are proved, else everything in use with the reason.

import { describe, expect, test } from 'vitest'
import { taskLogOf } from '../../../src/simulator/history/task-log.ts'
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

/** Takes and releases a capture, lets the test change something, and takes the next one with the tokens. */
async function nextAfter(
  fixture: CaptureFixture,
  change: () => unknown,
  tokens = (all: string[]): string[] => all,
) {
  const { gateway } = fixture
  const first = await captured(gateway)
  await release(gateway, first.snapshot.id)
  await change()
  return captured(gateway, { idempotencyKey: 'next', tokens: tokens(tokensOf(first)) })
}

const revert = async ({ gateway }: CaptureFixture, snapshot: string) =>
  mutate(gateway, 'revertToSnapshot', { snapshot, suppressPowerOn: true }, 'task { state }')

describe('a disk is captured in full', () => {
  test('without a token, while the other one has changes', async () => {
    const next = await nextAfter(
      await startCaptureFixture(),
      () => {},
      ([first = '']) => [first],
    )
    expect(bases(next)).toEqual(['CHANGES', 'NO_TOKEN'])
  })

  test('when it was replaced', async () => {
    const fixture = await startCaptureFixture()
    const next = await nextAfter(fixture, () => {
      const disk = fixture.machine.disks[0]
      Object.assign(disk as object, { uuid: '6000c290-0000-0000-0000-00000000abcd' })
    })
    expect(bases(next)).toEqual(['DISK_REPLACED', 'CHANGES'])
  })

  test('when the vCenter reports no uuid', async () => {
    const fixture = await startCaptureFixture()
    Object.assign(fixture.machine.disks[0] as object, { uuid: undefined })
    expect(bases(await nextAfter(fixture, () => {}))).toEqual(['DISK_REPLACED', 'CHANGES'])
  })

  test('when it was resized', async () => {
    const fixture = await startCaptureFixture()
    const next = await nextAfter(fixture, () => {
      const [disk] = fixture.machine.disks
      Object.assign(disk as object, { capacity: (disk?.capacity ?? 0) * 2 })
    })
    expect(bases(next)).toEqual(['DISK_RESIZED', 'CHANGES'])
  })

  test('when tracking was reset', async () => {
    const fixture = await startCaptureFixture()
    const { gateway } = fixture
    const set = (enabled: boolean) =>
      mutate(
        gateway,
        'setChangeTracking',
        { virtualMachine: { name: 'lab' }, enabled, activate: enabled },
        'activated',
      )
    const next = await nextAfter(fixture, async () => {
      await set(false)
      await set(true)
    })
    expect(bases(next)).toEqual(['CHANGE_ID_STALE', 'CHANGE_ID_STALE'])
  })

  test.each(['new', 'same', 'unchecked', 'recounted'] as const)(
    'after a revert whose branch was removed, on a server with the epoch "%s"',
    async (epochAfterRevert) => {
      const fixture = await startCaptureFixture()
      const { gateway, machine, simulator } = fixture
      simulator.inventory.settings.epochAfterRevert = epochAfterRevert
      const base = takeWithout(machine, 'base')
      const next = await nextAfter(fixture, async () => {
        const { data } = await gateway.execute('{ virtualMachine(by: { name: "lab" }) { snapshots { id } } }')
        const { reported } = await mutate(
          gateway,
          'revertToSnapshot',
          { snapshot: data.virtualMachine.snapshots[0].id },
          'task { state }',
        )
        expect(reported).toEqual([])
        removeWithout(machine, base)
      })
      expect(bases(next)).toEqual(['CHANGE_ID_STALE', 'CHANGE_ID_STALE'])
    },
  )

  test('when the history no longer has the task of the token', async () => {
    const fixture = await startCaptureFixture()
    const { simulator } = fixture
    const next = await nextAfter(fixture, () => {
      taskLogOf(simulator.objects).settings.maxAgeMs = 0
    })
    expect(bases(next)).toEqual(['HISTORY_UNKNOWN', 'HISTORY_UNKNOWN'])
  })

  test.each(['NoPermission', 'NotSupported'] as const)('when the history fails with %s', async (fault) => {
    const fixture = await startCaptureFixture()
    const next = await nextAfter(fixture, () =>
      fixture.simulator.faults.fault(fault, { method: 'CreateCollectorForTasks' }),
    )
    expect(bases(next)).toEqual(['HISTORY_UNKNOWN', 'HISTORY_UNKNOWN'])
  })
})

test('has changes when a revert was before the token', async () => {
  const fixture = await startCaptureFixture()
  const { gateway, machine } = fixture
  takeWithout(machine, 'base')
  const { data } = await gateway.execute('{ virtualMachine(by: { name: "lab" }) { snapshots { id } } }')
  const [{ id }] = data.virtualMachine.snapshots
  expect((await mutate(gateway, 'revertToSnapshot', { snapshot: id }, 'task { state }')).reported).toEqual([])
  await mutate(
    gateway,
    'changePower',
    { virtualMachines: { name: 'lab' }, action: 'POWER_ON' },
    'results { task { state } }',
  )
  const next = await nextAfter(fixture, () => {})
  expect(bases(next)).toEqual(['CHANGES', 'CHANGES'])
})

test('fails, and returns the same capture when it is repeated, when the history does not respond', async () => {
  const { gateway, simulator, machine } = await startCaptureFixture()
  const first = await captured(gateway)
  await release(gateway, first.snapshot.id)
  const tokens = tokensOf(first)
  const undo = simulator.faults.fault('SystemError', { method: 'CreateCollectorForTasks', times: 10 })
  await expect(captured(gateway, { idempotencyKey: 'b', tokens })).rejects.toThrow()
  undo()
  const again = await captured(gateway, { idempotencyKey: 'b', tokens })
  expect(bases(again)).toEqual(['CHANGES', 'CHANGES'])
  expect(snapshotsIn(machine)).toHaveLength(1)
})

test('has tokens that are as old as the data, also when the request is repeated after a revert', async () => {
  const fixture = await startCaptureFixture()
  const { gateway, write } = fixture
  write(0, 0)
  const first = await captured(gateway)
  write(0, 1_048_576)
  await revert(fixture, first.snapshot.id)
  const again = await captured(gateway)
  expect(tokensOf(again)).toEqual(tokensOf(first))
  expect(again.disks.map(({ areas }) => areas)).toEqual(first.disks.map(({ areas }) => areas))
  // The token was made before the revert, so the next capture copies everything.
  await release(gateway, first.snapshot.id)
  const next = await captured(gateway, { idempotencyKey: 'b', tokens: tokensOf(again) })
  expect(bases(next)).toEqual(['CHANGE_ID_STALE', 'CHANGE_ID_STALE'])
})
