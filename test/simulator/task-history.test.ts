// The history of tasks: collectors, what their filters select, what stays after a task has left recentTask, and its events.

import { describe, expect, it } from 'vitest'
import { eventLogOf } from '../../src/simulator/history/event-log.ts'
import { taskLogOf } from '../../src/simulator/history/task-log.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { objectSpec, type SoapConnection, valuesOf } from './soap-connection.ts'
import { faultOf, startLoggedIn } from './start.ts'

type TaskInfo = DataObject<'TaskInfo'>

const taskManager = { type: 'TaskManager', value: 'TaskManager' }
const dayMs = 24 * 60 * 60 * 1000

const collect = (connection: SoapConnection, filter: DataObject<'TaskFilterSpec'> = {}) =>
  connection.call('CreateCollectorForTasks', taskManager, { filter })

async function readAll(
  connection: SoapConnection,
  filter?: DataObject<'TaskFilterSpec'>,
): Promise<readonly TaskInfo[]> {
  const collector = await collect(connection, filter)
  const all = (await connection.call('ReadNextTasks', collector, { maxCount: 1000 })) ?? []
  await connection.call('DestroyCollector', collector, {})
  return all
}

async function latestPage(connection: SoapConnection, collector: ManagedObjectReference) {
  const result = await connection.retrieve(objectSpec('TaskHistoryCollector', ['latestPage'], collector))
  return (valuesOf(result?.objects?.[0]).latestPage ?? []) as readonly TaskInfo[]
}

async function start(options = {}) {
  const started = await startLoggedIn({ tasks: { queuedMs: 100, durationMs: 1000 }, ...options })
  const { connection, simulator } = started
  const create = (name: string) =>
    connection.call('CreateSnapshot_Task', simulator.inventory.vm(name).ref, {
      name: 'one',
      memory: false,
      quiesce: false,
    }) as Promise<ManagedObjectReference>
  const self = (name: string) => ({ entity: simulator.inventory.vm(name).ref, recursion: 'self' }) as const
  return { ...started, create, self }
}

describe('the history of tasks', () => {
  it('has a task at once, in each of its states, and with its result after its end', async () => {
    const { connection, clock, create, self } = await start()
    const task = await create('web-02')
    const last = async () => (await readAll(connection, { entity: self('web-02') })).at(-1)
    expect(await last()).toMatchObject({ task, state: 'queued', entityName: 'web-02' })
    clock.advance(100)
    expect(await last()).toMatchObject({ task, state: 'running' })
    clock.advance(1000)
    expect(await last()).toMatchObject({
      task,
      state: 'success',
      result: { type: 'VirtualMachineSnapshot' },
    })
  })

  it('keeps tasks that are in no recentTask any more, also those of removed objects, for 30 days', async () => {
    const { connection, clock, simulator, create } = await start()
    const task = await create('web-02')
    clock.advance(11 * 60_000)
    simulator.inventory.destroy('web-02')
    const mine = async () => (await readAll(connection)).filter((info) => info.task.value === task.value)
    expect(await faultOf(connection.call('Fetch', task, { prop: 'info' }))).toMatchObject({
      _typeName: 'ManagedObjectNotFound',
    })
    expect(await mine()).toMatchObject([{ entityName: 'web-02', state: 'success' }])
    clock.advance(30 * dayMs)
    await connection.login('user')
    expect(await mine()).toEqual([])
  })

  it('has no results when it does not keep them, and filters them for collectors with an info filter', async () => {
    const { connection, clock, simulator, create, self } = await start()
    await create('web-02')
    clock.advance(2000)
    const filter = { entity: self('web-02'), state: ['success'] }
    const resultWith = async (filterTaskResults: DataObject<'TaskInfoFilterSpecFilterTaskResults'>) => {
      const args = { filter, infoFilter: { filterTaskResults } }
      const collector = await connection.call('CreateCollectorWithInfoFilterForTasks', taskManager, args)
      const tasks = await connection.call('ReadNextTasks', collector, { maxCount: 1000 })
      return (tasks ?? []).at(-1)?.result
    }
    const descriptionIds = ['VirtualMachine.createSnapshot']
    expect(await resultWith({})).toMatchObject({ type: 'VirtualMachineSnapshot' })
    expect(await resultWith({ removeAll: true })).toBeUndefined()
    expect(await resultWith({ descriptionIds })).toBeUndefined()
    expect(await resultWith({ descriptionIds, filterIn: true })).toBeDefined()
    taskLogOf(simulator.objects).settings.keepsResults = false
    expect((await readAll(connection, filter)).at(-1)).not.toHaveProperty('result')
  })

  it('has one event for each task, with the task as it was when it was queued', async () => {
    const { connection, clock, simulator, create, self } = await start()
    const { value } = await create('web-02')
    clock.advance(2000)
    const [task] = (await readAll(connection, { entity: self('web-02') })).slice(-1)
    const events = eventLogOf(simulator.objects).events.filter(
      ({ event }) => event.chainId === task?.eventChainId,
    )
    const first = events[0]!.event
    expect(first).toMatchObject({
      _typeName: 'TaskEvent',
      key: task?.eventChainId,
      userName: 'user',
      vm: { name: 'web-02' },
      info: { key: value, state: 'queued', descriptionId: 'VirtualMachine.createSnapshot' },
      fullFormattedMessage: 'Task: Create virtual machine snapshot',
    })
    expect((first as DataObject<'TaskEvent'>).info).not.toHaveProperty('result')
    expect(events.filter(({ event }) => event._typeName === 'TaskEvent')).toHaveLength(1)
  })
})

