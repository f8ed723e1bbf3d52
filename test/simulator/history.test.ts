// The event log, and what history collectors have in common: pages, limits, and their end.

import { describe, expect, it } from 'vitest'
import { eventLogOf, recordEvent, withEventCause } from '../../src/simulator/history/event-log.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { objectSpec, propertyCollector, type SoapConnection, valuesOf } from './soap-connection.ts'
import { faultOf, startLoggedIn } from './start.ts'

const eventManager = { type: 'EventManager', value: 'EventManager' }

const collect = (connection: SoapConnection, filter: DataObject<'EventFilterSpec'> = {}) =>
  connection.call('CreateCollectorForEvents', eventManager, { filter })

const keysOf = (events: readonly DataObject<'Event'>[] | undefined) => (events ?? []).map(({ key }) => key)

async function latestPage(connection: SoapConnection, collector: ManagedObjectReference) {
  const result = await connection.retrieve(objectSpec('EventHistoryCollector', ['latestPage'], collector))
  return valuesOf(result?.objects?.[0]).latestPage as readonly DataObject<'Event'>[] | undefined
}

async function startWithEvents(count: number, user = {}) {
  const started = await startLoggedIn(user)
  const { objects, inventory } = started.simulator
  const first = recordEvent(objects, { _typeName: 'VmPoweredOnEvent', vm: inventory.vm('web-01').ref }).key
  for (let index = 1; index < count; index += 1)
    recordEvent(objects, { _typeName: 'VmPoweredOnEvent', vm: inventory.vm('web-01').ref })
  return { ...started, objects, inventory, first }
}

const ofClass = (...eventTypeId: string[]) => ({ eventTypeId })

describe('the event log', () => {
  it('fills in the key, the time, the message, the names and the containers of the objects', async () => {
    const { simulator, clock } = await startLoggedIn()
    clock.advance(5_000)
    const vm = simulator.inventory.vm('db-01').ref
    const event = recordEvent(simulator.objects, { _typeName: 'VmPoweredOffEvent', userName: 'ann', vm })
    expect(event).toMatchObject({
      key: event.chainId,
      createdTime: clock.now(),
      userName: 'ann',
      template: false,
      vm: { name: 'db-01', vm },
      datacenter: { name: 'Frankfurt' },
    })
    expect(event.fullFormattedMessage).toBe(`db-01 on ${event.host?.name} in Frankfurt is powered off`)
    expect(event.computeResource?.name).toBeDefined()
    expect(simulator.objects.find(eventManager)?.get('latestEvent')).toBe(event)
  })

  it('gives events of a task the user and the chain of the task', async () => {
    const { simulator } = await startLoggedIn()
    const event = withEventCause(simulator.objects, { userName: 'ann', chainId: 7 }, () =>
      recordEvent(simulator.objects, {
        _typeName: 'VmPoweredOffEvent',
        vm: simulator.inventory.vm('db-01').ref,
      }),
    )
    expect(event).toMatchObject({ userName: 'ann', chainId: 7 })
  })

  it('purges events after 30 days', async () => {
    const { objects, clock } = await startWithEvents(3)
    clock.advance(31 * 24 * 60 * 60 * 1000)
    expect(eventLogOf(objects).events).toEqual([])
  })
})

