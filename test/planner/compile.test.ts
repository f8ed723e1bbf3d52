// Tests the compilation of plans to PropertyFilterSpecs: one retrieval, no over-fetching of objects that
// merely share a type, and consistent traversal names.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ancestors } from '../../src/planner/ancestors.ts'
import { datacenterVirtualMachines } from '../../src/planner/descendants/in-folders.ts'
import {
  hostNetworks,
  siblings,
  snapshotTree,
  virtualMachineDatastores,
  virtualMachineHost,
  virtualMachineNetworks,
} from '../../src/planner/edges.ts'
import { PlanNode } from '../../src/planner/plan-node.ts'
import { type CompileTarget, compile } from '../../src/planner/property-collector/compile.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { startGateway } from '../test-gateway.ts'

type Spec = DataObject<'PropertyFilterSpec'>
type Selection = DataObject<'SelectionSpec'> & Partial<DataObject<'TraversalSpec'>>

const ref = (type: string, value: string): ManagedObjectReference => ({ type, value })
const vm1 = ref('VirtualMachine', 'vm-1')

const pathsOf = ({ propSet = [] }: Spec) =>
  Object.fromEntries(propSet.map(({ type, pathSet }) => [type, pathSet]))

/** All traversals of a spec, as full TraversalSpecs (with a path) or as references by name. */
function* selectionsOf({ objectSet = [] }: Spec): Generator<Selection> {
  function* within(set: readonly DataObject<'SelectionSpec'>[] = []): Generator<Selection> {
    for (const each of set as readonly Selection[]) {
      yield each
      yield* within(each.selectSet)
    }
  }
  for (const { selectSet } of objectSet) yield* within(selectSet)
}

function expectConsistentNames(spec: Spec): void {
  const all = [...selectionsOf(spec)]
  const defined = all.filter(({ path }) => path !== undefined).map(({ name }) => name)
  expect(new Set(defined).size).toBe(defined.length)
  for (const { name } of all) expect(defined).toContain(name)
}

describe('a plan with one node', () => {
  it('compiles to a PropertySpec with sorted paths, and reports the objects', () => {
    const { specSet } = compile([
      { refs: [vm1], node: new PlanNode('VirtualMachine', 'name', 'config.uuid') },
    ])
    expect(specSet).toEqual([
      {
        propSet: [{ type: 'VirtualMachine', pathSet: ['config.uuid', 'name'] }],
        objectSet: [{ obj: vm1, skip: false, selectSet: [] }],
        reportMissingObjectsInResults: true,
      },
    ])
  })

  it('still requests objects without paths, to learn whether they exist', () => {
    const { specSet } = compile([{ refs: [vm1], node: new PlanNode('VirtualMachine') }])
    expect(specSet.map(pathsOf)).toEqual([{ VirtualMachine: [] }])
  })

  it('starts at a view with one hop that excludes the view itself', () => {
    const view = ref('ContainerView', 'session[1]2')
    const { specSet } = compile([{ view, node: new PlanNode('VirtualMachine', 'name') }])
    expect(specSet[0]?.objectSet).toMatchObject([
      { obj: view, skip: true, selectSet: [{ type: 'ContainerView', path: 'view', skip: false }] },
    ])
  })
})

