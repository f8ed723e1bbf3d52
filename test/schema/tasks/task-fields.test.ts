// Tests the fields of tasks that need no history: label, description, initiator, object, and the recent tasks of objects.

import { describe, expect, it, onTestFinished } from 'vitest'
import { eventLogOf } from '../../../src/simulator/history/event-log.ts'
import { createManualClock } from '../../../src/simulator/index.ts'
import { startTask, type TaskOptions } from '../../../src/simulator/tasks.ts'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

const alarm = { type: 'Alarm', value: 'alarm-1' }
const scheduledTask = { type: 'ScheduledTask', value: 'schedule-1' }

function start() {
  const clock = createManualClock()
  const gateway = startGateway({ clock, tasks: { queuedMs: 0, durationMs: 1000 } })
  onTestFinished(() => gateway.close())
  const { simulator } = gateway
  return {
    gateway,
    simulator,
    clock,
    begin(name: string, options: Partial<TaskOptions> = {}) {
      const entity = simulator.inventory.vm(name).ref
      const kind = { name: 'CreateSnapshot_Task', descriptionId: 'VirtualMachine.createSnapshot' }
      return startTask(simulator.objects, { ...kind, entity, userName: 'user', ...options }, () => undefined)
    },
  }
}

const retrievals = ({ simulator }: TestGateway) =>
  simulator.calls.filter(({ method }) => method === 'RetrievePropertiesEx')

const readsOf = (gateway: TestGateway, type: string) =>
  retrievals(gateway).filter(({ args }) => JSON.stringify(args).includes(`{"type":"${type}"`)).length

const recent = (selection: string) =>
  `{ virtualMachine(by: { name: "web-01" }) { recentTasks { ${selection} } } }`

async function recentTasks(gateway: TestGateway, selection: string) {
  const { data, errors } = await gateway.execute(recent(selection))
  expect(errors).toBeUndefined()
  return data.virtualMachine.recentTasks
}

describe('a task', () => {
  it('has a label in the language of the vCenter, its object and its initiator', async () => {
    const { gateway, begin, simulator } = start()
    const message = { key: 'com.vmware.vim.saving', message: 'Saving the memory' }
    const { value } = begin('web-01', {
      userName: 'CORP\\backup',
      description: message as DataObject<'LocalizableMessage'>,
    })
    const { event: created } = eventLogOf(simulator.objects).events.at(-1)!
    const [task] = await recentTasks(
      gateway,
      'moid label description entityName chainId startedBy { kind userName name } entity { ... on VirtualMachine { name } } vcenter { name }',
    )
    expect(task).toEqual({
      moid: value,
      label: 'Create virtual machine snapshot',
      description: 'Saving the memory',
      entityName: 'web-01',
      chainId: created.chainId,
      startedBy: { kind: 'USER', userName: 'CORP\\backup', name: null },
      entity: { name: 'web-01' },
      vcenter: { name: 'test' },
    })
  })

  it.each([
    [{ userName: undefined }, { kind: 'SYSTEM', userName: null, name: null }],
    [
      {
        reason: {
          _typeName: 'TaskReasonAlarm',
          alarmName: 'Datastore usage',
          alarm,
          entityName: 'web-01',
          entity: alarm,
        },
      },
      { kind: 'ALARM', userName: null, name: 'Datastore usage' },
    ],
    [
      { reason: { _typeName: 'TaskReasonSchedule', name: 'Nightly snapshot', scheduledTask } },
      { kind: 'SCHEDULE', userName: null, name: 'Nightly snapshot' },
    ],
    [{ reason: { _typeName: 'TaskReason' } }, null],
  ])('names who or what started it: %j', async (options, startedBy) => {
    const { gateway, begin } = start()
    begin('web-01', options as Partial<TaskOptions>)
    expect(await recentTasks(gateway, 'startedBy { kind userName name }')).toEqual([{ startedBy }])
  })

  it('has no label and no description when the vCenter has none', async () => {
    const { gateway, begin } = start()
    begin('web-01', { descriptionId: 'com.example.task' })
    expect(await recentTasks(gateway, 'operation label description')).toEqual([
      { operation: 'com.example.task', label: null, description: null },
    ])
  })

  it('reads the labels once per session, also for concurrent operations', async () => {
    const { gateway, begin } = start()
    begin('web-01')
    await Promise.all([recentTasks(gateway, 'label'), recentTasks(gateway, 'label')])
    await recentTasks(gateway, 'label')
    expect(readsOf(gateway, 'TaskManager')).toBe(1)
    gateway.simulator.faults.expireSessions()
    expect(await recentTasks(gateway, 'label')).toEqual([{ label: 'Create virtual machine snapshot' }])
    expect(readsOf(gateway, 'TaskManager')).toBe(2)
  })

  it('reports a label that cannot be read as an error of that field, and reads it again later', async () => {
    const { gateway, begin, simulator } = start()
    begin('web-01')
    const undo = simulator.faults.deny({ type: 'TaskManager', value: 'TaskManager' }, 'description')
    const { data, errors } = await gateway.execute(recent('label operation'))
    expect(data.virtualMachine.recentTasks).toEqual([
      { label: null, operation: 'VirtualMachine.createSnapshot' },
    ])
    expect(errors?.map(({ path, extensions }) => [path, extensions?.code])).toEqual([
      [['virtualMachine', 'recentTasks', 0, 'label'], 'FORBIDDEN'],
    ])
    undo()
    expect(await recentTasks(gateway, 'label')).toEqual([{ label: 'Create virtual machine snapshot' }])
  })

  it('has no object, and no error, when the object no longer exists', async () => {
    const { gateway, begin, simulator, clock } = start()
    const { value } = begin('web-01')
    clock.advance(2000)
    const [{ id }] = await recentTasks(gateway, 'id')
    simulator.inventory.destroy('web-01')
    const { data, errors } = await gateway.execute(`{ task(id: "${id}") { moid entityName entity { id } } }`)
    expect(errors).toBeUndefined()
    expect(data.task).toEqual({ moid: value, entityName: 'web-01', entity: null })
  })
})

