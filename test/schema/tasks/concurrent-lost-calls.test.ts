// Tests renameSnapshot and cancelTask, which start no task, when their response is lost: a success if their
// effect is observed, otherwise OUTCOME_UNKNOWN.

import { describe, expect } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { startTask } from '../../../src/simulator/tasks.ts'
import { renameSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { countOf, idsOf, mutate } from '../mutations/mutate.ts'
import { abandonedResponses, it, type LostCall, notProved } from './lost-call.ts'

type Meanwhile = Parameters<LostCall['lose']>[1]

const unknown = { code: 'OUTCOME_UNKNOWN', retryable: false, remedy: expect.any(String) }

describe.concurrent('renameSnapshot', () => {
  async function rename(lost: LostCall, input: Record<string, unknown>, meanwhile: Meanwhile) {
    const { snapshots } = await idsOf(lost.gateway, 'web-01')
    lost.lose('RenameSnapshot', meanwhile)
    return mutate(
      lost.gateway,
      'renameSnapshot',
      { snapshot: snapshots['before-update'], ...input },
      'snapshot { name description }',
    )
  }

  it.for([
    [{ name: 'a/b 50%' }, { name: 'a/b 50%', description: 'nginx 1.27' }],
    [{ description: 'two\r\nlines' }, { name: 'before-update', description: 'two\r\nlines' }],
    [
      { name: 'x', description: '' },
      { name: 'x', description: '' },
    ],
  ] as const)('is a success when the snapshot has the new name: %j', async ([input, expected], { lost }) => {
    const { payload, reported } = await rename(lost, input, (carryOut) => carryOut())
    expect(reported).toEqual([])
    expect(payload.snapshot).toEqual(expected)
    expect(countOf(lost.gateway, 'RenameSnapshot')).toBe(1)
  })

  it('is a success when the server escaped the name once more', async ({ lost }) => {
    const { payload, reported } = await rename(lost, { name: 'a/b' }, () =>
      renameSnapshot(lost.machine('web-01'), lost.snapshot('before-update', 'web-01'), { name: 'a%252fb' }),
    )
    expect(reported).toEqual([])
    expect(payload.snapshot.name).toBe('a/b')
  })

  it('is a success when it takes effect late', async ({ lost }) => {
    const { payload, reported } = await rename(
      lost,
      { name: 'late' },
      (carryOut) => void setTimeout(carryOut, 200),
    )
    expect(reported).toEqual([])
    expect(payload.snapshot.name).toBe('late')
  })

  it('is OUTCOME_UNKNOWN when the snapshot has its old name', async ({ lost }) => {
    // One extra space makes another name.
    for (const name of ['x', 'before-update ']) {
      const { payload, reported } = await rename(lost, { name }, () => {})
      expect(payload).toBeNull()
      expect(reported).toMatchObject([notProved])
      expect(reported[0]?.message).toContain('is named "before-update"')
    }
    expect(countOf(lost.gateway, 'RenameSnapshot')).toBe(0)
  })

  const byOthers =
    (text: { name?: string }) =>
    ({ machine, snapshot }: LostCall): void =>
      renameSnapshot(machine('web-01'), snapshot('before-update', 'web-01'), text)

  it.for([
    ['another client gave it another name', byOthers({ name: 'theirs' })],
    ['only half of the change is visible', byOthers({ name: 'x' })],
    [
      'the virtual machine no longer exists',
      ({ gateway }: LostCall): void => gateway.simulator.inventory.destroy('web-01'),
    ],
    [
      'the effect cannot be read',
      ({ gateway }: LostCall): void =>
        void gateway.simulator.faults.unavailable({ method: 'RetrievePropertiesEx', times: 99 }),
    ],
    [
      'it was only abandoned',
      () => {
        throw abandonedResponses[0][1]()
      },
    ],
  ] as const)('is OUTCOME_UNKNOWN when %s', async ([, meanwhile], { lost }) => {
    const { payload, reported } = await rename(lost, { name: 'x', description: 'y' }, () => meanwhile(lost))
    expect(payload).toBeNull()
    expect(reported).toMatchObject([unknown])
  })
})

describe.concurrent('cancelTask', () => {
  async function cancel(lost: LostCall, meanwhile: Meanwhile, durationMs = 20_000) {
    const { objects } = lost.gateway.simulator
    const { ref: entity } = lost.machine('web-01')
    const about = { name: 'Export_Task', descriptionId: 'VirtualMachine.export', userName: 'user' }
    const task = startTask(objects, { ...about, entity, cancelable: true, durationMs }, () => undefined)
    const { data } = await lost.gateway.execute('{ vcenters { instanceUuid } }')
    lost.lose('CancelTask', meanwhile)
    const input = { task: encodeManagedObjectId(data.vcenters[0].instanceUuid, task) }
    return mutate(lost.gateway, 'cancelTask', input, 'task { state canceled }')
  }

  it('is a success when the task reports that its cancellation was requested', async ({ lost }) => {
    const { payload, reported } = await cancel(lost, (carryOut) => carryOut())
    expect(reported).toEqual([])
    expect(payload.task.canceled).toBe(true)
    expect(countOf(lost.gateway, 'CancelTask')).toBe(1)
  })

  it.for([
    ['keeps running', 20_000, 'running'],
    ['has ended by itself', 100, 'success'],
  ] as const)('is OUTCOME_UNKNOWN when the task %s', async ([, durationMs, state], { lost }) => {
    const { payload, reported } = await cancel(lost, () => {}, durationMs)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
    expect(reported[0]?.message).toContain(`is ${state}, and is not canceled`)
  })

  it('is OUTCOME_UNKNOWN when the vCenter has forgotten the task', async ({ lost }) => {
    const { reported } = await cancel(lost, () => {
      const { objects, faults } = lost.gateway.simulator
      for (const { ref } of [...objects.ofType('Task')]) faults.remove(ref)
    })
    expect(reported).toMatchObject([unknown])
    expect(reported[0]?.message).toContain('the vCenter no longer has task-')
  })
})
