// Alarms of the simulator: where a triggered alarm appears, who sees it, what acknowledging and clearing do, and what is rejected.

import { expect, it } from 'vitest'
import { alarmManager } from '../../../src/simulator/alarms/alarm-store.ts'
import { eventLogOf } from '../../../src/simulator/history/event-log.ts'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import {
  objectSpec,
  propertyCollector,
  rootFolder,
  type SoapConnection,
  valuesOf,
} from '../soap-connection.ts'
import { faultOf, startLoggedIn } from '../start.ts'

const read = (connection: SoapConnection, ref: ManagedObjectReference, prop: string) =>
  connection.call('Fetch', ref, { prop })

const statesOf = async (connection: SoapConnection, ref: ManagedObjectReference) =>
  (await read(connection, ref, 'triggeredAlarmState')) as readonly DataObject<'AlarmState'>[]

async function startWithMachine() {
  const started = await startLoggedIn()
  const machine = started.simulator.inventory.machine('web-01')
  return { ...started, alarms: started.simulator.alarms, vm: machine.ref, machine }
}

it('has alarms from the start, of which some are acknowledged', async () => {
  const { connection } = await startWithMachine()
  const states = await statesOf(connection, rootFolder)
  expect(states.map(({ entity }) => entity.type).sort()).toEqual([
    'Datastore',
    'HostSystem',
    'VirtualMachine',
    'VirtualMachine',
  ])
  const acknowledged = states.filter((each) => each.acknowledged)
  expect(acknowledged).toHaveLength(2)
  for (const state of acknowledged)
    expect(state).toMatchObject({
      acknowledgedByUser: expect.stringMatching(/^[A-Z.]+\\\w+$/),
      acknowledgedTime: expect.any(Date),
    })
  for (const { alarm } of states)
    expect(await read(connection, alarm, 'info')).toMatchObject({
      name: expect.any(String),
      description: expect.any(String),
      alarm,
      entity: rootFolder,
    })
})

it('reports a triggered alarm on its object and each ancestor under one key, with the worst status', async () => {
  const { connection, alarms, vm, machine } = await startWithMachine()
  const { key } = alarms.trigger('Virtual machine memory usage', vm, { status: 'red' })
  for (const ref of [vm, machine.folder, rootFolder]) {
    const states = await statesOf(connection, ref as ManagedObjectReference)
    expect(states.filter((each) => each.key === key)).toEqual([
      expect.objectContaining({ entity: vm, overallStatus: 'red', acknowledged: false }),
    ])
    expect(await read(connection, ref as ManagedObjectReference, 'overallStatus')).toBe('red')
  }
  const statusInSummary = async () => [
    await read(connection, vm, 'summary.overallStatus'),
    ((await read(connection, vm, 'summary')) as { overallStatus: string }).overallStatus,
  ]
  expect(await statusInSummary()).toEqual(['red', 'red'])
  alarms.recover({ key })
  expect(await statesOf(connection, vm)).toEqual([])
  expect(await read(connection, vm, 'overallStatus')).toBe('green')
  expect(await statusInSummary()).toEqual(['green', 'green'])
})

it('has the status of a host and its cluster in their summaries too', async () => {
  const { connection, alarms, machine, simulator } = await startWithMachine()
  const cluster = simulator.objects.find(machine.host)?.get('parent') as ManagedObjectReference
  alarms.define({ name: 'x', description: 'x', type: 'HostSystem' })
  const { key } = alarms.trigger('x', machine.host, { status: 'red' })
  const statuses = async () => [
    await read(connection, machine.host, 'summary.overallStatus'),
    await read(connection, cluster, 'summary.overallStatus'),
    await read(connection, cluster, 'summaryEx.overallStatus'),
  ]
  expect(await statuses()).toEqual(['red', 'red', 'red'])
  alarms.recover({ key })
  expect(await statuses()).toEqual([
    await read(connection, machine.host, 'overallStatus'),
    await read(connection, cluster, 'overallStatus'),
    await read(connection, cluster, 'overallStatus'),
  ])
})

it('declares each alarm that applies to the type of an object, triggered or not', async () => {
  const { connection, alarms, vm } = await startWithMachine()
  const { alarm } = alarms.trigger('alarm.VmMemoryUsageAlarm', vm, { status: 'yellow' })
  const declared = await connection.call('GetAlarmState', alarmManager, { entity: vm })
  expect(declared).toEqual(await read(connection, vm, 'declaredAlarmState'))
  expect(declared.map(({ overallStatus }) => overallStatus).sort()).toEqual(['green', 'green', 'yellow'])
  expect(await connection.call('GetAlarm', alarmManager, {})).toContainEqual(alarm)
  expect(await connection.call('GetAlarm', alarmManager, { entity: vm })).toEqual([])
})

