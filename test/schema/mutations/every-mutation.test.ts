// Tests what holds for every mutation that makes a call on a virtual machine or a snapshot, however it
// ends.

import { describe, expect, it } from 'vitest'
import type { MethodName } from '../../../src/soap/envelope.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, idsOf, mutate, treeOf } from './mutate.ts'

interface Mutation {
  readonly field: string
  readonly method: MethodName
  readonly privilege: string
  /** The selection on the payload. @default its task */
  readonly selection?: string
  readonly input: (gateway: TestGateway) => Promise<Record<string, unknown>>
}

const ofSnapshot =
  (more: Record<string, unknown> = {}) =>
  async (gateway: TestGateway) => ({
    snapshot: (await idsOf(gateway, 'web-01')).snapshots['before-update'],
    ...more,
  })
const ofMachine =
  (more: Record<string, unknown> = {}) =>
  async (gateway: TestGateway) => ({ virtualMachine: { id: (await idsOf(gateway, 'web-01')).vm }, ...more })

const tasks: readonly Mutation[] = [
  {
    field: 'createSnapshot',
    method: 'CreateSnapshot_Task',
    privilege: 'VirtualMachine.State.CreateSnapshot',
    input: ofMachine({ name: 'new' }),
  },
  {
    field: 'removeSnapshot',
    method: 'RemoveSnapshot_Task',
    privilege: 'VirtualMachine.State.RemoveSnapshot',
    input: ofSnapshot(),
  },
  {
    field: 'removeAllSnapshots',
    method: 'RemoveAllSnapshots_Task',
    privilege: 'VirtualMachine.State.RemoveSnapshot',
    input: ofMachine(),
  },
  {
    field: 'revertToSnapshot',
    method: 'RevertToSnapshot_Task',
    privilege: 'VirtualMachine.State.RevertToSnapshot',
    input: ofSnapshot(),
  },
  {
    field: 'consolidateDisks',
    method: 'ConsolidateVMDisks_Task',
    privilege: 'VirtualMachine.State.RemoveSnapshot',
    input: ofMachine(),
  },
  {
    field: 'setChangeTracking',
    method: 'ReconfigVM_Task',
    privilege: 'VirtualMachine.Config.ChangeTracking',
    input: ofMachine({ enabled: false }),
  },
]

const all: readonly Mutation[] = [
  ...tasks,
  {
    field: 'renameSnapshot',
    method: 'RenameSnapshot',
    privilege: 'VirtualMachine.State.RenameSnapshot',
    input: ofSnapshot({ name: 'new' }),
    selection: 'snapshot { id }',
  },
]

