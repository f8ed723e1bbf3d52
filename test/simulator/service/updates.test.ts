// WaitForUpdatesEx: which updates it returns, with which version, and how a wait ends.

import { describe, expect, it } from 'vitest'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import {
  objectSpec,
  propertyCollector,
  type SoapConnection,
  sessionManager,
  viewManager,
  viewSpec,
} from '../soap-connection.ts'
import { faultOf, startLoggedIn, viewOf } from '../start.ts'

type UpdateSet = DataObject<'UpdateSet'> | undefined

const wait = (
  connection: SoapConnection,
  version = '',
  options: DataObject<'WaitOptions'> = {},
  collector = propertyCollector,
) => connection.call('WaitForUpdatesEx', collector, { version, options })

const updatesOf = (set: UpdateSet) => (set?.filterSet ?? []).flatMap(({ objectSet }) => objectSet ?? [])
const changesOf = (set: UpdateSet) =>
  updatesOf(set).flatMap(({ changeSet }) => (changeSet ?? []).map(({ name, op, val }) => [name, op, val]))

async function startFilter({ partialUpdates = false, pathSet = ['name', 'guestHeartbeatStatus'] } = {}) {
  const started = await startLoggedIn()
  const { connection, simulator } = started
  const vm = simulator.inventory.vm('web-01')
  const filter = await connection.call('CreateFilter', propertyCollector, {
    spec: objectSpec('VirtualMachine', pathSet, vm.ref),
    partialUpdates,
  })
  return { ...started, vm, filter }
}

/** Lets a call reach its wait. */
async function untilWaiting(
  { simulator }: Pick<Awaited<ReturnType<typeof startFilter>>, 'simulator'>,
  count = 1,
) {
  while (simulator.live.waits < count) await new Promise(setImmediate)
}