describe('recentTasks', () => {
  it('lists the last queued task first, with running ones, for about ten minutes', async () => {
    const { gateway, begin, clock } = start()
    const moids: string[] = []
    for (let nth = 0; nth < 3; nth += 1) {
      moids.unshift(begin('web-01').value)
      clock.advance(nth === 1 ? 0 : 2000)
    }
    expect(await recentTasks(gateway, 'moid state')).toEqual(
      moids.map((moid) => ({ moid, state: 'SUCCESS' })),
    )
    clock.advance(9 * 60_000)
    const running = begin('web-01').value
    clock.advance(61_000 - 500)
    expect(await recentTasks(gateway, 'moid')).toEqual([{ moid: running }])
  })

  it('takes one retrieval more for all objects of a page, of any type', async () => {
    const { gateway, begin, simulator } = start()
    for (const name of ['web-01', 'web-02', 'db-01']) begin(name)
    const host = simulator.inventory.machine('web-01').host
    begin('web-01', { entity: host, descriptionId: 'host.StorageSystem.rescanAllHba' })
    const query =
      '{ virtualMachines { nodes { name recentTasks { operation } } } hosts { nodes { recentTasks { operation } } } }'
    await gateway.execute(query)
    simulator.calls.length = 0
    const { data, errors } = await gateway.execute(query)
    expect(errors).toBeUndefined()
    const busy = data.virtualMachines.nodes.filter(
      ({ recentTasks }: { recentTasks: unknown[] }) => recentTasks.length > 0,
    )
    expect(busy.map(({ name }: { name: string }) => name)).toEqual(['db-01', 'web-01', 'web-02'])
    expect(data.hosts.nodes.flatMap(({ recentTasks }: { recentTasks: unknown[] }) => recentTasks)).toEqual([
      { operation: 'host.StorageSystem.rescanAllHba' },
    ])
    expect(simulator.calls.map(({ method }) => method)).toEqual([
      'RetrievePropertiesEx',
      'RetrievePropertiesEx',
    ])
  })

  it('is null with an error when it may not be read', async () => {
    const { gateway, simulator } = start()
    simulator.faults.deny(simulator.inventory.vm('web-01').ref, 'recentTask')
    const { data, errors } = await gateway.execute(recent('moid'))
    expect(data.virtualMachine.recentTasks).toBeNull()
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN'])
  })
})
