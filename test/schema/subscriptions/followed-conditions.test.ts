// Tests which conditions a subscription of inventory changes accepts: those on what vCenter reports as a change of the object itself.

import { describe, expect, it, onTestFinished } from 'vitest'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

async function gatewayWithIds() {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  const url = await gateway.listen()
  const { data, errors } = await gateway.execute(
    `{ hosts(first: 1) { nodes { id } } computeResources(filter: { isCluster: { eq: true } }, first: 1) { nodes { id } }
       folders(first: 1) { nodes { id } } datastores(first: 1) { nodes { id } } networks(first: 1) { nodes { id } }
       resourcePools(first: 1) { nodes { id } } datacenters(first: 1) { nodes { id } } }`,
  )
  expect(errors).toBeUndefined()
  const idOf = (connection: string) => data[connection].nodes[0].id
  const filled = (filter: string) => filter.replaceAll(/\$(\w+)/g, (_, name) => JSON.stringify(idOf(name)))
  const follow = (filter: string) =>
    subscribe(url, `subscription { inventoryChanges(filter: ${filled(filter)}) { initial } }`)
  return { ...gateway, follow }
}

describe('a subscription follows', () => {
  it.each([
    '{ virtualMachine: {} }',
    '{ virtualMachine: { name: { glob: "web-*" }, powerState: { eq: POWERED_ON }, moid: { ne: "vm-1" } } }',
    '{ virtualMachine: { template: { eq: false }, cpuCount: { gt: 1 }, guest: { hostName: { isNull: false } } } }',
    '{ virtualMachine: { or: [{ host: { id: { eq: $hosts } } }, { not: { host: { moid: { eq: "host-1" } } } }] } }',
    '{ virtualMachine: { folder: { id: { eq: $folders } }, resourcePool: { id: { in: [$resourcePools] } } } }',
    '{ virtualMachine: { datastores: { some: { id: { eq: $datastores } } }, networks: { none: { id: { eq: $networks } } } } }',
    '{ virtualMachine: { host: {}, vApp: { and: [] }, datastores: { some: {} } } }',
    '{ virtualMachine: { snapshots: { some: {} } } }',
    '{ virtualMachine: { managedBy: { extensionKey: { contains: "vim" } }, cpuAllocation: { reservation: { gt: 0 } } } }',
    '{ virtualMachine: { name: null, disks: {}, datacenter: null } }',
    '{ hostSystem: { inMaintenanceMode: { eq: false }, cluster: { id: { eq: $computeResources } }, computeResource: { isCluster: { eq: true } } } }',
    '{ hostSystem: { datastores: { some: { id: { eq: $datastores } } } } }',
    '{ computeResource: { isCluster: { eq: true }, drsEnabled: { eq: true }, totalCpu: { gt: 1 }, evcMode: { isNull: false } } }',
    '{ computeResource: { hosts: { some: { id: { eq: $hosts } } }, resourcePool: { id: { eq: $resourcePools } } } }',
    '{ resourcePool: { parent: { id: { eq: $resourcePools } }, computeResource: { id: { eq: $computeResources } }, cpuAllocation: { limit: { isNull: true } } } }',
    '{ datastore: { freePercent: { lt: 10 }, type: { eq: "VMFS" }, datastoreCluster: {}, folder: { id: { eq: $folders } } } }',
    '{ network: { kind: { eq: DISTRIBUTED_PORTGROUP }, switch: {}, portCount: { gte: 1 } } }',
    '{ folder: { kind: { eq: VIRTUAL_MACHINE }, parent: { id: { eq: $folders } } } }',
    '{ storagePod: { storageDrsEnabled: { eq: true } }, distributedVirtualSwitch: { version: { startsWith: "8" } }, datacenter: {} }',
  ])('%s', async (filter) => {
    const { follow } = await gatewayWithIds()
    const events = await follow(filter)
    const event = await events.next()
    expect(event?.errors).toBeUndefined()
    events.abortClient()
  })
})