describe('a wait', () => {
  it('starts with the current state, as enter', async () => {
    const { connection, vm, filter } = await startFilter()
    const set = await wait(connection)
    expect(set).toMatchObject({ version: '1', filterSet: [{ filter }] })
    expect(set?.truncated).toBeUndefined()
    expect(updatesOf(set)).toMatchObject([{ kind: 'enter', obj: vm.ref }])
    expect(changesOf(set)).toEqual([
      ['name', 'assign', 'web-01'],
      ['guestHeartbeatStatus', 'assign', 'green'],
    ])
  })

  it('continues with later changes', async () => {
    const started = await startFilter()
    const { connection, vm } = started
    const { version } = (await wait(connection)) ?? {}
    const next = wait(connection, version)
    await untilWaiting(started)
    vm.set('guestHeartbeatStatus', 'yellow')
    vm.set('guestHeartbeatStatus', 'red')
    const set = await next
    expect(updatesOf(set)).toMatchObject([{ kind: 'modify', obj: vm.ref }])
    expect(changesOf(set)).toEqual([['guestHeartbeatStatus', 'assign', 'red']])
    expect(Number(set?.version)).toBeGreaterThan(Number(version))
  })

  it.each([
    ['overallStatus', ['overallStatus'], (vm: SimulatedObject) => vm.set('overallStatus', 'red')],
    [
      'a part of the summary',
      ['summary', 'summary.quickStats.uptimeSeconds'],
      (vm: SimulatedObject) =>
        vm.set('summary', {
          ...(vm.get('summary') as DataObject<'VirtualMachineSummary'>),
          quickStats: { uptimeSeconds: 1 },
        }),
    ],
  ])('does not report changes of %s, as a vCenter', async (_what, paths, change) => {
    const { connection, simulator, vm } = await startFilter({ pathSet: ['name', ...paths] })
    const { version } = (await wait(connection)) ?? {}
    change(vm)
    expect(await wait(connection, version, { maxWaitSeconds: 0 })).toBeUndefined()
    vm.set('name', 'renamed')
    // They are sent along with others.
    const changes = changesOf(await wait(connection, version))
    expect(changes.map(([name]) => name)).toEqual(['name', ...paths])
    // Access to it is a change of another kind.
    simulator.faults.deny(vm.ref, paths[0] as string)
    expect(updatesOf(await wait(connection, '2', { maxWaitSeconds: 0 }))).toMatchObject([
      { kind: 'modify', missingSet: paths.map((path) => ({ path })) },
    ])
  })

  it('reports unset properties and deleted objects', async () => {
    const { connection, simulator, vm } = await startFilter()
    const first = await wait(connection)
    vm.set('guestHeartbeatStatus', undefined)
    const second = await wait(connection, first?.version)
    expect(changesOf(second)).toEqual([['guestHeartbeatStatus', 'assign', undefined]])
    simulator.faults.remove(vm.ref)
    expect(updatesOf(await wait(connection, second?.version))).toEqual([
      { _typeName: 'ObjectUpdate', kind: 'leave', obj: vm.ref },
    ])
  })

  it('reports nested changes by their own paths with partialUpdates', async () => {
    const { connection, vm } = await startFilter({ partialUpdates: true, pathSet: ['runtime'] })
    const { version } = (await wait(connection)) ?? {}
    vm.set('runtime', { ...(vm.get('runtime') as object), consolidationNeeded: true, bootTime: undefined })
    expect(changesOf(await wait(connection, version))).toEqual([
      ['runtime.bootTime', 'assign', undefined],
      ['runtime.consolidationNeeded', 'assign', true],
    ])
  })

  it('ends without a returnval after its timeout', async () => {
    const started = await startFilter()
    const { connection, clock } = started
    const { version } = (await wait(connection)) ?? {}
    expect(await wait(connection, version, { maxWaitSeconds: 0 })).toBeUndefined()
    const next = wait(connection, version, { maxWaitSeconds: 30 })
    await untilWaiting(started)
    clock.advance(30_000)
    expect(await next).toBeUndefined()
    expect(started.simulator.live.waits).toBe(0)
    expect(connection.last?.text).toContain(
      '<WaitForUpdatesExResponse xmlns="urn:vim25"></WaitForUpdatesExResponse>',
    )
  })

  it('ends when its caller disconnects', async () => {
    const started = await startFilter()
    const { connection, simulator } = started
    const { version } = (await wait(connection)) ?? {}
    const abortClient = new AbortController()
    const args = { version: version ?? '', options: {} }
    const next = connection.call('WaitForUpdatesEx', propertyCollector, args, abortClient.signal)
    await untilWaiting(started)
    abortClient.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    await new Promise(setImmediate)
    expect(simulator.live.waits).toBe(0)
    expect(simulator.objects.listenerCount('added')).toBe(0)
  })

  it.each<
    [string, (started: Awaited<ReturnType<typeof startFilter>>) => Promise<unknown> | undefined, string]
  >([
    [
      'CancelWaitForUpdates',
      ({ connection: c }) => c.call('CancelWaitForUpdates', propertyCollector, {}),
      'RequestCanceled',
    ],
    [
      'DestroyPropertyFilter',
      ({ connection: c, filter }) => c.call('DestroyPropertyFilter', filter, {}),
      'RequestCanceled',
    ],
    ['another wait', ({ connection: c }) => wait(c, '', { maxWaitSeconds: 0 }), 'RequestCanceled'],
    ['logout', ({ connection: c }) => c.call('Logout', sessionManager, {}), 'NotAuthenticated'],
    ['the session expires', ({ simulator }) => void simulator.faults.expireSessions(), 'NotAuthenticated'],
    ['a restart', ({ simulator }) => void simulator.faults.restart(), 'NotAuthenticated'],
  ])('ends with a fault after %s', async (_, end, fault) => {
    const started = await startFilter()
    const { version } = (await wait(started.connection)) ?? {}
    const next = faultOf(wait(started.connection, version))
    await untilWaiting(started)
    await end(started)
    expect(await next).toMatchObject({ _typeName: fault })
  })

  it.each([{ maxWaitSeconds: -1 }, { maxObjectUpdates: 0 }])('with %j is rejected', async (options) => {
    const { connection } = await startFilter()
    expect(await faultOf(wait(connection, '', options))).toMatchObject({ _typeName: 'InvalidArgument' })
  })
})

