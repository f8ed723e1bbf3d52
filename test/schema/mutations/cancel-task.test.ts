// Tests cancelTask: what it cancels, and why it fails.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { startTask } from '../../../src/simulator/tasks.ts'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { mutate } from './mutate.ts'

let gateway: TestGateway
beforeEach(() => {
  gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
})
afterEach(() => gateway.close())

function idOf(ref: ManagedObjectReference): string {
  const service = gateway.simulator.objects.find({ type: 'ServiceInstance', value: 'ServiceInstance' })
  const content = service?.get('content') as DataObject<'ServiceContent'> | undefined
  return encodeManagedObjectId(content?.about.instanceUuid ?? '', ref)
}

const cancel = (task: string) =>
  mutate(gateway, 'cancelTask', { task }, 'task { id moid state canceled error { code fault } }')

function start(cancelable: boolean): ManagedObjectReference {
  const { objects, inventory } = gateway.simulator
  const { ref } = inventory.machine('web-01')
  const task = { name: 'Export_Task', descriptionId: 'VirtualMachine.export', entity: ref, cancelable }
  return startTask(objects, { ...task, userName: 'user' }, () => undefined)
}

describe('cancelTask', () => {
  it('cancels a task, and reads it afterwards', async () => {
    const ref = start(true)
    const { payload, reported } = await cancel(idOf(ref))
    expect(reported).toEqual([])
    expect(payload.task).toMatchObject({ id: idOf(ref), moid: ref.value, canceled: true })
    await expect
      .poll(
        async () =>
          (await gateway.execute(`{ task(id: "${idOf(ref)}") { state error { fault } } }`)).data.task,
      )
      .toEqual({ state: 'ERROR', error: { fault: 'RequestCanceled' } })
  })

  it('of a snapshot in progress leaves no snapshot, and allows another one on the virtual machine', async () => {
    const take = (name: string, waitSeconds: number) =>
      mutate(gateway, 'createSnapshot', { virtualMachine: { name: 'web-02' }, name, waitSeconds })
    const { payload } = await take('unwanted', 0)
    gateway.simulator.tasks.durationMs = 5
    const { reported } = await cancel(payload.task.id)
    expect(reported).toEqual([])
    await expect.poll(async () => (await take('wanted', 30)).reported).toEqual([])
    const { data } = await gateway.execute(
      '{ virtualMachine(by: { name: "web-02" }) { snapshots { name } } }',
    )
    expect(data.virtualMachine.snapshots).toEqual([{ name: 'wanted' }])
  })

  it('is CONFLICT for a task that cannot be cancelled, and names the task', async () => {
    const ref = start(false)
    const { payload, reported } = await cancel(idOf(ref))
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        path: 'cancelTask',
        code: 'CONFLICT',
        fault: 'NotSupported',
        task: { id: idOf(ref), moid: ref.value },
        message: expect.stringMatching(/^VirtualMachine\.export \(task-\d+\) is (queued|running) and cannot/),
      },
    ])
  })

  it('is CONFLICT for a task that has ended, and reports how it ended', async () => {
    gateway.simulator.tasks.durationMs = 5
    const { payload } = await mutate(gateway, 'createSnapshot', {
      virtualMachine: { name: 'web-02' },
      name: 'x',
    })
    const { reported } = await cancel(payload.task.id)
    expect(reported).toMatchObject([
      {
        code: 'CONFLICT',
        fault: 'InvalidState',
        state: 'success',
        message: expect.stringMatching(
          /^VirtualMachine\.createSnapshot \(.*\) has already ended with success/,
        ),
      },
    ])
  })

  it('is NOT_FOUND for a task that vCenter has forgotten', async () => {
    const { reported } = await cancel(idOf({ type: 'Task', value: 'task-99999' }))
    expect(reported).toMatchObject([{ code: 'NOT_FOUND', fault: 'ManagedObjectNotFound' }])
  })

  it('is FORBIDDEN when the account lacks the privilege', async () => {
    const ref = start(true)
    gateway.simulator.faults.fault(
      { _typeName: 'NoPermission', privilegeId: 'Global.CancelTask', object: ref },
      { method: 'CancelTask' },
    )
    const { reported } = await cancel(idOf(ref))
    expect(reported).toMatchObject([{ code: 'FORBIDDEN', privilege: 'Global.CancelTask' }])
  })

  it('accepts only the id of a task', async () => {
    const { reported } = await cancel(idOf(gateway.simulator.inventory.machine('web-01').ref))
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
  })
})