describe('a subscription rejects, before any call', () => {
  const [otherObject, far, list, unreported, large, tags] = [
    'it is a property of another object',
    'no property of the object itself refers to it',
    'it is a list',
    'vCenter need not report changes of it',
    'it is too large to be read with each change',
    'vCenter does not report when a tag is attached',
  ]
  it.each([
    ['{ virtualMachine: { host: { name: { eq: "a" } } } }', 'virtualMachine.host.name', otherObject],
    [
      '{ virtualMachine: { or: [{}, { not: { host: { inMaintenanceMode: { eq: true } } } }] } }',
      'virtualMachine.or[1].not.host.inMaintenanceMode',
      otherObject,
    ],
    ['{ virtualMachine: { host: { cluster: {} } } }', 'virtualMachine.host.cluster', otherObject],
    [
      '{ virtualMachine: { datastores: { some: { and: [{ name: { eq: "a" } }] } } } }',
      'virtualMachine.datastores.some.and[0].name',
      otherObject,
    ],
    ['{ virtualMachine: { cluster: { id: { eq: "x" } } } }', 'virtualMachine.cluster', far],
    ['{ virtualMachine: { datacenter: { id: { eq: "x" } } } }', 'virtualMachine.datacenter', far],
    ['{ virtualMachine: { path: { startsWith: "/a" } } }', 'virtualMachine.path', far],
    ['{ network: { isUplink: { eq: true } } }', 'network.isUplink', far],
    ['{ virtualMachine: { currentSnapshot: {} } }', 'virtualMachine.currentSnapshot', large],
    ['{ virtualMachine: { snapshots: { some: { name: { eq: "a" } } } } }', 'virtualMachine.snapshots', large],
    ['{ virtualMachine: { snapshots: { every: {} } } }', 'virtualMachine.snapshots', large],
    ['{ virtualMachine: { disks: { some: {} } } }', 'virtualMachine.disks', large],
    [
      '{ virtualMachine: { changeTracking: { reasons: { none: {} } } } }',
      'virtualMachine.changeTracking.reasons',
      unreported,
    ],
    [
      '{ virtualMachine: { customAttributes: { some: { value: { eq: "a" } } } } }',
      'virtualMachine.customAttributes',
      list,
    ],
    ['{ virtualMachine: { tags: { none: {} } } }', 'virtualMachine.tags', tags],
    ['{ virtualMachine: { cpuUsage: { gt: 1 } } }', 'virtualMachine.cpuUsage', unreported],
    [
      '{ virtualMachine: { and: [{ maxCpuUsage: { gt: 1 } }] } }',
      'virtualMachine.and[0].maxCpuUsage',
      unreported,
    ],
    [
      '{ virtualMachine: { storage: { committed: { gt: 1 } } } }',
      'virtualMachine.storage.committed',
      unreported,
    ],
    ['{ hostSystem: { triggeredAlarms: { none: {} } } }', 'hostSystem.triggeredAlarms', unreported],
    ['{ virtualMachine: { overallStatus: { eq: RED } } }', 'virtualMachine.overallStatus', unreported],
    ['{ hostSystem: { memoryUsagePercent: { gt: 90 } } }', 'hostSystem.memoryUsagePercent', unreported],
    ['{ hostSystem: { virtualMachines: { some: {} } } }', 'hostSystem.virtualMachines', list],
    ['{ computeResource: { usage: { cpuDemand: { gt: 1 } } } }', 'computeResource.usage', unreported],
    ['{ computeResource: { drsScore: { gt: 1 } } }', 'computeResource.drsScore', unreported],
    ['{ resourcePool: { cpuUsage: { gt: 1 } } }', 'resourcePool.cpuUsage', unreported],
    ['{ resourcePool: { maxMemoryUsage: { gt: 1 } } }', 'resourcePool.maxMemoryUsage', unreported],
    ['{ folder: { virtualMachines: { none: {} } } }', 'folder.virtualMachines', list],
    ['{ datacenter: { hosts: { some: {} } } }', 'datacenter.hosts', list],
    ['{ virtualMachine: {}, network: { vlan: {} } }', 'network.vlan', large],
  ] as const)('%s', async (filter, path, why) => {
    const gateway = startGateway()
    onTestFinished(() => gateway.close())
    const events = await subscribe(
      await gateway.listen(),
      `subscription { inventoryChanges(filter: ${filter}) { initial } }`,
    )
    const [result, ...others] = await events.remaining()
    expect(others).toEqual([])
    expect(result?.errors).toMatchObject([
      {
        message: expect.stringContaining(`a subscription cannot follow filter.${path}: ${why}`),
        extensions: { code: 'BAD_USER_INPUT', remedy: expect.any(String) },
      },
    ])
    expect(gateway.simulator.calls).toEqual([])
  })

  it.each(['{}', '{ virtualMachine: null }'])('the filter %s without a type', async (filter) => {
    const gateway = startGateway()
    onTestFinished(() => gateway.close())
    const events = await subscribe(
      await gateway.listen(),
      `subscription { inventoryChanges(filter: ${filter}) { initial } }`,
    )
    expect(await events.remaining()).toMatchObject([
      {
        errors: [
          {
            message: 'the filter of inventoryChanges is empty',
            extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringContaining('{ virtualMachine: {} }') },
          },
        ],
      },
    ])
    expect(gateway.simulator.calls).toEqual([])
  })
})