describe('a version', () => {
  it('returns InvalidCollectorVersion when it is unknown or too old', async () => {
    const { connection, vm } = await startFilter()
    const invalid = { _typeName: 'InvalidCollectorVersion' }
    expect(await faultOf(wait(connection, '1'))).toMatchObject(invalid)
    const first = await wait(connection)
    vm.set('guestHeartbeatStatus', 'red')
    const second = await wait(connection, first?.version)
    await wait(connection, second?.version, { maxWaitSeconds: 0 })
    expect(await faultOf(wait(connection, first?.version))).toMatchObject(invalid)
    expect(await faultOf(wait(connection, '-'))).toMatchObject(invalid)
    expect(updatesOf(await wait(connection, ''))).toMatchObject([{ kind: 'enter' }])
  })

  it('may be used again when the response was lost, even twice', async () => {
    const { connection, vm } = await startFilter()
    const { version } = (await wait(connection)) ?? {}
    vm.set('guestHeartbeatStatus', 'red')
    const red = [['guestHeartbeatStatus', 'assign', 'red']]
    expect(changesOf(await wait(connection, version))).toEqual(red)
    expect(changesOf(await wait(connection, version))).toEqual(red)
    vm.set('guestHeartbeatStatus', 'yellow')
    const last = await wait(connection, version)
    expect(changesOf(last)).toEqual([['guestHeartbeatStatus', 'assign', 'yellow']])
    expect(await wait(connection, last?.version, { maxWaitSeconds: 0 })).toBeUndefined()
  })
})

describe('a filter', () => {
  it('on a live view reports which objects enter and leave', async () => {
    const { connection, simulator } = await startLoggedIn()
    const spec = viewSpec(await viewOf(connection, 'VirtualMachine'), 'VirtualMachine', ['name'])
    await connection.call('CreateFilter', propertyCollector, { spec, partialUpdates: false })
    const first = await wait(connection)
    expect(updatesOf(first)).toHaveLength([...simulator.objects.ofType('VirtualMachine')].length)
    const { ref } = simulator.inventory.vm('web-02')
    simulator.inventory.destroy('web-02')
    expect(updatesOf(await wait(connection, first?.version))).toMatchObject([{ kind: 'leave', obj: ref }])
  })

  it('on a list view follows its changes', async () => {
    const { connection, simulator } = await startLoggedIn()
    const [one, two] = ['web-01', 'web-02'].map((name) => simulator.inventory.vm(name).ref) as [
      ManagedObjectReference,
      ManagedObjectReference,
    ]
    const view = await connection.call('CreateListView', viewManager, { obj: [one] })
    const spec = viewSpec(view, 'VirtualMachine', ['name'])
    await connection.call('CreateFilter', propertyCollector, { spec, partialUpdates: false })
    const first = await wait(connection)
    expect(updatesOf(first)).toMatchObject([{ kind: 'enter', obj: one }])
    const next = wait(connection, first?.version)
    await untilWaiting({ simulator })
    const nowhere = { type: 'VirtualMachine', value: 'vm-0' }
    expect(await connection.call('ModifyListView', view, { add: [two, nowhere], remove: [one] })).toEqual([
      nowhere,
    ])
    const second = await next
    expect(updatesOf(second)).toMatchObject([
      { kind: 'leave', obj: one },
      { kind: 'enter', obj: two },
    ])
    await connection.call('DestroyView', view, {})
    expect(updatesOf(await wait(connection, second?.version))).toMatchObject([{ kind: 'leave', obj: two }])
  })

  it('of many objects is reported in pages of at most a hundred', async () => {
    const { connection } = await startLoggedIn({ vms: 250 })
    const spec = viewSpec(await viewOf(connection, 'VirtualMachine'), 'VirtualMachine', ['name'])
    await connection.call('CreateFilter', propertyCollector, { spec, partialUpdates: false })
    const pages: UpdateSet[] = [await wait(connection)]
    while (pages.at(-1)?.truncated)
      pages.push(await wait(connection, pages.at(-1)?.version, { maxObjectUpdates: 1000 }))
    expect(pages.map((page) => updatesOf(page).length)).toEqual([100, 100, 50])
    expect(new Set(pages.flatMap((page) => updatesOf(page).map(({ obj }) => obj.value))).size).toBe(250)
    expect(await faultOf(wait(connection, pages[0]?.version))).toMatchObject({
      _typeName: 'InvalidCollectorVersion',
    })
    expect((await wait(connection, '', { maxObjectUpdates: 7 }))?.truncated).toBe(true)
  })

  it('with replay returns the older state after the newer one and then the newer one again, and an empty page later', async () => {
    const { connection, simulator, vm, filter } = await startFilter()
    simulator.faults.updates = 'replayed'
    const first = await wait(connection)
    expect(first?.truncated).toBe(true)
    expect(await wait(connection, first?.version)).toEqual({
      _typeName: 'UpdateSet',
      version: '2',
      filterSet: [{ _typeName: 'PropertyFilterUpdate', filter }],
    })
    vm.set('guestHeartbeatStatus', 'red')
    const set = await wait(connection, '2')
    expect(updatesOf(set).map(({ kind }) => kind)).toEqual(['modify', 'modify', 'modify'])
    expect(changesOf(set).map(([, , val]) => val)).toEqual(['red', 'green', 'red'])
    const empty = await wait(connection, set?.version)
    expect(updatesOf(empty)).toEqual([])
    simulator.faults.clear()
    vm.set('guestHeartbeatStatus', 'yellow')
    expect(changesOf(await wait(connection, empty?.version)).map(([, , val]) => val)).toEqual(['yellow'])
  })

  it('reports its missing objects, if requested', async () => {
    const { connection, simulator } = await startLoggedIn()
    const removed = { type: 'VirtualMachine', value: 'vm-0' }
    const spec = objectSpec('VirtualMachine', ['name'], simulator.inventory.vm('web-01').ref, removed)
    const create = (reportMissingObjectsInResults: boolean) =>
      connection.call('CreateFilter', propertyCollector, {
        spec: { ...spec, reportMissingObjectsInResults },
        partialUpdates: false,
      })
    expect(await faultOf(create(false))).toMatchObject({ _typeName: 'ManagedObjectNotFound', obj: removed })
    await create(true)
    const set = await wait(connection)
    expect(set?.filterSet?.[0]?.missingSet).toMatchObject([
      { obj: removed, fault: { fault: { _typeName: 'ManagedObjectNotFound', obj: removed } } },
    ])
    expect(await wait(connection, set?.version, { maxWaitSeconds: 0 })).toBeUndefined()
  })

  it('reports unreadable properties in missingSet', async () => {
    const { connection, simulator, vm } = await startFilter()
    simulator.faults.deny(vm.ref, 'guestHeartbeatStatus')
    expect(updatesOf(await wait(connection))).toMatchObject([
      { changeSet: [{ name: 'name' }], missingSet: [{ path: 'guestHeartbeatStatus' }] },
    ])
  })

  it('on unknown properties is rejected immediately', async () => {
    const { connection, simulator } = await startLoggedIn()
    const spec = objectSpec('VirtualMachine', ['nope'], simulator.inventory.vm('web-01').ref)
    const create = connection.call('CreateFilter', propertyCollector, { spec, partialUpdates: false })
    expect(await faultOf(create)).toMatchObject({ _typeName: 'InvalidProperty', name: 'nope' })
  })
})

