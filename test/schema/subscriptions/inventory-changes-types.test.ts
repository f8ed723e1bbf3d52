// Tests Subscription.inventoryChanges of each inventory type, of several types in one subscription, and of objects that refer to others.

import { describe, expect, it } from 'vitest'
import type { SimulatedObject, Simulator } from '../../../src/simulator/index.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { subscribe } from '../../subscribe.ts'
import {
  begin,
  inventoryChanges,
  next,
  nextBatch,
  retrievalsOf,
  started,
  summary,
} from './inventory-changes-fixture.ts'

const byName = inventoryChanges('moid name')

/** The first object of a type, or of one of its subtypes. */
const objectOf = ({ objects }: Simulator, ...types: string[]) =>
  [...objects.all()].find(({ type }) => types.includes(type)) as SimulatedObject

const idIn = async (
  { execute }: Awaited<ReturnType<typeof started>>['gateway'],
  root: string,
  { ref }: { ref: ManagedObjectReference },
) => {
  const { data } = await execute(`{ ${root}(by: { moid: "${ref.value}" }) { id } }`)
  return data[root].id as string
}

describe('each type', () => {
  it.each([
    [
      'computeResource',
      'COMPUTE_RESOURCE',
      'computeResources',
      ['ClusterComputeResource', 'ComputeResource'],
    ],
    ['datacenter', 'DATACENTER', 'datacenters', ['Datacenter']],
    ['datastore', 'DATASTORE', 'datastores', ['Datastore']],
    [
      'distributedVirtualSwitch',
      'DISTRIBUTED_VIRTUAL_SWITCH',
      'distributedSwitches',
      ['VmwareDistributedVirtualSwitch'],
    ],
    ['folder', 'FOLDER', 'folders', ['Folder']],
    ['hostSystem', 'HOST_SYSTEM', 'hosts', ['HostSystem']],
    ['network', 'NETWORK', 'networks', ['DistributedVirtualPortgroup', 'Network', 'OpaqueNetwork']],
    ['resourcePool', 'RESOURCE_POOL', 'resourcePools', ['VirtualApp', 'ResourcePool']],
    ['storagePod', 'STORAGE_POD', 'datastoreClusters', ['StoragePod']],
    ['virtualMachine', 'VIRTUAL_MACHINE', 'virtualMachines', ['VirtualMachine']],
  ])('of %s is sent completely, and then its changes', async (key, type, connection, vimTypes) => {
    const { gateway, simulator, url } = await started()
    const { data } = await gateway.execute(`{ ${connection}(first: 1000) { nodes { id moid name } } }`)
    const events = await subscribe(url, byName, { filter: { [key]: {} } })
    const { changes } = await next(events)
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
    expect(changes.map(({ entity }) => entity!).sort(byId)).toEqual(data[connection].nodes.sort(byId))
    expect(await nextBatch(events)).toEqual({ initial: false, changes: [] })
    const root = simulator.inventory.rootFolder
    for (const vimType of vimTypes) {
      const object = [...simulator.objects.ofType(vimType as 'Folder')].find(
        ({ moid }) => moid !== root.value,
      )
      if (!object) continue
      object.set('name', `renamed-${vimType}`)
      const event = await next(events)
      expect(event).toMatchObject({
        initial: false,
        changes: [{ kind: 'MODIFY', type, entity: { moid: object.moid, name: `renamed-${vimType}` } }],
      })
      simulator.objects.remove(object.ref)
      expect(await next(events)).toMatchObject({
        changes: [{ kind: 'LEAVE', type, entityId: event.changes[0]?.entityId, entity: null }],
      })
    }
    events.abortClient()
  })

  it('does not report datastore clusters as folders, nor changes of the root folder', async () => {
    const { simulator, url } = await started()
    const events = await subscribe(url, byName, { filter: { folder: {} } })
    await begin(events)
    objectOf(simulator, 'StoragePod').set('name', 'a cluster')
    simulator.objects.find(simulator.inventory.rootFolder)?.set('name', 'the root')
    objectOf(simulator, 'Datacenter').set('name', 'not followed')
    const [folder] = [...simulator.objects.ofType('Folder')].slice(-1)
    folder?.set('name', 'a folder')
    expect(summary(await next(events))).toEqual([['MODIFY', 'a folder']])
    events.abortClient()
  })
})