describe('a history collector', () => {
  it('reads from the oldest event on, and back from where it is', async () => {
    const { connection, first } = await startWithEvents(5)
    const collector = await collect(connection, ofClass('VmPoweredOnEvent'))
    await connection.call('RewindCollector', collector, {})
    expect(await connection.call('ReadPreviousEvents', collector, { maxCount: 10 })).toEqual([])
    const next = async (maxCount: number) =>
      keysOf(await connection.call('ReadNextEvents', collector, { maxCount }))
    expect((await next(1000)).slice(-5)).toEqual([first, first + 1, first + 2, first + 3, first + 4])
    expect(await next(10)).toEqual([])
    expect(keysOf(await connection.call('ReadPreviousEvents', collector, { maxCount: 2 }))).toEqual([
      first + 4,
      first + 3,
    ])
    expect(await next(1)).toEqual([first + 3])
  })

  it('leaves the latest page out of the events before it after a reset', async () => {
    const { connection, first } = await startWithEvents(5)
    const collector = await collect(connection, { ...ofClass('VmPoweredOnEvent'), maxCount: 2 })
    await connection.call('ResetCollector', collector, {})
    expect(keysOf(await latestPage(connection, collector))).toEqual([first + 4, first + 3])
    expect(keysOf(await connection.call('ReadPreviousEvents', collector, { maxCount: 2 }))).toEqual([
      first + 2,
      first + 1,
    ])
    await connection.call('ResetCollector', collector, {})
    expect(keysOf(await connection.call('ReadNextEvents', collector, { maxCount: 10 }))).toEqual([
      first + 3,
      first + 4,
    ])
  })

  it('cuts pages before it drops events that the user may not see', async () => {
    const { simulator, connect, first } = await startWithEvents(3, {
      users: [{ username: 'half', password: 'pass', grants: [{ role: 'ReadOnly' }] }],
    })
    simulator.authorization.grant('half', { role: 'NoAccess', on: simulator.inventory.vm('web-01').ref })
    recordEvent(simulator.objects, {
      _typeName: 'VmPoweredOnEvent',
      vm: simulator.inventory.vm('web-02').ref,
    })
    const connection = connect()
    await connection.login('half')
    const collector = await collect(connection, { ...ofClass('VmPoweredOnEvent'), maxCount: 1 })
    await connection.call('ResetCollector', collector, {})
    expect(keysOf(await latestPage(connection, collector))).toEqual([first + 3])
    expect(await connection.call('ReadPreviousEvents', collector, { maxCount: 2 })).toEqual([])
  })

  it('reports each new event in its latest page through WaitForUpdatesEx', async () => {
    const { connection, objects, inventory, first } = await startWithEvents(1)
    const collector = await collect(connection, { ...ofClass('VmPoweredOnEvent'), maxCount: 1 })
    await connection.call('CreateFilter', propertyCollector, {
      spec: objectSpec('EventHistoryCollector', ['latestPage'], collector),
      partialUpdates: false,
    })
    const wait = (version: string) =>
      connection.call('WaitForUpdatesEx', propertyCollector, { version, options: {} })
    const pageOf = (set: DataObject<'UpdateSet'> | undefined) =>
      keysOf(set?.filterSet?.[0]?.objectSet?.[0]?.changeSet?.[0]?.val as DataObject<'Event'>[])
    const initial = await wait('')
    expect(pageOf(initial)).toEqual([first])
    const pending = wait(String(initial?.version))
    recordEvent(objects, { _typeName: 'VmPoweredOffEvent', vm: inventory.vm('web-01').ref })
    recordEvent(objects, { _typeName: 'VmPoweredOnEvent', vm: inventory.vm('web-01').ref })
    expect(pageOf(await pending)).toEqual([first + 2])
  })

  it('exists at most 32 times in a session, and ends with it', async () => {
    const { connection, simulator, connect } = await startLoggedIn()
    const collectors = []
    for (let index = 0; index < 32; index += 1) collectors.push(await collect(connection))
    expect(simulator.live.historyCollectors).toBe(32)
    expect(await faultOf(collect(connection))).toMatchObject({ _typeName: 'InvalidState' })
    const other = connect()
    await other.login()
    await collect(other)
    await connection.call('DestroyCollector', collectors[0] as ManagedObjectReference, {})
    await collect(connection)
    await connection.call('Logout', { type: 'SessionManager', value: 'SessionManager' }, {})
    expect(simulator.live.historyCollectors).toBe(1)
  })

  it('rejects page sizes below 1 and above 1000', async () => {
    const { connection } = await startLoggedIn()
    const collector = await collect(connection)
    for (const maxCount of [0, 1001]) {
      for (const call of [
        connection.call('ReadNextEvents', collector, { maxCount }),
        connection.call('ReadPreviousEvents', collector, { maxCount }),
        connection.call('SetCollectorPageSize', collector, { maxCount }),
        collect(connection, { maxCount }),
      ])
        expect(await faultOf(call)).toMatchObject({ _typeName: 'InvalidArgument' })
    }
  })
})
