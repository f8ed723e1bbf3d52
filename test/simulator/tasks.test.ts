// Tasks: their states over time, their results, and how long they are reported.

import { describe, expect, it } from 'vitest'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { objectSpec, propertyCollector, type SoapConnection } from './soap-connection.ts'
import { faultOf, startLoggedIn } from './start.ts'

const taskManager = { type: 'TaskManager', value: 'TaskManager' }
const infoOf = (connection: SoapConnection, task: ManagedObjectReference) =>
  connection.call('Fetch', task, { prop: 'info' }) as Promise<DataObject<'TaskInfo'>>

async function startTask() {
  const started = await startLoggedIn({ tasks: { queuedMs: 100, durationMs: 4000 } })
  const { connection, simulator } = started
  const vm = simulator.inventory.vm('web-01').ref
  const create = () =>
    connection.call('CreateSnapshot_Task', vm, { name: 'one', memory: false, quiesce: false })
  return { ...started, vm, create, task: await create() }
}

describe('a task', () => {
  it('is queued, runs with progress, and succeeds with a result', async () => {
    const { connection, clock, task, vm } = await startTask()
    const queued = await infoOf(connection, task)
    expect(queued).toMatchObject({
      key: task.value,
      task,
      name: 'CreateSnapshot_Task',
      descriptionId: 'VirtualMachine.createSnapshot',
      entity: vm,
      entityName: 'web-01',
      state: 'queued',
      cancelled: false,
      reason: { _typeName: 'TaskReasonUser', userName: 'user' },
    })
    for (const absent of ['startTime', 'progress', 'result', 'error', 'completeTime']) {
      expect(queued).not.toHaveProperty(absent)
    }
    clock.advance(100)
    expect(await infoOf(connection, task)).not.toHaveProperty('progress')
    clock.advance(2000)
    expect(await infoOf(connection, task)).toMatchObject({ state: 'running', progress: 50 })
    clock.advance(2000)
    const done = await infoOf(connection, task)
    expect(done).toMatchObject({ state: 'success', result: { type: 'VirtualMachineSnapshot' } })
    expect(done).not.toHaveProperty('progress')
    expect(connection.last?.text).toMatch(
      /<result type="VirtualMachineSnapshot" xsi:type="ManagedObjectReference">/,
    )
  })

  it('saves the memory of a running machine slowly enough to show progress', async () => {
    const { connection, clock, simulator } = await startLoggedIn()
    const { ref } = simulator.inventory.vm('erp-01')
    const args = { name: 'with memory', memory: true, quiesce: false }
    const task = (await connection.call('CreateSnapshot_Task', ref, args)) as ManagedObjectReference
    const reported = new Set<number>()
    for (let seconds = 0; seconds < 40; seconds += 1) {
      clock.advance(1000)
      const { state, progress } = await infoOf(connection, task)
      expect(state).toBe('running')
      reported.add(progress ?? 0)
    }
    expect(reported.size).toBeGreaterThan(15)
    expect([...reported]).toEqual([...reported].sort((a, b) => a - b))
    clock.advance(20_000)
    expect(await infoOf(connection, task)).toMatchObject({ state: 'success' })
  })

  it('is reported in updates, including its end', async () => {
    const { connection, clock, simulator, task } = await startTask()
    const spec = objectSpec('Task', ['info.state', 'info.result'], task)
    await connection.call('CreateFilter', propertyCollector, { spec, partialUpdates: true })
    let version = ''
    const reported: unknown[] = []
    while (!reported.flat().includes('success')) {
      let set: DataObject<'UpdateSet'> | undefined
      const wait = connection.call('WaitForUpdatesEx', propertyCollector, { version, options: {} })
      const done = wait.then((update) => {
        set = update
      })
      for (; !set; await new Promise(setImmediate)) if (simulator.live.waits > 0) clock.advance(100)
      await done
      version = set.version
      reported.push(set.filterSet?.[0]?.objectSet?.[0]?.changeSet?.map(({ val }) => val))
    }
    expect(reported).toEqual([
      ['queued'],
      ['running'],
      ['success', expect.objectContaining({ type: 'VirtualMachineSnapshot' })],
    ])
  })

  it('has a fault with a readable message when it fails', async () => {
    const { connection, clock, simulator, task } = await startTask()
    simulator.faults.taskFault('CreateSnapshot_Task', 'SnapshotLocked', {
      message: 'Another process has locked the snapshot.',
    })
    clock.advance(5000)
    expect(await infoOf(connection, task)).toMatchObject({
      state: 'error',
      error: {
        fault: { _typeName: 'SnapshotLocked' },
        localizedMessage: 'Another process has locked the snapshot.',
      },
    })
  })

  it('blocks another task on the same machine', async () => {
    const { create, clock, task } = await startTask()
    expect(await faultOf(create())).toMatchObject({ _typeName: 'TaskInProgress', task })
    clock.advance(5000)
    await create()
  })

  it('is in the recent tasks of its entity and of the TaskManager until ten minutes after its end', async () => {
    const { connection, clock, simulator, task, vm } = await startTask()
    const recent = async () => [
      await connection.call('Fetch', vm, { prop: 'recentTask' }),
      await connection.call('Fetch', taskManager, { prop: 'recentTask' }),
    ]
    expect(await recent()).toEqual([[task], [task]])
    expect(simulator.live.tasks).toBe(1)
    clock.advance(4100)
    expect(simulator.live.tasks).toBe(0)
    clock.advance(9 * 60_000)
    expect(await recent()).toEqual([[task], [task]])
    clock.advance(60_000)
    expect(await recent()).toEqual([[], []])
    expect(await faultOf(infoOf(connection, task))).toMatchObject({
      _typeName: 'ManagedObjectNotFound',
      obj: task,
    })
  })

  it('that is cancelable ends early when it is cancelled while running', async () => {
    const { connection, clock, task, simulator, vm } = await startTask()
    expect(await infoOf(connection, task)).toMatchObject({ cancelable: true, cancelled: false })
    clock.advance(1100)
    await connection.call('CancelTask', task, {})
    expect(await infoOf(connection, task)).toMatchObject({ state: 'running', cancelled: true })
    clock.advance(5000)
    expect(await infoOf(connection, task)).toMatchObject({
      state: 'error',
      cancelled: true,
      error: { fault: { _typeName: 'RequestCanceled' } },
    })
    expect(simulator.objects.find(vm)?.get('snapshot')).toMatchObject({
      rootSnapshotList: [{ name: 'before-update' }],
    })
    expect(await faultOf(connection.call('CancelTask', task, {}))).toMatchObject({
      _typeName: 'InvalidState',
    })
  })

  it('that removes a snapshot cannot be cancelled', async () => {
    const { connection, clock, vm } = await startTask()
    clock.advance(5000)
    const task = await connection.call('RemoveAllSnapshots_Task', vm, {})
    expect(await infoOf(connection, task)).toMatchObject({ cancelable: false })
    expect(await faultOf(connection.call('CancelTask', task, {}))).toMatchObject({
      _typeName: 'NotSupported',
    })
  })
})