describe('several types', () => {
  const query = inventoryChanges(
    'name ... on ComputeResource { drsEnabled } ... on Network { portCount } ... on HostSystem { inMaintenanceMode }',
  )
  const filter = { computeResource: {}, network: {}, hostSystem: {}, storagePod: { name: { eq: 'absent' } } }

  it('are read together, in one filter and one retrieval for each batch', async () => {
    const { simulator, url } = await started()
    const events = await subscribe(url, query, { filter })
    await begin(events)
    expect(simulator.live).toMatchObject({ views: 4, collectors: 1, filters: 1, waits: 1 })
    simulator.calls.length = 0
    const [host, cluster] = [objectOf(simulator, 'HostSystem'), objectOf(simulator, 'ClusterComputeResource')]
    host.set('name', 'host')
    cluster.set('name', 'cluster')
    expect(summary(await next(events)).sort()).toEqual([
      ['MODIFY', 'cluster'],
      ['MODIFY', 'host'],
    ])
    expect(retrievalsOf(simulator)).toHaveLength(1)
    events.abortClient()
  })

  it('report changes of properties of their subtypes', async () => {
    const { simulator, url } = await started()
    const events = await subscribe(url, query, { filter })
    await begin(events)
    const cluster = objectOf(simulator, 'ClusterComputeResource')
    const configuration = cluster.get('configuration') as { drsConfig: object }
    cluster.set('configuration', {
      ...configuration,
      drsConfig: { ...configuration.drsConfig, enabled: false },
    })
    expect((await next(events)).changes).toMatchObject([
      { kind: 'MODIFY', type: 'COMPUTE_RESOURCE', entity: { drsEnabled: false } },
    ])
    const portgroup = objectOf(simulator, 'DistributedVirtualPortgroup')
    portgroup.set('config', { ...(portgroup.get('config') as object), numPorts: 4711 })
    expect((await next(events)).changes).toMatchObject([
      { kind: 'MODIFY', type: 'NETWORK', entity: { portCount: 4711 } },
    ])
    events.abortClient()
  })

  it('omit a property that only one of them does not have on this server', async () => {
    const { gateway, simulator, url } = await started()
    // As an old server, which does not say which type lacks the property.
    simulator.faults.fault({ _typeName: 'InvalidProperty', name: 'summary.currentEVCModeKey' } as never, {
      method: 'CreateFilter',
    })
    const events = await subscribe(url, inventoryChanges('name ...on HostSystem { evcMode version }'), {
      filter: { hostSystem: {}, datastore: {} },
    })
    const { changes } = await next(events)
    const host = changes.find(({ type }) => type === 'HOST_SYSTEM')
    expect(host?.entity).toMatchObject({ evcMode: null, version: expect.any(String) })
    expect(gateway.lines).toEqual([expect.stringContaining('HostSystem.summary.currentEVCModeKey')])
    events.abortClient()
  })
})