describe('a filter of tasks', () => {
  const reasonsOf = (tasks: readonly TaskInfo[]) => new Set(tasks.map(({ reason }) => reason._typeName))

  it('selects by object, with or without those below it', async () => {
    const { connection, simulator, self } = await start()
    const mail = await readAll(connection, { entity: self('mail-01') })
    expect(mail.map(({ name }) => name)).toEqual(['PowerOffVM_Task'])
    const folder = simulator.inventory.vm('mail-01').get('parent') as ManagedObjectReference
    const below = (recursion: 'self' | 'children' | 'all') =>
      readAll(connection, { entity: { entity: folder, recursion } })
    expect(await below('self')).toEqual([])
    expect((await below('children')).map(({ entityName }) => entityName)).toContain('mail-01')
    expect(await below('all')).toEqual(await below('children'))
    expect(
      await faultOf(
        collect(connection, {
          entity: { entity: { type: 'VirtualMachine', value: 'vm-0' }, recursion: 'self' },
        }),
      ),
    ).toMatchObject({ _typeName: 'ManagedObjectNotFound' })
  })

  it('selects by each of the times, which a task may lack', async () => {
    const { connection, clock, create } = await start()
    const beginTime = clock.now()
    await create('web-02')
    const count = async (timeType: string, endTime?: Date) =>
      (await readAll(connection, { time: { timeType, beginTime, ...(endTime && { endTime }) } })).length
    expect([await count('queuedTime'), await count('startedTime')]).toEqual([1, 0])
    clock.advance(1100)
    expect([await count('startedTime'), await count('completedTime')]).toEqual([1, 1])
    expect(await count('completedTime', new Date(beginTime.getTime() + 500))).toBe(0)
  })

  it('selects by user, state, chain, alarm and scheduled task', async () => {
    const { connection } = await start()
    const all = await readAll(connection)
    const userList = ['CORP\\svc-backup']
    const backups = await readAll(connection, { userName: { systemUser: false, userList } })
    expect(backups.length).toBeGreaterThan(5)
    expect(reasonsOf(backups)).toEqual(new Set(['TaskReasonUser']))
    const system = await readAll(connection, { userName: { systemUser: true, userList: ['CORP\\dave'] } })
    expect(reasonsOf(system)).toEqual(new Set(['TaskReasonSystem', 'TaskReasonSchedule', 'TaskReasonAlarm']))
    const failed = await readAll(connection, { state: ['error'] })
    expect(failed.map(({ entityName }) => entityName)).toEqual(['san-01', 'rac-01', 'backup-01'])
    const [one] = failed
    expect(await readAll(connection, { eventChainId: [one!.eventChainId] })).toEqual([one])
    const byAlarm = all.find(({ reason }) => reason._typeName === 'TaskReasonAlarm')
    const { alarm } = byAlarm!.reason as DataObject<'TaskReasonAlarm'>
    expect(await readAll(connection, { alarm })).toEqual([byAlarm])
    const scheduledTask = { type: 'ScheduledTask', value: 'schedule-1' }
    expect(reasonsOf(await readAll(connection, { scheduledTask }))).toEqual(new Set(['TaskReasonSchedule']))
    expect(await readAll(connection, { tag: ['none'] })).toEqual([])
  })
})

describe('a collector of tasks', () => {
  it('has the last queued tasks on its latest page, and older ones before it', async () => {
    const { connection } = await start()
    const all = await readAll(connection)
    const collector = await collect(connection)
    await connection.call('SetCollectorPageSize', collector, { maxCount: 3 })
    const latest = await latestPage(connection, collector)
    expect(latest).toEqual(all.slice(-3).reverse())
    await connection.call('ResetCollector', collector, {})
    expect(await connection.call('ReadPreviousTasks', collector, { maxCount: 4 })).toEqual(
      all.slice(-7, -3).reverse(),
    )
  })

  it('reports a new page when a task is queued, starts or ends, but not when it progresses', async () => {
    const { connection, clock, simulator, create } = await start()
    const collector = await collect(connection)
    const changes: string[] = []
    simulator.objects.on('changed', (object, property) => {
      if (object.moid === collector.value) changes.push(property)
    })
    await create('web-02')
    expect(changes).toHaveLength(1)
    clock.advance(100)
    expect(changes).toHaveLength(2)
    clock.advance(800)
    expect(changes).toHaveLength(2)
    clock.advance(200)
    expect(changes).toHaveLength(3)
  })

  it('hides tasks of objects that the user may not see, after the page was cut', async () => {
    const { simulator, connection, connect, create } = await start({
      users: [{ username: 'half', password: 'pass', grants: [{ role: 'ReadOnly' }] }],
    })
    simulator.authorization.grant('half', { role: 'NoAccess', on: simulator.inventory.vm('web-01').ref })
    await create('web-02')
    await create('web-01')
    const half = connect()
    await half.login('half')
    const collector = await collect(half)
    await half.call('SetCollectorPageSize', collector, { maxCount: 1 })
    expect(await latestPage(half, collector)).toEqual([])
    const namesOf = (tasks: readonly TaskInfo[]) => tasks.map(({ entityName }) => entityName)
    expect(namesOf(await readAll(half))).not.toContain('web-01')
    expect(namesOf(await readAll(connection))).toContain('web-01')
    expect(namesOf(await readAll(half))).toContain('web-02')
  })

  it('belongs to its session, which can have 32 of them', async () => {
    const { connection, simulator } = await start()
    for (let nth = 0; nth < 32; nth += 1) await collect(connection)
    expect(await faultOf(collect(connection))).toMatchObject({ _typeName: 'InvalidState' })
    expect(simulator.live.historyCollectors).toBe(32)
    await connection.call('Logout', { type: 'SessionManager', value: 'SessionManager' }, {})
    expect(simulator.live.historyCollectors).toBe(0)
  })
})
