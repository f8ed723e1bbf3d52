// Tests the calls of inventoryChanges: at the start for each type and for all together, and for each change.

import { describe, expect, it, onTestFinished } from 'vitest'
import type { SimulatedObject, Simulator } from '../../../src/simulator/index.ts'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'
import { begin, inventoryChanges, next } from './inventory-changes-fixture.ts'

type Spec = DataObject<'PropertyFilterSpec'>

const pathsOf = ({ propSet }: Spec) =>
  (propSet ?? []).map(({ type, pathSet }) => `${type}: ${(pathSet ?? []).join(', ')}`)

/** The calls in order, with the paths of filters and retrievals. Long polls are counted as one. */
function callsOf({ calls }: Simulator): string[] {
  const described = calls.flatMap(({ method, args }) => {
    if (method === 'CreateContainerView') return [`${method} ${(args.type as string[]).join()}`]
    if (method === 'CreateFilter') return [`${method} ${pathsOf(args.spec as Spec).join('; ')}`]
    if (method === 'RetrievePropertiesEx')
      return [`${method} ${(args.specSet as Spec[]).map((spec) => pathsOf(spec).join('; ')).join(' + ')}`]
    return [method]
  })
  return described.filter((each, index) => each !== 'WaitForUpdatesEx' || described[index - 1] !== each)
}

async function follow(vms: number, fields: string, filter: object) {
  const gateway = startGateway({ vms })
  onTestFinished(() => gateway.close())
  const { simulator } = gateway
  simulator.inventory.settings.guestsWrite = false
  await gateway.execute('{ vcenters { name } }')
  simulator.calls.length = 0
  const events = await subscribe(await gateway.listen(), inventoryChanges(fields), { filter })
  onTestFinished(() => events.abortClient())
  await begin(events)
  await expect.poll(() => simulator.live.waits, { interval: 5 }).toBe(1)
  return { simulator, events }
}

describe.each([
  [
    'computeResource',
    'ComputeResource',
    '... on ComputeResource { isCluster totalCpu drsEnabled }',
    'ClusterComputeResource: configuration.drsConfig.enabled; ComputeResource: name, summary.totalCpu',
  ],
  ['datacenter', 'Datacenter', '', 'Datacenter: name'],
  [
    'datastore',
    'Datastore',
    '... on Datastore { freePercent }',
    'Datastore: name, summary.capacity, summary.freeSpace',
  ],
  ['distributedVirtualSwitch', 'DistributedVirtualSwitch', '', 'DistributedVirtualSwitch: name'],
  ['folder', 'Folder', '... on Folder { parent { moid } }', 'Folder: name, parent'],
  [
    'hostSystem',
    'HostSystem',
    '... on HostSystem { inMaintenanceMode }',
    'HostSystem: name, runtime.inMaintenanceMode',
  ],
  ['network', 'Network', '... on Network { accessible }', 'Network: name, summary.accessible'],
  ['resourcePool', 'ResourcePool', '... on ResourcePool { parent { moid } }', 'ResourcePool: name, parent'],
  ['storagePod', 'StoragePod', '... on StoragePod { capacity }', 'StoragePod: name, summary.capacity'],
  [
    'virtualMachine',
    'VirtualMachine',
    '... on VirtualMachine { powerState }',
    'VirtualMachine: name, runtime.powerState',
  ],
])('a subscription of %s', (key, vimType, fragment, paths) => {
  it('costs one filter, one scan and one retrieval for its first batch', async () => {
    const { simulator } = await follow(1, `name ${fragment}`, { [key]: {} })
    expect(callsOf(simulator)).toEqual([
      'CurrentTime',
      'CreatePropertyCollector',
      `CreateContainerView ${vimType}`,
      `CreateFilter ${paths}`,
      'WaitForUpdatesEx',
      `RetrievePropertiesEx ${vimType}: name`,
      `RetrievePropertiesEx ${paths}`,
    ])
  })
})

describe('a subscription of several types', () => {
  const filter = {
    virtualMachine: { powerState: { ne: 'SUSPENDED' } },
    hostSystem: {},
    datastore: { type: { eq: 'VMFS' } },
  }
  const fields =
    'name overallStatus ... on VirtualMachine { cpuUsage storage { committed } host { name } } ... on HostSystem { uptime }'

  it('costs one scan for all types, and a retrieval for each batch', async () => {
    const { simulator } = await follow(1, fields, filter)
    expect(callsOf(simulator)).toEqual([
      'CurrentTime',
      'CreatePropertyCollector',
      'CreateContainerView Datastore',
      'CreateContainerView HostSystem',
      'CreateContainerView VirtualMachine',
      // Without usage and status, of which vCenter sends no updates.
      'CreateFilter Datastore: name, summary.type; HostSystem: name; VirtualMachine: name, runtime.host, runtime.powerState',
      'WaitForUpdatesEx',
      'RetrievePropertiesEx Datastore: name, summary.type; HostSystem: name; VirtualMachine: name, runtime.powerState',
      'RetrievePropertiesEx Datastore: name, overallStatus, summary.type; HostSystem: name; VirtualMachine: name, overallStatus, runtime.host, runtime.powerState, summary.quickStats.overallCpuUsage, summary.storage.committed + HostSystem: overallStatus, summary.quickStats.uptime',
    ])
  })

  it('costs the same for many objects, except for a retrieval for each batch', async () => {
    const { simulator } = await follow(450, fields, filter)
    const retrievals = callsOf(simulator).filter((each) => each.startsWith('RetrievePropertiesEx'))
    const count = ['VirtualMachine', 'HostSystem', 'Datastore']
      .map((type) => [...simulator.objects.ofType(type as 'HostSystem')].length)
      .reduce((sum, each) => sum + each)
    expect(retrievals.length).toBeGreaterThan(5)
    expect(retrievals.length).toBeLessThanOrEqual(2 + Math.ceil(count / 100))
    expect(callsOf(simulator).length - retrievals.length).toBe(7)
  })

  it('costs one retrieval for a change of several objects', async () => {
    const { simulator, events } = await follow(20, fields, filter)
    simulator.calls.length = 0
    const [host] = simulator.objects.ofType('HostSystem')
    ;(host as SimulatedObject).set('name', 'renamed')
    simulator.inventory.vm('web-01').set('name', 'renamed')
    expect((await next(events)).changes).toHaveLength(2)
    expect(callsOf(simulator).filter((each) => each !== 'WaitForUpdatesEx')).toHaveLength(1)
  })
})