describe('membership by an object that is referred to', () => {
  it('follows virtual machines from host to host and from folder to folder', async () => {
    const { gateway, simulator, url, machine } = await started()
    const vm = simulator.inventory.vm('web-01')
    const host = simulator.objects.find(machine('web-01').host) as SimulatedObject
    const folder = simulator.objects.find(machine('web-01').folder) as SimulatedObject
    const other = [...simulator.objects.ofType('HostSystem')].find(({ moid }) => moid !== host.moid)
    const events = await subscribe(url, byName, {
      filter: {
        virtualMachine: {
          host: { id: { eq: await idIn(gateway, 'host', host) } },
          folder: { id: { eq: await idIn(gateway, 'folder', folder) } },
        },
      },
    })
    expect([...(await begin(events)).keys()]).toContain('web-01')
    const runtime = vm.get('runtime') as object
    vm.set('runtime', { ...runtime, host: other?.ref })
    expect((await next(events)).changes).toMatchObject([{ kind: 'LEAVE' }])
    vm.set('runtime', { ...runtime, host: host.ref })
    expect(summary(await next(events))).toEqual([['ENTER', 'web-01']])
    const parent = vm.get('parent')
    vm.set('parent', objectOf(simulator, 'Folder').ref)
    expect((await next(events)).changes).toMatchObject([{ kind: 'LEAVE' }])
    vm.set('parent', parent)
    expect(summary(await next(events))).toEqual([['ENTER', 'web-01']])
    events.abortClient()
  })

  it('follows virtual machines from datastore to datastore, and datastores into clusters', async () => {
    const { gateway, simulator, url } = await started()
    const vm = simulator.inventory.vm('web-01')
    const [ref, ...others] = vm.get('datastore') as ManagedObjectReference[]
    const pod = objectOf(simulator, 'StoragePod')
    const datastore = simulator.objects.find(ref!) as SimulatedObject
    const events = await subscribe(url, byName, {
      filter: {
        virtualMachine: {
          name: { eq: 'web-01' },
          datastores: { some: { id: { eq: await idIn(gateway, 'datastore', datastore) } } },
        },
        datastore: {
          moid: { eq: datastore.moid },
          datastoreCluster: { id: { eq: await idIn(gateway, 'datastoreCluster', pod) } },
        },
      },
    })
    const isInPod = (datastore.get('parent') as ManagedObjectReference).value === pod.moid
    expect((await begin(events)).size).toBe(isInPod ? 2 : 1)
    vm.set('datastore', others)
    expect((await next(events)).changes).toMatchObject([{ kind: 'LEAVE', type: 'VIRTUAL_MACHINE' }])
    datastore.set('parent', isInPod ? objectOf(simulator, 'Folder').ref : pod.ref)
    expect((await next(events)).changes).toMatchObject([
      { kind: isInPod ? 'LEAVE' : 'ENTER', type: 'DATASTORE' },
    ])
    events.abortClient()
  })
})

describe('values that vCenter does not report', () => {
  it('cause no batch, and are read with the next change', async () => {
    const { simulator, url } = await started()
    const { moid } = simulator.inventory.vm('web-01')
    const events = await subscribe(
      url,
      inventoryChanges(
        'name overallStatus ...on VirtualMachine { cpuUsage storage { committed } host { name } }',
      ),
      { filter: { virtualMachine: { moid: { eq: moid } }, resourcePool: {} } },
    )
    await begin(events)
    const vm = simulator.inventory.vm('web-01')
    simulator.calls.length = 0
    vm.set('overallStatus', 'red')
    const summaryOf = vm.get('summary') as { quickStats: object }
    vm.set('summary', { ...summaryOf, quickStats: { ...summaryOf.quickStats, overallCpuUsage: 4711 } })
    const pool = objectOf(simulator, 'ResourcePool')
    pool.set('summary', { ...(pool.get('summary') as object), configuredMemoryMB: 1 })
    // The name of the host is a property of another object.
    objectOf(simulator, 'HostSystem').set('name', 'another host')
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
    expect(retrievalsOf(simulator)).toEqual([])
    vm.set('name', 'web-99')
    expect((await next(events)).changes).toMatchObject([
      { kind: 'MODIFY', entity: { name: 'web-99', overallStatus: 'RED', cpuUsage: 4711 } },
    ])
    events.abortClient()
  })

  it('are not reported as changes when the stream was lost', async () => {
    const { simulator, url } = await started()
    const events = await subscribe(url, inventoryChanges('name overallStatus'), {
      filter: { virtualMachine: {} },
    })
    await begin(events)
    simulator.inventory.vm('web-01').set('overallStatus', 'red')
    simulator.faults.expireSessions()
    simulator.inventory.vm('web-02').set('name', 'web-99')
    expect(summary(await next(events))).toEqual([['MODIFY', 'web-99']])
    events.abortClient()
  })
})