describe('plan edges', () => {
  const machine = () => {
    const node = new PlanNode('VirtualMachine', 'name')
    node.follow(virtualMachineHost).read('name')
    node.follow(virtualMachineDatastores).read('summary.freeSpace')
    node.follow(snapshotTree).read('config.hardware.device')
    node.follow(ancestors)
    return node
  }

  it('compile to traversals with unique names that recurse by name', () => {
    const { specSet } = compile([{ refs: [vm1], node: machine() }])
    expect(specSet).toHaveLength(1)
    expectConsistentNames(specSet[0]!)
    const steps = [...selectionsOf(specSet[0]!)]
      .filter(({ path }) => path !== undefined)
      .map(({ type, path }) => `${type}.${path}`)
    expect(steps.sort()).toEqual([
      'ManagedEntity.parent',
      'VirtualApp.parentFolder',
      'VirtualMachine.datastore',
      'VirtualMachine.parentVApp',
      'VirtualMachine.rootSnapshot',
      'VirtualMachine.runtime.host',
      'VirtualMachineSnapshot.childSnapshot',
    ])
  })

  it('are written out once for many objects, which refer to them by name', () => {
    const refs = [1, 2, 3].map((number) => ref('VirtualMachine', `vm-${number}`))
    const { specSet } = compile([{ refs, node: machine() }])
    const [first, ...others] = specSet[0]?.objectSet ?? []
    expectConsistentNames(specSet[0]!)
    for (const { selectSet } of others)
      expect(selectSet).toEqual(first?.selectSet?.map(({ name }) => ({ _typeName: 'SelectionSpec', name })))
  })

  it('are not traversed when the target needs nothing', () => {
    const node = new PlanNode('VirtualMachine', 'name')
    node.follow(snapshotTree)
    node.follow(virtualMachineHost)
    const { specSet } = compile([{ refs: [vm1], node }])
    expect(specSet.map(pathsOf)).toEqual([{ VirtualMachine: ['name', 'runtime.host', 'snapshot'] }])
    expect(specSet[0]?.objectSet?.[0]?.selectSet).toEqual([])
  })

  it('to one type with different requirements compile to separate specs', () => {
    const node = new PlanNode('VirtualMachine', 'name')
    const datacenter = node.follow(ancestors).read('name')
    datacenter.follow(datacenterVirtualMachines).read('config.hardware.device')
    const { specSet } = compile([{ refs: [vm1], node }])
    expect(specSet).toHaveLength(2)
    for (const spec of specSet) expectConsistentNames(spec)
    expect(specSet.map((spec) => pathsOf(spec).VirtualMachine)).toEqual([
      ['name', 'parent', 'parentVApp'],
      ['config.hardware.device'],
    ])
    // The second spec only traverses the first object on its way.
    expect(specSet[1]?.objectSet?.[0]?.skip).toBe(true)
  })

  it('to one type with the same requirements share a spec', () => {
    const node = new PlanNode('VirtualMachine', 'name', 'parent', 'parentVApp')
    const datacenter = node.follow(ancestors)
    datacenter.follow(datacenterVirtualMachines).read('name', 'parent', 'parentVApp')
    expect(compile([{ refs: [vm1], node }]).specSet).toHaveLength(1)
  })
})

describe('several targets', () => {
  it('share a spec when they are of different types, but not when one type has different requirements', () => {
    const targets: CompileTarget[] = [
      { refs: [vm1], node: new PlanNode('VirtualMachine', 'name') },
      { refs: [ref('HostSystem', 'host-1')], node: new PlanNode('HostSystem', 'name') },
      {
        refs: [ref('VirtualMachine', 'vm-2')],
        node: new PlanNode('VirtualMachine', 'config.hardware.device'),
      },
      { refs: [ref('VirtualMachine', 'vm-3')], node: new PlanNode('VirtualMachine', 'name') },
    ]
    const { specSet, requestedPaths } = compile(targets)
    expect(specSet.map(pathsOf)).toEqual([
      { HostSystem: ['name'], VirtualMachine: ['name'] },
      { VirtualMachine: ['config.hardware.device'] },
    ])
    expect(specSet.map(({ objectSet = [] }) => objectSet.map(({ obj }) => obj.value))).toEqual([
      ['vm-1', 'host-1', 'vm-3'],
      ['vm-2'],
    ])
    expect([...requestedPaths('VirtualMachine')].sort()).toEqual(['config.hardware.device', 'name'])
    expect([...requestedPaths('Datastore')]).toEqual([])
  })
})