it('records who acknowledged an alarm and when, and keeps its status', async () => {
  const { connection, alarms, clock, vm } = await startWithMachine()
  const { alarm } = alarms.trigger('Virtual machine memory usage', vm)
  clock.advance(60_000)
  await connection.call('AcknowledgeAlarm', alarmManager, { alarm, entity: vm })
  expect(await statesOf(connection, vm)).toMatchObject([
    { overallStatus: 'red', acknowledged: true, acknowledgedByUser: 'user', acknowledgedTime: clock.now() },
  ])
  const fault = await faultOf(
    connection.call('AcknowledgeAlarm', alarmManager, { alarm, entity: rootFolder }),
  )
  expect(fault).toMatchObject({ _typeName: 'InvalidArgument' })
})

it('clears the alarms that match a filter', async () => {
  const { connection } = await startWithMachine()
  const clear = (filter: DataObject<'AlarmFilterSpec'>) =>
    connection.call('ClearTriggeredAlarms', alarmManager, { filter })
  await clear({ status: ['red'], typeEntity: 'entityTypeVm' })
  expect((await statesOf(connection, rootFolder)).map(({ overallStatus }) => overallStatus)).toEqual([
    'yellow',
    'yellow',
    'yellow',
  ])
  await clear({ typeEntity: 'entityTypeHost', typeTrigger: 'triggerTypeMetric' })
  expect(await statesOf(connection, rootFolder)).toHaveLength(3)
  expect(await faultOf(clear({ typeEntity: 'vm' }))).toMatchObject({ _typeName: 'InvalidArgument' })
  await clear({})
  expect(await statesOf(connection, rootFolder)).toEqual([])
})

it('hides the alarms of objects that a user may not see', async () => {
  const { connect, connection, simulator } = await startLoggedIn({
    users: [{ username: 'reader', password: 'pass', grants: [{ role: 'ReadOnly' }] }],
  })
  for (const { ref } of simulator.objects.ofType('VirtualMachine'))
    simulator.authorization.grant('reader', { role: 'NoAccess', on: ref })
  const all = await statesOf(connection, rootFolder)
  const reader = connect()
  await reader.login('reader')
  const visible = await statesOf(reader, rootFolder)
  expect(visible).toEqual(all.filter(({ entity }) => entity.type !== 'VirtualMachine'))
  const reply = await reader.retrieve(objectSpec('Folder', ['triggeredAlarmState'], rootFolder))
  expect(valuesOf(reply?.objects?.[0])).toEqual({ triggeredAlarmState: visible })
})

it('sends no updates of alarms, but the state with the next change', async () => {
  const { connection, alarms, simulator, vm } = await startWithMachine()
  const paths = ['name', 'triggeredAlarmState']
  const filter = { spec: objectSpec('VirtualMachine', paths, vm), partialUpdates: false }
  await connection.call('CreateFilter', propertyCollector, filter)
  const wait = (version: string, options = {}) =>
    connection.call('WaitForUpdatesEx', propertyCollector, { version, options })
  const first = await wait('')
  alarms.trigger('Virtual machine memory usage', vm)
  expect(await wait(first?.version ?? '', { maxWaitSeconds: 0 })).toBeUndefined()
  simulator.inventory.vm('web-01').set('name', 'renamed')
  const next = await wait(first?.version ?? '')
  const [change] = next?.filterSet?.[0]?.objectSet ?? []
  expect(change?.changeSet?.map(({ name }) => name)).toEqual(paths)
})

it('ends the alarms of an object that is removed', async () => {
  const { connection, simulator, alarms, vm } = await startWithMachine()
  const before = await statesOf(connection, rootFolder)
  alarms.trigger('Virtual machine memory usage', vm)
  simulator.inventory.destroy('web-01')
  expect(await statesOf(connection, rootFolder)).toEqual(before)
})

it('records events when an alarm is triggered, acknowledged and cleared', async () => {
  const { connection, alarms, simulator, vm } = await startWithMachine()
  const { alarm, eventKey } = alarms.trigger('Virtual machine memory usage', vm, { status: 'yellow' })
  await connection.call('AcknowledgeAlarm', alarmManager, { alarm, entity: vm })
  await connection.call('ClearTriggeredAlarms', alarmManager, { filter: { status: ['yellow'] } })
  const events = eventLogOf(simulator.objects).events.flatMap(({ event }) =>
    event._typeName.startsWith('Alarm') && event.vm?.vm.value === vm.value ? [event] : [],
  )
  expect(events.map(({ userName, fullFormattedMessage }) => [userName, fullFormattedMessage])).toEqual([
    ['', "Alarm 'Virtual machine memory usage' on web-01 changed from green to yellow"],
    ['user', 'Acknowledged alarm Virtual machine memory usage on web-01'],
    ['user', "Manually cleared alarm 'Virtual machine memory usage' on web-01 from yellow"],
  ])
  expect(events[0]).toMatchObject({ key: eventKey, alarm: { alarm }, entity: { entity: vm } })
})