describe('an object that may no longer be read', () => {
  it('is sent as LEAVE, and as ENTER when it may be read again', async () => {
    const { simulator, url } = await started()
    const events = await subscribe(url, byName, { filter: { virtualMachine: { name: { glob: 'web-*' } } } })
    const id = (await begin(events)).get('web-01')?.id
    const { ref } = simulator.inventory.vm('web-01')
    // The vCenter reports it with the next change.
    const changeAnother = (name: string) => simulator.inventory.vm('mail-01').set('name', name)
    simulator.authorization.grant('user', { role: 'NoAccess', on: ref })
    changeAnother('mail-02')
    expect((await next(events)).changes).toMatchObject([{ kind: 'LEAVE', entityId: id, entity: null }])
    simulator.authorization.grant('user', { role: 'ReadOnly', on: ref })
    changeAnother('mail-03')
    expect((await next(events)).changes).toMatchObject([{ kind: 'ENTER', entityId: id }])
    events.abortClient()
  })
})

describe('coverage', () => {
  const query = `subscription ($filter: InventoryFilter!) {
    inventoryChanges(filter: $filter) {
      initial changes { kind } coverage { vcenter isComplete undecidedCount error { code retryable } }
    }
  }`

  it('is incomplete while the vCenter cannot be reached, and complete again with the changes since then', async () => {
    const { simulator, url, rename } = await started()
    const events = await subscribe(url, query, { filter: { virtualMachine: { name: { glob: 'web-0*' } } } })
    const complete = { vcenter: 'test', isComplete: true, undecidedCount: 0, error: null }
    expect(await nextBatch(events)).toMatchObject({ initial: true, coverage: [complete] })
    expect(await nextBatch(events)).toMatchObject({ initial: false, coverage: [complete] })
    const undo = simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
    simulator.faults.expireSessions()
    expect(await nextBatch(events)).toEqual({
      initial: false,
      changes: [],
      coverage: [{ ...complete, isComplete: false, error: { code: 'VCENTER_UNAVAILABLE', retryable: true } }],
    })
    rename('web-01', 'web-09')
    undo()
    expect(await nextBatch(events)).toEqual({
      initial: false,
      changes: [],
      coverage: [complete],
    })
    events.abortClient()
  })

  it('counts the objects for which the filter cannot be decided, which are not followed', async () => {
    const { simulator, url } = await started()
    const { ref } = simulator.inventory.vm('web-01')
    const allow = simulator.faults.deny(ref, 'runtime')
    const events = await subscribe(url, query, {
      filter: { virtualMachine: { name: { glob: 'web-0*' }, powerState: { ne: 'SUSPENDED' } } },
    })
    const counts = async () => {
      const { initial, changes, coverage } = (await nextBatch(events)) as never as {
        initial: boolean
        changes: { kind: string }[]
        coverage: { undecidedCount: number; isComplete: boolean }[]
      }
      expect(coverage).toMatchObject([{ isComplete: true }])
      return [initial, changes.map(({ kind }) => kind).join(), coverage[0]?.undecidedCount]
    }
    const [, entered] = await counts()
    expect(entered).toMatch(/^ENTER/)
    expect(await counts()).toEqual([false, '', 1])
    allow()
    simulator.inventory.vm('web-01').set('name', 'web-09')
    expect(await counts()).toEqual([false, 'ENTER', 0])
    simulator.faults.deny(ref, 'runtime')
    simulator.inventory.vm('web-01').set('name', 'web-08')
    expect(await counts()).toEqual([false, 'LEAVE', 1])
    events.abortClient()
  })
})