describe('paths of a subtype', () => {
  const network = ref('Network', 'network-1')
  const portgroup = ref('DistributedVirtualPortgroup', 'dvportgroup-1')

  it('compile to a PropertySpec of the subtype beside the one of the type, in one spec', () => {
    const node = new PlanNode('Network', 'name').readSubtype('DistributedVirtualPortgroup', 'key')
    const { specSet, requestedPaths } = compile([{ refs: [network, portgroup], node }])
    expect(specSet.map(pathsOf)).toEqual([{ Network: ['name'], DistributedVirtualPortgroup: ['key'] }])
    expect(specSet[0]?.objectSet?.map(({ obj, skip }) => [obj.value, skip])).toEqual([
      ['network-1', false],
      ['dvportgroup-1', false],
    ])
    expect([...requestedPaths('DistributedVirtualPortgroup')].sort()).toEqual(['key', 'name'])
    expect([...requestedPaths('Network')]).toEqual(['name'])
  })

  it('do not add paths to the objects of other nodes of the type', () => {
    const node = new PlanNode('VirtualMachine')
    node.follow(virtualMachineNetworks).readSubtype('DistributedVirtualPortgroup', 'key')
    node.follow(virtualMachineHost).follow(hostNetworks).read('summary.accessible')
    const { specSet } = compile([{ refs: [vm1], node }])
    const together = specSet.filter(({ propSet = [] }) => {
      const types = propSet.filter(({ pathSet = [] }) => pathSet.length > 0).map(({ type }) => type)
      return types.includes('Network') && types.includes('DistributedVirtualPortgroup')
    })
    expect(together).toEqual([])
  })

  it('are ordinary paths when the subtype is the type of the node', () => {
    const node = new PlanNode('DistributedVirtualPortgroup', 'name').readSubtype(
      'DistributedVirtualPortgroup',
      'key',
    )
    expect(node.subtypePaths.size).toBe(0)
    expect([...node.paths]).toEqual(['name', 'key'])
  })

  it('are kept by include and removed by minus', () => {
    const one = new PlanNode('Network', 'name').readSubtype('DistributedVirtualPortgroup', 'key')
    const both = new PlanNode('Network').include(one).readSubtype('OpaqueNetwork', 'capability')
    expect([...both.subtypePaths]).toEqual([
      ['DistributedVirtualPortgroup', new Set(['key'])],
      ['OpaqueNetwork', new Set(['capability'])],
    ])
    expect([...both.minus(one).subtypePaths]).toEqual([['OpaqueNetwork', new Set(['capability'])]])
    expect(one.minus(both).isNeeded).toBe(false)
  })

  it('are read only from objects of that subtype, in one retrieval', async () => {
    const gateway = startGateway()
    const query = `{ networks { nodes { id kind } } }`
    const { data } = await gateway.execute(query)
    const ids = data.networks.nodes.map(({ id }: { id: string }) => id)
    const {
      data: found,
      errors,
      extensions,
    } = await gateway.execute(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Network { id kind portgroupKey name } } }`,
      { ids },
      { 'x-vsphere-trace': '1' },
    )
    expect(errors).toBeUndefined()
    expect(extensions?.vsphere).toMatchObject({ retrievals: 1 })
    const kinds = new Set<string>()
    for (const { kind, portgroupKey } of found.nodes) {
      kinds.add(kind)
      if (kind === 'DISTRIBUTED_PORTGROUP') expect(portgroupKey).toEqual(expect.any(String))
      else expect(portgroupKey).toBeNull()
    }
    expect(kinds.size).toBeGreaterThan(1)
    await gateway.close()
  })
})

describe('the siblings of an object', () => {
  // The containers are in the first spec. The other object takes that spec for its own paths of the type.
  it.each(['VirtualMachine', 'HostSystem', 'Datastore', 'Network'] as const)(
    'are reported with their names when an object of the type %s with other paths is read before them',
    (type) => {
      const node = new PlanNode(type, 'name')
      node.follow(siblings(type)).read('name')
      const other = new PlanNode(type, 'overallStatus')
      const { specSet } = compile([
        { refs: [ref(type, 'other-1')], node: other },
        { refs: [ref(type, 'found-1')], node },
      ])
      const spec = specSet.find((each) => pathsOf(each)[type]?.includes('name'))
      expect(spec).not.toBe(specSet[0])
      const childPaths = Object.values(siblings(type).collectsOnPath ?? {}).flat()
      const steps = [...selectionsOf(spec!)].filter(({ path }) => childPaths.includes(path ?? ''))
      expect(steps.map(({ path, skip }) => [path, skip])).toEqual(childPaths.map((path) => [path, false]))
    },
  )

  it('are found by a lookup by path when another lookup reads the same type in the same retrieval', async () => {
    const { simulator, ...gateway } = startGateway()
    const [vm, twin] = [simulator.inventory.vm('web-01'), simulator.inventory.vm('web-02')]
    const { path } = (
      await gateway.execute('query ($moid: String!) { virtualMachine(by: { moid: $moid }) { path } }', {
        moid: vm.moid,
      })
    ).data.virtualMachine
    twin.set('name', 'web-01')
    const { instanceUuid } = simulator.inventory.machine('db-01')
    const { data, errors, extensions } = await gateway.execute(
      `query ($path: String!, $instanceUuid: String!) {
        other: virtualMachine(by: { instanceUuid: $instanceUuid }) { annotation }
        virtualMachine(by: { path: $path }) { moid }
      }`,
      { path, instanceUuid },
      { 'x-vsphere-trace': '1' },
    )
    expect(data).toEqual({ other: { annotation: 'Orders' }, virtualMachine: null })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'AMBIGUOUS' })
    // One for both lookups, one for the paths of the candidates.
    expect(extensions?.vsphere).toMatchObject({ retrievals: 2 })
    await gateway.close()
  })
})

describe('a type that is reached by two traversals', () => {
  it('gives each node its own data, in one retrieval', async () => {
    const gateway = startGateway({ limits: { objects: 10_000_000, responseValues: 10_000_000 } })
    await gateway.execute(
      '{ datacenters { nodes { virtualMachines { totalCount } } } virtualMachines { totalCount } }',
    )
    const { data, errors, extensions } = await gateway.execute(
      `{ virtualMachines(first: 1000, filter: { name: { glob: "w*" } }) { nodes { name cpuCount datacenter { name
        virtualMachines(first: 1000, filter: { snapshots: { some: {} } }) { nodes { name snapshots { name } disks { label } } }
      } } } }`,
      {},
      { 'x-vsphere-trace': '1' },
    )
    expect(errors).toBeUndefined()
    expect(extensions?.vsphere).toMatchObject({ retrievals: 1 })
    expect(
      data.virtualMachines.nodes.map((vm: { name: string; cpuCount: number }) => [vm.name, vm.cpuCount]),
    ).toEqual([
      ['web-01', 2],
      ['web-02', 2],
      ['wiki-01', 2],
    ])
    const [web] = data.virtualMachines.nodes
    expect(web.datacenter.virtualMachines.nodes).toEqual([
      {
        name: 'db-01',
        snapshots: [{ name: 'nightly' }, { name: 'nightly' }],
        disks: [{ label: 'Hard disk 1' }, { label: 'Hard disk 2' }, { label: 'Hard disk 3' }],
      },
      {
        name: 'erp-01',
        snapshots: [{ name: 'base' }, { name: 'after-patch' }, { name: 'base' }, { name: '50/50 test' }],
        disks: [{ label: 'Hard disk 1' }, { label: 'Hard disk 2' }],
      },
      { name: 'web-01', snapshots: [{ name: 'before-update' }], disks: [{ label: 'Hard disk 1' }] },
    ])
    await gateway.close()
  })
})

describe('a server that fails the whole retrieval for one missing object', () => {
  it('still returns the existing objects, with the targets of their edges', async () => {
    const gateway = startGateway()
    const { data: listed } = await gateway.execute(
      '{ virtualMachines(first: 4) { nodes { id moid name host { name } datastores { name } } } }',
    )
    const [dead, ...living] = listed.virtualMachines.nodes
    const { simulator } = gateway
    simulator.inventory.destroy({ type: 'VirtualMachine', value: dead.moid })
    simulator.faults.fault(
      { _typeName: 'ManagedObjectNotFound', obj: { type: 'VirtualMachine', value: dead.moid } },
      { method: 'RetrievePropertiesEx' },
    )
    const { data, errors } = await gateway.execute(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on VirtualMachine { moid name host { name } datastores { name } } } }',
      { ids: [dead, ...living].map(({ id }) => id) },
    )
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND'])
    expect(data.nodes).toEqual([null, ...living])
    await gateway.close()
  })

  it('still returns them when the missing object is the first of a page, whose traversals the others name', async () => {
    let victim: ManagedObjectReference | undefined
    const gateway = startGateway({
      wrap: (transport) => ({
        ...transport,
        async send(request) {
          if (victim && String(request.body).includes('<obj type="VirtualMachine">')) {
            const obj = victim
            victim = undefined
            gateway.simulator.inventory.destroy(obj)
            gateway.simulator.faults.fault(
              { _typeName: 'ManagedObjectNotFound', obj },
              { method: 'RetrievePropertiesEx' },
            )
          }
          return transport.send(request)
        },
      }),
    })
    const query = '{ virtualMachines(first: 4) { nodes { name host { name } datastores { name } path } } }'
    const { data: before } = await gateway.execute(query)
    victim = gateway.simulator.inventory.machine(before.virtualMachines.nodes[0].name).ref
    const { data, errors } = await gateway.execute(query)
    expect(errors).toBeUndefined()
    expect(data.virtualMachines.nodes).toEqual(before.virtualMachines.nodes.slice(1))
    await gateway.close()
  })
})

describe('overlapping requirements of any number of nodes', () => {
  const paths = fc.subarray(['name', 'parent', 'config.uuid', 'config.hardware.device', 'snapshot'])
  const machine: fc.Arbitrary<PlanNode> = fc
    .tuple(paths, paths, paths, fc.boolean(), fc.boolean())
    .map(([own, atHost, inDatacenter, withHost, withDatacenter]) => {
      const node = new PlanNode('VirtualMachine', ...own)
      if (withHost) node.follow(virtualMachineHost).read(...atHost.filter((path) => path === 'name'))
      if (withDatacenter)
        node
          .follow(ancestors)
          .follow(datacenterVirtualMachines)
          .read(...inDatacenter)
      return node
    })
  const target: fc.Arbitrary<CompileTarget> = fc.oneof(
    fc.record({ view: fc.constant(ref('ContainerView', 'session[1]2')), node: machine }),
    fc.record({ refs: fc.subarray([vm1, ref('VirtualMachine', 'vm-2')], { minLength: 1 }), node: machine }),
  )

  it('request each path of a type in one spec', () => {
    fc.assert(
      fc.property(fc.array(target, { minLength: 1, maxLength: 4 }), (targets) => {
        const { specSet } = compile(targets)
        const requested = specSet.flatMap(({ propSet = [] }) =>
          propSet.flatMap(({ type, pathSet = [] }) => pathSet.map((path) => `${type}.${path}`)),
        )
        expect(new Set(requested).size).toBe(requested.length)
        for (const { node } of targets)
          for (const path of node.paths) expect(requested).toContain(`VirtualMachine.${path}`)
        for (const spec of specSet) {
          expectConsistentNames(spec)
          const starts = (spec.objectSet ?? []).map(({ obj }) => obj.value)
          expect(new Set(starts).size).toBe(starts.length)
        }
      }),
      { seed: 60, numRuns: 300 },
    )
  })

  it('omit the known paths of an object, and the object when all its paths are known', () => {
    const known = new Set(['name', 'parent'])
    expect(compile([{ refs: [vm1], node: new PlanNode('VirtualMachine', 'name'), known }]).specSet).toEqual(
      [],
    )
    const { specSet } = compile([
      { refs: [vm1], node: new PlanNode('VirtualMachine', 'name', 'snapshot'), known },
    ])
    expect(specSet.map(pathsOf)).toEqual([{ VirtualMachine: ['snapshot'] }])
  })

  it('request a base type and its subtypes alike', () => {
    const { requestedPaths } = compile([
      { refs: [ref('ClusterComputeResource', 'domain-c1')], node: new PlanNode('ComputeResource', 'name') },
    ])
    expect([...requestedPaths('ClusterComputeResource')]).toEqual(['name'])
    expect([...requestedPaths('HostSystem')]).toEqual([])
  })
})