describe('a collector', () => {
  it('that was created separately has its own filters and versions', async () => {
    const { connection, simulator, vm } = await startFilter()
    const own = await connection.call('CreatePropertyCollector', propertyCollector, {})
    const spec = objectSpec('VirtualMachine', ['name'], vm.ref)
    const filter = await connection.call('CreateFilter', own, { spec, partialUpdates: false })
    expect(simulator.live).toMatchObject({ collectors: 1, filters: 2 })
    expect(await connection.call('Fetch', own, { prop: 'filter' })).toEqual([filter])
    expect((await wait(connection, '', {}, own))?.filterSet?.map((each) => each.filter)).toEqual([filter])
    await connection.call('DestroyPropertyCollector', own, {})
    expect(simulator.live).toMatchObject({ collectors: 0, filters: 1 })
    expect(await faultOf(connection.call('DestroyPropertyFilter', filter, {}))).toMatchObject({
      _typeName: 'ManagedObjectNotFound',
    })
  })

  it('that is the default one cannot be destroyed', async () => {
    const { connection } = await startLoggedIn()
    const destroy = connection.call('DestroyPropertyCollector', propertyCollector, {})
    expect(await faultOf(destroy)).toMatchObject({ _typeName: 'NotSupported' })
  })

  it('supports the older methods', async () => {
    const started = await startFilter()
    const { connection, vm } = started
    const { version } = await connection.call('WaitForUpdates', propertyCollector, {})
    expect(await connection.call('CheckForUpdates', propertyCollector, { version })).toBeUndefined()
    const next = connection.call('WaitForUpdates', propertyCollector, { version })
    await untilWaiting(started)
    vm.set('guestHeartbeatStatus', 'red')
    expect(changesOf(await next)).toEqual([['guestHeartbeatStatus', 'assign', 'red']])
  })
})