describe.each(all)('$field', ({ field, method, privilege, input, selection }) => {
  const send = async (gateway: TestGateway, more: Record<string, unknown> = {}) =>
    mutate(gateway, field, { ...(await input(gateway)), ...more }, selection)

  it('names the privilege in its description, and in the error when it is missing', async () => {
    const gateway = startGateway()
    const { data } = await gateway.execute('{ __type(name: "Mutation") { fields { name description } } }')
    const described = data.__type.fields.find(({ name }: { name: string }) => name === field)
    expect(described.description).toContain(privilege)
    expect(described.description).toContain(method)
    const { ref } = gateway.simulator.inventory.machine('web-01')
    gateway.simulator.faults.fault(
      { _typeName: 'NoPermission', privilegeId: privilege, object: ref },
      { method },
    )
    const { payload, reported } = await send(gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      { path: field, code: 'FORBIDDEN', privilege, object: `VirtualMachine ${ref.value}` },
    ])
    await gateway.close()
  })

  it('names the privilege and the object also when the fault does not, if they are missing', async () => {
    const users = [{ username: 'other', password: 'pass' }]
    const gateway = startGateway({ users, gatewayUser: 'other' })
    const wanted = await input(gateway)
    const { ref } = gateway.simulator.inventory.machine('web-01')
    const reject = async () => {
      gateway.simulator.faults.fault('NoPermission', { method })
      const { payload, reported } = await mutate(gateway, field, wanted, selection)
      expect(payload).toBeNull()
      return reported[0]
    }
    const unnamed = await reject()
    expect(unnamed).toMatchObject({ path: field, code: 'FORBIDDEN', fault: 'NoPermission' })
    expect(unnamed).not.toHaveProperty('privilege')
    gateway.simulator.authorization.grant('other', { role: 'ReadOnly' })
    expect(await reject()).toMatchObject({
      path: field,
      code: 'FORBIDDEN',
      fault: 'NoPermission',
      privilege,
      object: `VirtualMachine ${ref.value}`,
      remedy: expect.stringContaining(`${privilege} on VirtualMachine ${ref.value}`),
    })
    // The error of the call is not hidden by one of the check.
    gateway.simulator.faults.fault('SystemError', { method: 'HasPrivilegeOnEntities', times: 10 })
    expect(await reject()).toMatchObject({ code: 'FORBIDDEN', fault: 'NoPermission' })
    await gateway.close()
  })

  it('is CONFLICT while another task runs, and names that task and its operation', async () => {
    const gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    const wanted = await input(gateway)
    const { payload: running } = await mutate(gateway, 'createSnapshot', {
      virtualMachine: { path: '/Frankfurt/vm/Production/Web/web-01' },
      name: 'x',
      waitSeconds: 0,
    })
    const { payload, reported } = await mutate(gateway, field, wanted, selection)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        path: field,
        code: 'CONFLICT',
        fault: 'TaskInProgress',
        retryable: true,
        task: { id: running.task.id, moid: running.task.moid },
        message: expect.stringContaining(`VirtualMachine.createSnapshot (${running.task.moid})`),
      },
    ])
    await gateway.close()
  })

  it.each(['unread', 'unanswered'] as const)(
    'is not sent a second time when its response is lost (%s)',
    async (how) => {
      const gateway = startGateway()
      const wanted = await input(gateway)
      gateway.simulator.faults.dropConnection(how, { method })
      await mutate(gateway, field, wanted, selection)
      expect(countOf(gateway, method)).toBe(how === 'unread' ? 0 : 1)
      await gateway.close()
    },
  )

  it('is NOT_FOUND when its object no longer exists', async () => {
    const gateway = startGateway()
    const wanted = await input(gateway)
    gateway.simulator.inventory.destroy('web-01')
    const { payload, reported } = await mutate(gateway, field, wanted, selection)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ path: field, code: 'NOT_FOUND', remedy: expect.any(String) }])
    await gateway.close()
  })

  it('is BAD_USER_INPUT with an id of another type, and nothing is sent', async () => {
    const gateway = startGateway()
    const { vm, snapshots } = await idsOf(gateway, 'web-01')
    const wanted = await input(gateway)
    const wrong =
      'snapshot' in wanted ? { snapshot: vm } : { virtualMachine: { id: snapshots['before-update'] } }
    const { reported } = await send(gateway, wrong)
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(countOf(gateway, method)).toBe(0)
    await gateway.close()
  })

  it('continues with a new login when the session has ended', async () => {
    const gateway = startGateway()
    const wanted = await input(gateway)
    gateway.simulator.faults.expireSessions()
    const { reported } = await mutate(gateway, field, wanted, selection)
    expect(reported).toEqual([])
    await gateway.close()
  })
})

describe.each(tasks)('the task of $field', ({ field, method, input }) => {
  it.each([-1, 601])('cannot be awaited for %i seconds', async (waitSeconds) => {
    const gateway = startGateway()
    const { reported } = await mutate(gateway, field, { ...(await input(gateway)), waitSeconds })
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT', message: expect.stringContaining('0 to 600') }])
    expect(countOf(gateway, method)).toBe(0)
    await gateway.close()
  })

  it.each([0, 1])(
    'is returned in its current state after %i seconds, without an error',
    async (waitSeconds) => {
      const gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
      const before = treeOf(gateway, 'web-01')
      const { payload, reported } = await mutate(
        gateway,
        field,
        { ...(await input(gateway)), waitSeconds },
        'task { state completedAt } virtualMachine { name }',
      )
      expect(reported).toEqual([])
      expect(payload.task.completedAt).toBeNull()
      expect(payload.task.state).toBe('RUNNING')
      expect(payload.virtualMachine).toEqual({ name: 'web-01' })
      expect(treeOf(gateway, 'web-01')).toEqual(before)
      expect(countOf(gateway, 'WaitForUpdatesEx') > 0).toBe(waitSeconds > 0)
      await gateway.close()
    },
  )

  it.each([
    ['InvalidState', 'CONFLICT'],
    ['NoPermission', 'FORBIDDEN'],
    ['NoDiskSpace', 'VSPHERE_FAULT'],
  ] as const)('that ends with %s is an error %s with the task', async (fault, code) => {
    const gateway = startGateway()
    const before = treeOf(gateway, 'web-01')
    gateway.simulator.faults.taskFault(method, fault, { message: 'it did not work' })
    const { payload, reported } = await mutate(gateway, field, await input(gateway))
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        path: field,
        code,
        fault,
        message: 'it did not work',
        task: { moid: expect.stringMatching(/^task-\d+$/), id: expect.any(String) },
      },
    ])
    expect(treeOf(gateway, 'web-01')).toEqual(before)
    await gateway.close()
  })
})
