// Tests the budget table: the exact calls of an operation, and what each retrieval requests. They do not
// depend on the number of virtual machines, and one field more or less is exactly one path more or less.

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeManagedObjectId, encodeVCenterId } from '../../src/schema/core/nodes/ids.ts'
import type { RecordedCall } from '../../src/simulator/index.ts'
import { startTask as startSimulatedTask } from '../../src/simulator/tasks.ts'
import { machineOf } from '../../src/simulator/virtual-machine/machine.ts'
import { setPower } from '../../src/simulator/virtual-machine/power/power-state.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'
import {
  allPathsRequested,
  type Budget,
  describeBudgets,
  describeCalls,
  execute,
  lines,
  pathsRequested,
} from './call-budget.ts'

const serviceInstance: ManagedObjectReference = { type: 'ServiceInstance', value: 'ServiceInstance' }

function identity({ simulator }: TestGateway): string {
  const content = simulator.objects.find(serviceInstance)!.get('content') as DataObject<'ServiceContent'>
  return content.about.instanceUuid as string
}

const idOf = (gateway: TestGateway, ref: ManagedObjectReference, key?: number): string =>
  encodeManagedObjectId(
    identity(gateway),
    ref,
    key === undefined ? undefined : { typeName: 'VirtualDisk', key },
  )

/** Ids of objects that exist already with one virtual machine. */
function idsOf(gateway: TestGateway) {
  const { inventory, objects } = gateway.simulator
  const { ref, host, datastores, rootSnapshots, uuid, instanceUuid } = inventory.machine('web-01')
  const [datacenter] = objects.ofType('Datacenter')
  const snapshot = rootSnapshots[0]!.ref
  return {
    vm: idOf(gateway, ref),
    datacenter: idOf(gateway, datacenter!.ref),
    snapshot: idOf(gateway, snapshot),
    host: idOf(gateway, host),
    datastore: idOf(gateway, datastores[0]!),
    disk: idOf(gateway, ref, 2000),
    frozenDisk: idOf(gateway, snapshot, 2000),
    vcenter: encodeVCenterId({ name: 'test' }),
    uuid,
    instanceUuid,
  }
}

/** A task on web-01 that runs for the whole test. */
function startTask({ simulator: { objects, inventory } }: TestGateway): ManagedObjectReference {
  const { ref } = inventory.machine('web-01')
  return startSimulatedTask(
    objects,
    {
      name: 'Wait_Task',
      descriptionId: 'VirtualMachine.wait',
      entity: ref,
      userName: 'user',
      durationMs: 600_000,
    },
    () => undefined,
  )
}

const nested = `{ datacenters(first: 10) { nodes { name virtualMachines(first: 1000) { nodes {
  name powerState path host { name } datastores { name } disks { label capacity } snapshots { name disks { label changeId } }
} } } } }`

const budgets: Budget[] = [
  {
    name: 'the nested query of everything',
    query: nested,
    first: `
      CreateContainerView Datacenter
      RetrievePropertiesEx
        Datacenter: name, vmFolder
        Folder: childEntity
        ResourcePool: resourcePool, vm
        VirtualMachine: name
        from a view ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.resourcePool* VirtualApp.vm* view*
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Datastore: name
        Folder: name, parent
        HostSystem: name
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        VirtualMachine: config.hardware.device, datastore, parent, parentVApp, runtime.host, runtime.powerState, snapshot
        VirtualMachineSnapshot: config.hardware.device
        from VirtualMachine* ManagedEntity.parent* VirtualApp.parentFolder* VirtualMachine.datastore* VirtualMachine.parentVApp* VirtualMachine.rootSnapshot* VirtualMachine.runtime.host* VirtualMachineSnapshot.childSnapshot*
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent, vmFolder
        Datastore: name
        Folder: childEntity, name, parent
        HostSystem: name
        ResourcePool: name, parent, resourcePool, vm
        VirtualApp: name, parent, parentFolder
        VirtualMachine: config.hardware.device, datastore, name, parent, parentVApp, runtime.host, runtime.powerState, snapshot
        VirtualMachineSnapshot: config.hardware.device
        from a view ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ManagedEntity.parent* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.parentFolder* VirtualApp.resourcePool* VirtualApp.vm* VirtualMachine.datastore* VirtualMachine.parentVApp* VirtualMachine.rootSnapshot* VirtualMachine.runtime.host* VirtualMachineSnapshot.childSnapshot* view*
    `,
  },
  { name: 'the vCenter', query: '{ vcenters { id name fullName } }', first: `` },
  { name: 'whether the vCenter is connected', query: '{ vcenters { connected } }', first: `CurrentTime` },
  {
    name: 'why the vCenter is not connected',
    query: '{ vcenters { connected user error { code } } }',
    first: `CurrentTime`,
  },
  { name: 'the caller', query: '{ viewer { name role } }', first: `` },
  {
    name: 'what may be done to virtual machines, their hosts and their datastores',
    query:
      '{ virtualMachines(first: 1000) { nodes { can { action allowed } host { can { action allowed } } datastores { can(actions: [ATTACH_TAG]) { allowed } } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        Datastore: disabledMethod
        HostSystem: disabledMethod
        VirtualMachine: datastore, disabledMethod, runtime.host
      HasPrivilegeOnEntities
    `,
    again: `
      RetrievePropertiesEx
        Datastore: disabledMethod
        HostSystem: disabledMethod
        VirtualMachine: datastore, disabledMethod, name, runtime.host
      HasPrivilegeOnEntities
    `,
  },
  {
    name: 'a count alone',
    query: '{ virtualMachines { totalCount } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine:
    `,
  },
  {
    name: 'the count of virtual machines in each datacenter',
    query: '{ datacenters { totalCount nodes { virtualMachines { totalCount } } } }',
    first: `
      CreateContainerView Datacenter
      RetrievePropertiesEx
        Datacenter: name, vmFolder
        Folder: childEntity
        ResourcePool: resourcePool, vm
        VirtualMachine:
    `,
  },
  {
    name: 'whether there is a next page',
    query: '{ virtualMachines(first: 1000) { pageInfo { hasNextPage } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
    `,
  },
  {
    name: 'ids only',
    query: '{ virtualMachines(first: 1000) { nodes { __typename id moid vcenter { name version } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
    `,
  },
  {
    name: 'names only',
    query: '{ virtualMachines(first: 1000) { nodes { name } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
    `,
  },
  {
    name: 'edges',
    query: '{ virtualMachines(first: 1000) { edges { cursor node { powerState } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: runtime.powerState
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name, runtime.powerState
    `,
  },
  {
    name: 'disks',
    query: '{ virtualMachines(first: 1000) { nodes { disks { key label capacity changeId } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device, name
    `,
  },
  {
    name: 'disks and their datastores',
    query:
      '{ virtualMachines(first: 1000) { nodes { disks { backing { fileName datastore { name freeSpace } } } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        Datastore: name, summary.freeSpace
        VirtualMachine: config.hardware.device, datastore
    `,
    again: `
      RetrievePropertiesEx
        Datastore: name, summary.freeSpace
        VirtualMachine: config.hardware.device, datastore, name
    `,
  },
  {
    name: 'snapshots',
    query:
      '{ virtualMachines(first: 1000) { nodes { snapshots { name path createdAt } rootSnapshots { children { name } } currentSnapshot { id } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: snapshot
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name, snapshot
    `,
  },
  {
    name: 'snapshots and their disks',
    query: '{ virtualMachines(first: 1000) { nodes { snapshots { disks { label changeId } } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
        from a view view*
      RetrievePropertiesEx
        VirtualMachine: snapshot
        VirtualMachineSnapshot: config.hardware.device
        from VirtualMachine* VirtualMachine.rootSnapshot* VirtualMachineSnapshot.childSnapshot*
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: name, snapshot
        VirtualMachineSnapshot: config.hardware.device
        from a view VirtualMachine.rootSnapshot* VirtualMachineSnapshot.childSnapshot* view*
    `,
  },
  {
    name: 'snapshots and their virtual machines',
    query:
      '{ virtualMachines(first: 1000) { nodes { snapshots { virtualMachine { memory host { name } } } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        HostSystem: name
        VirtualMachine: config.hardware.memoryMB, runtime.host, snapshot, summary.config.memorySizeMB
    `,
    again: `
      RetrievePropertiesEx
        HostSystem: name
        VirtualMachine: config.hardware.memoryMB, name, runtime.host, snapshot, summary.config.memorySizeMB
    `,
  },
  {
    name: 'guests',
    query: '{ virtualMachines(first: 1000) { nodes { guest { hostName toolsRunning } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: guest.hostName, guest.toolsRunningStatus, summary.guest.hostName, summary.guest.toolsRunningStatus
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: guest.hostName, guest.toolsRunningStatus, name, summary.guest.hostName, summary.guest.toolsRunningStatus
    `,
  },
  {
    name: 'whether change tracking is configured',
    query: '{ virtualMachines(first: 1000) { nodes { changeTracking { supported enabled } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: capability.changeTrackingSupported, config.changeTrackingEnabled, config.changeVersion, config.extraConfig["ctkEnabled"]
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: capability.changeTrackingSupported, config.changeTrackingEnabled, config.changeVersion, config.extraConfig["ctkEnabled"], name
    `,
  },
  {
    name: 'whether change tracking is active',
    query:
      '{ virtualMachines(first: 1000) { nodes { changeTracking { active reasons { code disk { label } } } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: capability.changeTrackingSupported, capability.snapshotOperationsSupported, config.changeTrackingEnabled, config.changeVersion, config.extraConfig["ctkEnabled"], config.hardware.device, config.template, config.version, disabledMethod, runtime.connectionState, runtime.consolidationNeeded, runtime.powerState, snapshot, summary.config.template
        VirtualMachineSnapshot: config.hardware.device
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: capability.changeTrackingSupported, capability.snapshotOperationsSupported, config.changeTrackingEnabled, config.changeVersion, config.extraConfig["ctkEnabled"], config.hardware.device, config.template, config.version, disabledMethod, name, runtime.connectionState, runtime.consolidationNeeded, runtime.powerState, snapshot, summary.config.template
        VirtualMachineSnapshot: config.hardware.device
    `,
  },
  {
    name: 'the datacenter of each',
    query: '{ virtualMachines(first: 1000) { nodes { datacenter { name path } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
        from a view view*
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        VirtualMachine: parent, parentVApp
        from VirtualMachine* ManagedEntity.parent* VirtualApp.parentFolder* VirtualMachine.parentVApp*
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        VirtualMachine: name, parent, parentVApp
        from a view ManagedEntity.parent* VirtualApp.parentFolder* VirtualMachine.parentVApp* view*
    `,
  },
  {
    name: 'a filter and an order by fields that are not selected',
    query:
      '{ virtualMachines(first: 1000, filter: { name: { glob: "w*" }, powerState: { in: [POWERED_ON] }, snapshots: { some: {} } }, orderBy: { field: MEMORY }) { nodes { moid } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: config.hardware.memoryMB, name, rootSnapshot, runtime.powerState, summary.config.memorySizeMB
    `,
  },
  {
    name: 'a filter by datacenter',
    query:
      'query ($datacenter: ID!) { virtualMachines(first: 1000, filter: { datacenter: { id: { eq: $datacenter } } }) { nodes { cpuCount } } }',
    variables: (gateway) => ({ datacenter: idsOf(gateway).datacenter }),
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        VirtualMachine: name, parent, parentVApp
      RetrievePropertiesEx
        VirtualMachine: config.hardware.numCPU, summary.config.numCpu
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        VirtualMachine: config.hardware.numCPU, name, parent, parentVApp, summary.config.numCpu
    `,
  },
  {
    name: 'the same type reached on two paths, with different selections',
    query:
      '{ datacenters { nodes { virtualMachines(first: 1000, filter: { name: { eq: "web-01" } }) { nodes { host { name } datacenter { virtualMachines(first: 1000) { nodes { disks { label } } } } } } } } }',
    first: `
      CreateContainerView Datacenter
      RetrievePropertiesEx
        Datacenter: name, vmFolder
        Folder: childEntity
        ResourcePool: resourcePool, vm
        VirtualMachine: name
        from a view ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.resourcePool* VirtualApp.vm* view*
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent, vmFolder
        Folder: childEntity, name, parent
        HostSystem: name
        ResourcePool: name, parent, resourcePool, vm
        VirtualApp: name, parent, parentFolder
        VirtualMachine: parent, parentVApp, runtime.host
        from VirtualMachine* ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ManagedEntity.parent* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.parentFolder* VirtualApp.resourcePool* VirtualApp.vm* VirtualMachine.parentVApp* VirtualMachine.runtime.host*
      + VirtualMachine: config.hardware.device, name
        from VirtualMachine ComputeResource.resourcePool Datacenter.vmFolder Folder.childEntity* ManagedEntity.parent ResourcePool.resourcePool ResourcePool.vm* VirtualApp.owner VirtualApp.parentFolder VirtualApp.resourcePool VirtualApp.vm* VirtualMachine.parentVApp
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent, vmFolder
        Folder: childEntity, name, parent
        HostSystem: name
        ResourcePool: name, parent, resourcePool, vm
        VirtualApp: name, parent, parentFolder
        VirtualMachine: name
        from a view ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ManagedEntity.parent* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.parentFolder* VirtualApp.resourcePool* VirtualApp.vm* VirtualMachine.parentVApp* VirtualMachine.runtime.host* view*
      + VirtualMachine: parent, parentVApp, runtime.host
        from a view ComputeResource.resourcePool Datacenter.vmFolder Folder.childEntity* ResourcePool.resourcePool ResourcePool.vm* VirtualApp.owner VirtualApp.resourcePool VirtualApp.vm* view
      + VirtualMachine: config.hardware.device
        from a view ComputeResource.resourcePool Datacenter.vmFolder Folder.childEntity Folder.childEntity* ManagedEntity.parent ResourcePool.resourcePool ResourcePool.vm ResourcePool.vm* VirtualApp.owner VirtualApp.parentFolder VirtualApp.resourcePool VirtualApp.vm VirtualApp.vm* VirtualMachine.parentVApp view
    `,
  },
  {
    name: 'several root fields',
    query:
      '{ virtualMachines(first: 1000) { nodes { name } } datacenters { nodes { path } } vcenters { name } }',
    first: `
      CreateContainerView VirtualMachine
      CreateContainerView Datacenter
      RetrievePropertiesEx
        Datacenter: name
        VirtualMachine: name
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        VirtualMachine: name
    `,
  },
  {
    name: 'a root field twice, with different arguments and selections',
    query:
      '{ all: virtualMachines(first: 1000) { nodes { name } } running: virtualMachines(first: 1000, filter: { powerState: { eq: POWERED_ON } }) { nodes { disks { label } } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name, runtime.powerState
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device
    `,
    again: `
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device, name, runtime.powerState
    `,
  },
  {
    name: 'a nested connection twice, with different arguments',
    query:
      '{ datacenters { nodes { all: virtualMachines(first: 1000) { totalCount } on: virtualMachines(first: 1000, filter: { powerState: { eq: POWERED_ON } }) { nodes { memory } } } } }',
    first: `
      CreateContainerView Datacenter
      RetrievePropertiesEx
        Datacenter: name, vmFolder
        Folder: childEntity
        ResourcePool: resourcePool, vm
        VirtualMachine: name, runtime.powerState
        from a view ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.resourcePool* VirtualApp.vm* view*
      RetrievePropertiesEx
        VirtualMachine: config.hardware.memoryMB, summary.config.memorySizeMB
        from VirtualMachine*
    `,
    again: `
      RetrievePropertiesEx
        Datacenter: name, vmFolder
        Folder: childEntity
        ResourcePool: resourcePool, vm
        VirtualMachine: config.hardware.memoryMB, name, runtime.powerState, summary.config.memorySizeMB
        from a view ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.resourcePool* VirtualApp.vm* view*
    `,
  },
  {
    name: 'fragments, aliases, directives and variables',
    query: `query ($yes: Boolean = true, $no: Boolean = false) {
    virtualMachines(first: 1000) { nodes { ...Facts again: name cpuCount @include(if: $no) disks @skip(if: $yes) { label } ... @include(if: $yes) { memory } ... on Node { id } } }
  }
  fragment Facts on VirtualMachine { name ...More @skip(if: $no) host @include(if: $yes) { ...Host } }
  fragment More on VirtualMachine { powerState }
  fragment Host on HostSystem { name }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        HostSystem: name
        VirtualMachine: config.hardware.memoryMB, runtime.host, runtime.powerState, summary.config.memorySizeMB
    `,
    again: `
      RetrievePropertiesEx
        HostSystem: name
        VirtualMachine: config.hardware.memoryMB, name, runtime.host, runtime.powerState, summary.config.memorySizeMB
    `,
  },
  {
    name: 'a virtual machine by id',
    query: 'query ($vm: ID!) { virtualMachine(by: { id: $vm }) { name disks { label } } }',
    variables: idsOf,
    first: `
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device, name
    `,
  },
  {
    name: 'a virtual machine by name',
    query: '{ virtualMachine(by: { name: "web-01" }) { powerState } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: runtime.powerState
    `,
  },
  {
    name: 'a name without a match',
    query: '{ virtualMachine(by: { name: "unknown" }) { powerState disks { label } } }',
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
    `,
  },
  {
    name: 'a virtual machine by path',
    query: '{ virtualMachine(by: { path: "/Frankfurt/vm/Production/Web/web-01" }) { powerState } }',
    first: `
      FindByInventoryPath
      RetrievePropertiesEx
        Folder: childEntity
        VirtualApp: vm
        VirtualMachine: name
      + VirtualMachine: parent, parentVApp
      RetrievePropertiesEx
        VirtualMachine: runtime.powerState
    `,
  },
  {
    name: 'a virtual machine by uuid',
    query: 'query ($uuid: String!) { virtualMachine(by: { uuid: $uuid }) { powerState } }',
    variables: idsOf,
    first: `
      FindAllByUuid
      RetrievePropertiesEx
        VirtualMachine: runtime.powerState
    `,
  },
  {
    name: 'a virtual machine by instance uuid',
    query:
      'query ($instanceUuid: String!) { virtualMachine(by: { instanceUuid: $instanceUuid }) { powerState } }',
    variables: idsOf,
    first: `
      FindAllByUuid
      RetrievePropertiesEx
        VirtualMachine: runtime.powerState
    `,
  },
  {
    name: 'a datacenter by name',
    query: '{ datacenter(by: { name: "Oregon" }) { path } }',
    first: `
      CreateContainerView Datacenter
      RetrievePropertiesEx
        Datacenter: name
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
    `,
  },
  {
    name: 'a datacenter by path, and its contents',
    query: '{ datacenter(by: { path: "/Frankfurt" }) { virtualMachines(first: 1000) { nodes { name } } } }',
    first: `
      FindByInventoryPath
      RetrievePropertiesEx
        Datacenter: name, parent
        Folder: childEntity
        from Datacenter* Folder.childEntity* ManagedEntity.parent* VirtualMachine.parentVApp*
      RetrievePropertiesEx
        Datacenter: vmFolder
        Folder: childEntity
        ResourcePool: resourcePool, vm
        VirtualMachine: name
        from Datacenter* ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.resourcePool* VirtualApp.vm*
    `,
  },
  {
    name: 'node: a virtual machine',
    query:
      'query ($vm: ID!) { node(id: $vm) { id ... on VirtualMachine { name } ... on Datastore { freeSpace } } }',
    variables: idsOf,
    first: `
      RetrievePropertiesEx
        VirtualMachine: name
    `,
  },
  {
    name: 'node: a datacenter',
    query:
      'query ($datacenter: ID!) { node(id: $datacenter) { ... on Datacenter { name virtualMachines(first: 1000) { nodes { name } } } } }',
    variables: idsOf,
    first: `
      RetrievePropertiesEx
        Datacenter: name, vmFolder
        Folder: childEntity
        ResourcePool: resourcePool, vm
        VirtualMachine: name
    `,
  },
  {
    name: 'node: a snapshot',
    query:
      'query ($snapshot: ID!) { node(id: $snapshot) { ... on Snapshot { name virtualMachine { name } disks { label } } } }',
    variables: idsOf,
    first: `
      RetrievePropertiesEx
        VirtualMachine: name, snapshot
        VirtualMachineSnapshot: config.hardware.device, vm
    `,
  },
  {
    name: 'node: a disk',
    query: 'query ($disk: ID!) { node(id: $disk) { ... on VirtualDisk { label virtualMachine { name } } } }',
    variables: idsOf,
    first: `
      RetrievePropertiesEx
        VirtualMachine: config.hardware.device, name
    `,
  },
  {
    name: 'node: a disk in a snapshot',
    query:
      'query ($frozenDisk: ID!) { node(id: $frozenDisk) { ... on VirtualDisk { label snapshot { name } virtualMachine { name } } } }',
    variables: idsOf,
    first: `
      RetrievePropertiesEx
        VirtualMachine: name, snapshot
        VirtualMachineSnapshot: config.hardware.device, vm
    `,
  },
  {
    name: 'node: a host',
    query: 'query ($host: ID!) { node(id: $host) { ... on HostSystem { name } } }',
    variables: idsOf,
    first: `
      RetrievePropertiesEx
        HostSystem: name
    `,
  },
  {
    name: 'node: a datastore',
    query: 'query ($datastore: ID!) { node(id: $datastore) { ... on Datastore { name type } } }',
    variables: idsOf,
    first: `
      RetrievePropertiesEx
        Datastore: name, summary.type
    `,
  },
  {
    name: 'node: the vCenter',
    query: 'query ($vcenter: ID!) { node(id: $vcenter) { ... on VCenter { name version } } }',
    variables: idsOf,
    first: ``,
  },
  {
    name: 'nodes of all types',
    query: `query ($ids: [ID!]!) { nodes(ids: $ids) { id
    ... on VirtualMachine { powerState } ... on Datacenter { name } ... on HostSystem { host: name } ... on Datastore { type } ... on Snapshot { path } ... on VirtualDisk { label }
  } }`,
    variables: (gateway) => {
      const { vm, datacenter, snapshot, host, datastore, disk, frozenDisk, vcenter } = idsOf(gateway)
      return { ids: [vm, datacenter, snapshot, host, datastore, disk, frozenDisk, vcenter] }
    },
    first: `
      RetrievePropertiesEx
        Datacenter: name
        Datastore: summary.type
        HostSystem: name
        VirtualMachine: config.hardware.device, runtime.powerState
        VirtualMachineSnapshot: config.hardware.device, vm
        from Datacenter*
        from Datastore*
        from HostSystem*
        from VirtualMachine*
        from VirtualMachineSnapshot*
      + VirtualMachine: snapshot
        from VirtualMachineSnapshot VirtualMachineSnapshot.vm*
    `,
  },
  {
    name: 'a task and its object',
    query:
      'query ($task: ID!) { task(id: $task) { operation entity { id ... on VirtualMachine { name } } } node(id: $task) { ... on Task { operation } } }',
    variables: (gateway) => ({ task: idOf(gateway, startTask(gateway)) }),
    first: `
      RetrievePropertiesEx
        Task: info
      RetrievePropertiesEx
        VirtualMachine: name
    `,
  },
  {
    name: 'virtual machines, their hosts and clusters',
    query: `{ virtualMachines(first: 1000) { nodes { host { name cpuUsage } cluster { name totalCpu drsEnabled } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        ClusterComputeResource: configuration.drsConfig.enabled
        ComputeResource: name, summary.totalCpu
        HostSystem: name, parent, summary.quickStats.overallCpuUsage
        ResourcePool: owner
        VirtualMachine: resourcePool, runtime.host
    `,
    again: `
      RetrievePropertiesEx
        ClusterComputeResource: configuration.drsConfig.enabled
        ComputeResource: name, summary.totalCpu
        HostSystem: name, parent, summary.quickStats.overallCpuUsage
        ResourcePool: owner
        VirtualMachine: name, resourcePool, runtime.host
    `,
  },
  {
    name: 'hosts and the virtual machines on each',
    query: `{ hosts(first: 1000) { nodes { name memory virtualMachines(first: 1000) { nodes { name powerState } } } } }`,
    first: `
      CreateContainerView HostSystem
      RetrievePropertiesEx
        HostSystem: name, vm
        VirtualMachine: name
      RetrievePropertiesEx
        HostSystem: summary.hardware.memorySize
        VirtualMachine: runtime.powerState
    `,
    again: `
      RetrievePropertiesEx
        HostSystem: name, summary.hardware.memorySize, vm
        VirtualMachine: name, runtime.powerState
    `,
  },
  {
    name: 'datastores by free space and the virtual machines on each',
    query: `{ datastores(first: 1000, orderBy: { field: FREE_SPACE }) { nodes { freeSpace virtualMachines(first: 1000) { totalCount nodes { storage { committed } } } } } }`,
    first: `
      CreateContainerView Datastore
      RetrievePropertiesEx
        Datastore: summary.freeSpace, vm
        VirtualMachine: name
      RetrievePropertiesEx
        VirtualMachine: summary.storage.committed
    `,
    again: `
      RetrievePropertiesEx
        Datastore: summary.freeSpace, vm
        VirtualMachine: name, summary.storage.committed
    `,
  },
  {
    name: 'datastores and their hosts',
    query: `{ datastores(first: 1000) { nodes { hostMounts { accessible host { name } } } } }`,
    first: `
      CreateContainerView Datastore
      RetrievePropertiesEx
        Datastore: name
      RetrievePropertiesEx
        Datastore: host, summary.accessible
      RetrievePropertiesEx
        HostSystem: name
    `,
    again: `
      RetrievePropertiesEx
        Datastore: host, name, summary.accessible
      RetrievePropertiesEx
        HostSystem: name
    `,
  },
  {
    name: 'networks of all types and the virtual machines on each',
    query: `{ networks(first: 1000) { nodes { name kind portgroupKey virtualMachines(first: 1000) { nodes { name } } } } }`,
    first: `
      CreateContainerView Network
      RetrievePropertiesEx
        Network: name, vm
        VirtualMachine: name
      RetrievePropertiesEx
        DistributedVirtualPortgroup: key
        Network:
    `,
    again: `
      RetrievePropertiesEx
        DistributedVirtualPortgroup: key
        Network: name, vm
        VirtualMachine: name
    `,
  },
  {
    name: 'nested resource pools and their owners',
    query: `{ computeResources(first: 1000) { nodes { resourcePool { name memoryUsage resourcePools(first: 1000) { nodes { name parent { name } computeResource { name } virtualMachines { totalCount } } } } } } }`,
    first: `
      CreateContainerView ComputeResource
      RetrievePropertiesEx
        ComputeResource: name
        from a view view*
      RetrievePropertiesEx
        ComputeResource: resourcePool
        ResourcePool: name, resourcePool, runtime.memory.overallUsage, summary.quickStats.hostMemoryUsage, vm
        VirtualMachine:
        from ClusterComputeResource* ComputeResource.resourcePool* ResourcePool.resourcePool* ResourcePool.vm*
        from ComputeResource* ComputeResource.resourcePool* ResourcePool.resourcePool* ResourcePool.vm*
      RetrievePropertiesEx
        ComputeResource: name
        ResourcePool: name, owner, parent
        from ResourcePool* ResourcePool.owner* ResourcePool.parent*
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: name, resourcePool
        ResourcePool: name, owner, parent, resourcePool, runtime.memory.overallUsage, summary.quickStats.hostMemoryUsage, vm
        VirtualMachine:
        from a view ComputeResource.resourcePool* ResourcePool.owner* ResourcePool.parent* ResourcePool.resourcePool* ResourcePool.vm* view*
    `,
  },
  {
    name: 'everything in a folder at any depth',
    query: `{ folder(by: { path: "/Frankfurt/vm" }) { virtualMachines(recursive: true, first: 1000) { totalCount nodes { name } } } }`,
    first: `
      FindByInventoryPath
      RetrievePropertiesEx
        Datacenter: datastoreFolder, hostFolder, networkFolder, vmFolder
        Folder: childEntity, name, parent
      RetrievePropertiesEx
        Datacenter: vmFolder
        Folder: childEntity
        ResourcePool: resourcePool, vm
        VirtualMachine: name
    `,
  },
  {
    name: 'everything in the pools at any depth',
    query: `{ resourcePools(first: 1000) { nodes { resourcePools(recursive: true, first: 1000) { totalCount } virtualMachines(recursive: true, first: 1000) { totalCount nodes { name } } } } }`,
    first: `
      CreateContainerView ResourcePool
      RetrievePropertiesEx
        ResourcePool: name, resourcePool, vm
        VirtualMachine: name
    `,
  },
  {
    name: 'nested folders',
    query: `{ folder(by: { path: "/Frankfurt/vm" }) { name folders(first: 1000) { nodes { name folders(first: 1000) { nodes { name virtualMachines(first: 1000) { nodes { name } } } } } } } }`,
    first: `
      FindByInventoryPath
      RetrievePropertiesEx
        Datacenter: datastoreFolder, hostFolder, networkFolder, vmFolder
        Folder: childEntity, name, parent
      RetrievePropertiesEx
        Folder: childEntity, name
        VirtualMachine: name
    `,
  },
  {
    name: 'clusters with their hosts and datastores',
    query: `{ computeResources(first: 1000) { nodes { name isCluster haEnabled hosts { name powerState } datastores { name capacity } virtualMachines { totalCount } } } }`,
    first: `
      CreateContainerView ComputeResource
      RetrievePropertiesEx
        ComputeResource: host, name
        HostSystem: vm
        VirtualMachine:
        from a view ComputeResource.host* HostSystem.vm* view*
      RetrievePropertiesEx
        ClusterComputeResource: configuration.dasConfig.enabled
        ComputeResource: datastore, host
        Datastore: name, summary.capacity
        HostSystem: name, runtime.powerState
        from ClusterComputeResource* ComputeResource.datastore* ComputeResource.host*
        from ComputeResource* ComputeResource.datastore* ComputeResource.host*
    `,
    again: `
      RetrievePropertiesEx
        ClusterComputeResource: configuration.dasConfig.enabled
        ComputeResource: datastore, host, name
        Datastore: name, summary.capacity
        HostSystem: name, runtime.powerState
        VirtualMachine:
        from a view ComputeResource.datastore* ComputeResource.host ComputeResource.host* HostSystem.vm* view*
      + HostSystem: vm
        from a view ComputeResource.host* HostSystem.vm* view
    `,
  },
  {
    name: 'the contents of each datacenter',
    query: `{ datacenters(first: 10) { nodes { hosts(first: 1000) { nodes { name } } datastores(first: 1000) { nodes { name } } networks { totalCount } computeResources(first: 1000) { nodes { name path } } } } }`,
    first: `
      CreateContainerView Datacenter
      RetrievePropertiesEx
        ComputeResource: host, name
        Datacenter: datastoreFolder, hostFolder, name, networkFolder
        Datastore: name
        Folder: childEntity
        HostSystem: name
        Network:
        from a view ComputeResource.host* Datacenter.datastoreFolder* Datacenter.hostFolder* Datacenter.networkFolder* Folder.childEntity* view*
      RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        from ClusterComputeResource* ManagedEntity.parent* VirtualApp.parentFolder* VirtualMachine.parentVApp*
        from ComputeResource* ManagedEntity.parent* VirtualApp.parentFolder* VirtualMachine.parentVApp*
    `,
    again: `
      RetrievePropertiesEx
        ComputeResource: host, name, parent
        Datacenter: datastoreFolder, hostFolder, name, networkFolder, parent
        Datastore: name
        Folder: childEntity, name, parent
        HostSystem: name
        Network:
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        from a view ComputeResource.host* Datacenter.datastoreFolder* Datacenter.hostFolder* Datacenter.networkFolder* Folder.childEntity* ManagedEntity.parent* VirtualApp.parentFolder* VirtualMachine.parentVApp* view*
    `,
  },
  {
    name: 'the folders and resource pools of virtual machines',
    query: `{ virtualMachines(first: 1000) { nodes { folder { name } resourcePool { name } vApp { name } networks { name } } } }`,
    first: `
      CreateContainerView VirtualMachine
      RetrievePropertiesEx
        VirtualMachine: name
      RetrievePropertiesEx
        Folder: name
        Network: name
        ResourcePool: name
        VirtualMachine: network, parent, parentVApp, resourcePool
    `,
    again: `
      RetrievePropertiesEx
        Folder: name
        Network: name
        ResourcePool: name
        VirtualMachine: name, network, parent, parentVApp, resourcePool
    `,
  },
]

describeBudgets(budgets)

describe('a list that is larger than a page', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = startGateway({ vms: 40 })
    await gateway.execute(
      '{ virtualMachines { totalCount } datacenters { nodes { virtualMachines { totalCount } } } }',
    )
  })
  afterAll(() => gateway.close())

  it('needs a scan of names only, and the selection is read for the items of the page', async () => {
    const { requested, calls } = await execute(
      gateway,
      '{ virtualMachines(first: 3) { nodes { name disks { label } } } }',
    )
    expect(requested).toEqual([
      'RetrievePropertiesEx',
      '  VirtualMachine: name',
      '  from a view view*',
      'RetrievePropertiesEx',
      '  VirtualMachine: config.hardware.device',
      '  from VirtualMachine*',
    ])
    expect(startsOf(calls.at(-1))).toHaveLength(3)
  })

  it('needs no second retrieval when the scan reads the whole selection', async () => {
    const { requested } = await execute(
      gateway,
      '{ virtualMachines(first: 3) { nodes { name id } totalCount } }',
    )
    expect(requested).toEqual(['RetrievePropertiesEx', '  VirtualMachine: name', '  from a view view*'])
  })

  it('includes the sort keys of nested pages in its scan', async () => {
    const { requested } = await execute(
      gateway,
      '{ datacenters(first: 1) { nodes { name virtualMachines(first: 3) { nodes { name powerState } } } } }',
    )
    expect(requested).toEqual([
      'RetrievePropertiesEx',
      '  Datacenter: name, vmFolder',
      '  Folder: childEntity',
      '  ResourcePool: resourcePool, vm',
      '  VirtualMachine: name',
      '  from a view ComputeResource.resourcePool Datacenter.vmFolder* Folder.childEntity* ResourcePool.resourcePool ResourcePool.resourcePool* ResourcePool.vm* VirtualApp.owner VirtualApp.resourcePool* VirtualApp.vm* view*',
      'RetrievePropertiesEx',
      '  VirtualMachine: runtime.powerState',
      '  from VirtualMachine*',
    ])
  })

  it('is not assumed to be small after a small datacenter, or none, was read', async () => {
    const window = 'virtualMachines(first: 5) { nodes { name powerState } }'
    await gateway.execute(`{ datacenter(by: { name: "Oregon" }) { ${window} } }`)
    await gateway.execute(`{ datacenters(filter: { name: { eq: "Atlantis" } }) { nodes { ${window} } } }`)
    const { calls } = await execute(gateway, `{ datacenters { nodes { ${window} } } }`)
    expect(pathsRequested(calls.slice(0, 1), 'VirtualMachine')).toEqual(['name'])
    expect(pathsRequested(calls.slice(1), 'VirtualMachine')).toEqual(['runtime.powerState'])
    expect(startsOf(calls[1])).toHaveLength(9)
  })

  it('behind an edge adds one retrieval per level', async () => {
    // Each level reads different objects, since an object on two pages is read only once.
    const level = (inner: string, _: unknown, depth: number) =>
      `virtualMachines(first: 2, orderBy: { field: ${['NAME', 'MEMORY', 'POWER_STATE'][depth]} }) { nodes { uuid ${inner === '' ? '' : `datacenter { ${inner} }`} } }`
    const retrievals = async (depth: number) => {
      const selection = Array.from({ length: depth }).reduce<string>(level, '')
      const { calls, errors } = await execute(gateway, `{ ${selection} }`)
      expect(errors).toBeUndefined()
      return calls.filter(({ method }) => method === 'RetrievePropertiesEx').length
    }
    expect(await retrievals(1)).toBe(2)
    expect(await retrievals(2)).toBe(3)
    expect(await retrievals(3)).toBe(4)
  })

  it('shares its scan and its reads with pages of other root fields', async () => {
    const { calls } = await execute(
      gateway,
      '{ a: virtualMachines(first: 2) { nodes { powerState } } b: virtualMachines(last: 2) { nodes { memory } } datacenters(first: 1) { nodes { path } } }',
    )
    expect(calls.map(({ method }) => method)).toEqual(['RetrievePropertiesEx', 'RetrievePropertiesEx'])
  })
})

describe('the calls of mutations', () => {
  const snapshotOf = (selection: string, waitSeconds: number) =>
    `mutation ($uuid: String!) { createSnapshot(input: { virtualMachine: { uuid: $uuid }, name: "x", waitSeconds: ${waitSeconds} }) { ${selection} } }`

  it('that do not wait read the task once, and the selection on the virtual machine', async () => {
    const gateway = startGateway({ tasks: { durationMs: 600_000 } })
    await gateway.execute('{ vcenters { name } }')
    const selection = 'task { state } virtualMachine { name }'
    const { requested } = await execute(gateway, snapshotOf(selection, 0), { uuid: idsOf(gateway).uuid })
    // The audit log watches the task until it ends, in the update stream of all tasks.
    expect(requested.filter((each) => !upkeep.test(each))).toEqual([
      'FindAllByUuid',
      'CreateSnapshot_Task',
      'RetrievePropertiesEx',
      '  Task: info',
      '  from Task*',
      'RetrievePropertiesEx',
      '  VirtualMachine: name',
      '  from VirtualMachine*',
    ])
    await gateway.close()
  })

  it('of captures read the machine, its rights and the time, and the history only for tokens', async () => {
    const gateway = startGateway()
    await gateway.execute('{ vcenters { name } }')
    const upkeepOfTasks =
      /^(CreatePropertyCollector|CreateListView|CreateFilter|WaitForUpdatesEx|ModifyListView|Destroy.*)$/
    const methodsOf = async (query: string) => {
      const { calls, data, errors } = await execute(gateway, query, {})
      expect(errors).toBeUndefined()
      const methods = calls.map(({ method }) => method)
      return { data, methods: methods.filter((method) => !upkeepOfTasks.test(method)) }
    }
    const begin = (key: string, tokens: readonly string[] = []) =>
      methodsOf(
        `mutation { captureChanges(input: { virtualMachine: { name: "web-01" }, idempotencyKey: "${key}", tokens: ${JSON.stringify(tokens)} }) { task { state } capture { snapshot { id name } disks { token basis disk { key } } leftOut { code } } } }`,
      )
    const end = (id: string) =>
      methodsOf(
        `mutation { releaseCapture(input: { snapshot: "${id}" }) { task { state } virtualMachine { name consolidationNeeded } } }`,
      )
    const first = await begin('a')
    expect(first.methods).toEqual([
      // The machine by its name.
      'CreateContainerView',
      'RetrievePropertiesEx',
      // Its captures and what prevents one.
      'RetrievePropertiesEx',
      'CurrentTime',
      'HasPrivilegeOnEntities',
      'CreateSnapshot_Task',
      // The snapshot by its marker, and the payload.
      'RetrievePropertiesEx',
      'RetrievePropertiesEx',
    ])
    const { snapshot, disks } = first.data.captureChanges.capture
    expect((await end(snapshot.id)).methods).toEqual([
      'RetrievePropertiesEx',
      'RemoveSnapshot_Task',
      'RetrievePropertiesEx',
    ])
    expect((await end(snapshot.id)).methods).toEqual(['RetrievePropertiesEx'])
    const tokens = disks.map(({ token }: { token: string }) => token)
    expect((await begin('b', tokens)).methods).toEqual([
      'RetrievePropertiesEx',
      'RetrievePropertiesEx',
      'CurrentTime',
      'HasPrivilegeOnEntities',
      // The tasks that ended recently, and may be running; and what they have left.
      'RetrievePropertiesEx',
      'RetrievePropertiesEx',
      'CreateSnapshot_Task',
      'RetrievePropertiesEx',
      'RetrievePropertiesEx',
      // The history, for reverts since the tokens.
      'CreateCollectorForTasks',
      'SetCollectorPageSize',
      'RetrievePropertiesEx',
    ])
    await gateway.close()
  })

  it('that wait follow the task in an update stream, and read the whole payload in one retrieval', async () => {
    const gateway = startGateway()
    await gateway.execute('{ vcenters { name } }')
    const { calls } = await execute(
      gateway,
      snapshotOf(
        'task { state } snapshot { name disks { changeId } } virtualMachine { currentSnapshot { id } }',
        30,
      ),
      { uuid: idsOf(gateway).uuid },
    )
    const stream = ['CreatePropertyCollector', 'CreateListView', 'CreateFilter', 'WaitForUpdatesEx']
    const methods = calls.map(({ method }) => method)
    for (const method of stream) expect(methods).toContain(method)
    expect(
      methods.filter((method) => !/Destroy|ModifyListView/.test(method) && !stream.includes(method)),
    ).toEqual(['FindAllByUuid', 'CreateSnapshot_Task', 'RetrievePropertiesEx'])
    const retrievals = calls.filter(({ method }) => method === 'RetrievePropertiesEx')
    expect(describeCalls(retrievals)).toEqual([
      'RetrievePropertiesEx',
      '  VirtualMachine: snapshot',
      '  VirtualMachineSnapshot: config.hardware.device, vm',
      '  from VirtualMachine*',
      '  from VirtualMachineSnapshot* VirtualMachineSnapshot.vm*',
    ])
    await gateway.close()
  })

  // The login and the lookup of ids come before. The update stream is the same for all.
  const upkeep = /^(Create(PropertyCollector|ListView|Filter)|WaitForUpdatesEx|Destroy|ModifyListView)/
  const before =
    'VirtualMachine: capability.changeTrackingSupported, config.changeTrackingEnabled, config.changeVersion, config.extraConfig["ctkEnabled"], config.version, name, snapshot'
  it.each([
    {
      name: 'removeSnapshot',
      mutation: 'removeSnapshot(input: { snapshot: $snapshot }) { task { state } }',
      expected: `RetrievePropertiesEx
        VirtualMachine: name
        VirtualMachineSnapshot: vm
        from VirtualMachineSnapshot* VirtualMachineSnapshot.vm*
      RemoveSnapshot_Task`,
    },
    {
      name: 'removeSnapshot with removedSnapshotIds',
      mutation:
        'removeSnapshot(input: { snapshot: $snapshot }) { removedSnapshotIds virtualMachine { name } }',
      expected: `RetrievePropertiesEx
        VirtualMachine: name, snapshot
        VirtualMachineSnapshot: vm
        from VirtualMachineSnapshot* VirtualMachineSnapshot.vm*
      RemoveSnapshot_Task
      RetrievePropertiesEx
        VirtualMachine: name, snapshot
        from VirtualMachine*`,
    },
    {
      name: 'removeAllSnapshots',
      mutation: 'removeAllSnapshots(input: { virtualMachine: { id: $vm } }) { task { state } }',
      expected: 'RemoveAllSnapshots_Task',
    },
    {
      name: 'removeAllSnapshots with removedSnapshotIds',
      mutation: 'removeAllSnapshots(input: { virtualMachine: { id: $vm } }) { removedSnapshotIds }',
      expected: `RetrievePropertiesEx
        VirtualMachine: snapshot
        from VirtualMachine*
      RemoveAllSnapshots_Task
      RetrievePropertiesEx
        VirtualMachine: snapshot
        from VirtualMachine*`,
    },
    {
      name: 'revertToSnapshot',
      mutation: 'revertToSnapshot(input: { snapshot: $snapshot }) { virtualMachine { powerState } }',
      expected: `RetrievePropertiesEx
        VirtualMachine: name
        VirtualMachineSnapshot: vm
        from VirtualMachineSnapshot* VirtualMachineSnapshot.vm*
      RevertToSnapshot_Task
      RetrievePropertiesEx
        VirtualMachine: runtime.powerState
        from VirtualMachine*`,
    },
    {
      name: 'renameSnapshot',
      mutation: 'renameSnapshot(input: { snapshot: $snapshot, name: "new" }) { snapshot { name } }',
      expected: `RetrievePropertiesEx
        VirtualMachine: name, snapshot
        VirtualMachineSnapshot: vm
        from VirtualMachineSnapshot* VirtualMachineSnapshot.vm*
      RenameSnapshot
      RetrievePropertiesEx
        VirtualMachine: snapshot
        VirtualMachineSnapshot: vm
        from VirtualMachineSnapshot* VirtualMachineSnapshot.vm*`,
    },
    {
      name: 'consolidateDisks',
      mutation: 'consolidateDisks(input: { virtualMachine: { id: $vm } }) { task { state } }',
      expected: 'ConsolidateVMDisks_Task',
    },
    {
      name: 'setChangeTracking that changes nothing',
      mutation: 'setChangeTracking(input: { virtualMachine: { id: $vm }, enabled: true }) { task { state } }',
      expected: `RetrievePropertiesEx
        ${before}
        from VirtualMachine*`,
    },
    {
      name: 'setChangeTracking',
      mutation:
        'setChangeTracking(input: { virtualMachine: { id: $vm }, enabled: false }) { task { state } }',
      expected: `RetrievePropertiesEx
        ${before}
        from VirtualMachine*
      ReconfigVM_Task`,
    },
    {
      name: 'setChangeTracking that activates',
      mutation:
        'setChangeTracking(input: { virtualMachine: { id: $inactive }, enabled: true, activate: true }) { activated }',
      expected: `RetrievePropertiesEx
        VirtualMachine: capability.changeTrackingSupported, capability.snapshotOperationsSupported, config.changeTrackingEnabled, config.changeVersion, config.extraConfig["ctkEnabled"], config.hardware.device, config.template, config.version, disabledMethod, name, runtime.connectionState, runtime.consolidationNeeded, runtime.powerState, snapshot, summary.config.template
        VirtualMachineSnapshot: config.hardware.device
        from VirtualMachine* VirtualMachine.rootSnapshot* VirtualMachineSnapshot.childSnapshot*
      CreateSnapshot_Task
      RetrievePropertiesEx
        VirtualMachine: config.changeTrackingEnabled, config.changeVersion, config.extraConfig["ctkEnabled"], config.hardware.device, snapshot
        VirtualMachineSnapshot: config.hardware.device
        from VirtualMachine* VirtualMachine.rootSnapshot* VirtualMachineSnapshot.childSnapshot*
      RemoveSnapshot_Task`,
    },
    {
      name: 'changePower that powers on',
      mutation:
        'changePower(input: { virtualMachines: { id: $off }, action: POWER_ON }) { results { virtualMachine { powerState } task { state } error { code } } }',
      expected: `RetrievePropertiesEx
        ComputeResource: name, parent
        Datacenter: name, parent
        Folder: name, parent
        ResourcePool: name, parent
        VirtualApp: name, parent, parentFolder
        VirtualMachine: config.template, name, parent, parentVApp, runtime.powerState, runtime.question.text
        from VirtualMachine* ManagedEntity.parent* VirtualApp.parentFolder* VirtualMachine.parentVApp*
      PowerOnMultiVM_Task
      RetrievePropertiesEx
        VirtualMachine: runtime.powerState, runtime.question.text
        from VirtualMachine*`,
    },
    {
      name: 'changePower that powers off, and leaves one alone',
      mutation:
        'changePower(input: { virtualMachines: [{ id: $vm }, { id: $off }], action: POWER_OFF }) { results { virtualMachine { name powerState } error { code } } }',
      expected: `RetrievePropertiesEx
        VirtualMachine: config.template, name, runtime.powerState, runtime.question.text
        from VirtualMachine*
      PowerOffVM_Task
      RetrievePropertiesEx
        VirtualMachine: runtime.powerState, runtime.question.text
        from VirtualMachine*
      RetrievePropertiesEx
        VirtualMachine: name, runtime.powerState
        from VirtualMachine*`,
    },
    {
      name: 'setCustomAttribute',
      mutation:
        'setCustomAttribute(input: { entity: $vm, name: "Owner", value: "Data" }) { entity { customAttributes { name value } } }',
      expected: `RetrievePropertiesEx
        CustomFieldsManager: field
        ManagedEntity: customValue, name
        from CustomFieldsManager*
        from VirtualMachine*
      SetField
      RetrievePropertiesEx
        CustomFieldsManager: field
        VirtualMachine: customValue
        from CustomFieldsManager*
        from VirtualMachine*`,
    },
    {
      name: 'acknowledgeAlarm',
      mutation: 'acknowledgeAlarm(input: { alarm: $alarm }) { alarm { acknowledgedBy } }',
      expected: `RetrievePropertiesEx
        ManagedEntity: name, triggeredAlarmState
        from VirtualMachine*
      RetrievePropertiesEx
        Alarm: info.name
        from Alarm*
      AcknowledgeAlarm
      RetrievePropertiesEx
        ManagedEntity: triggeredAlarmState
        from VirtualMachine*`,
    },
    {
      name: 'attachTag',
      mutation:
        'attachTag(input: { tag: { name: { category: "owner", name: "finance" } }, entities: [$vm, $inactive] }) { results { entity { name tags { name } } error { message } } }',
      // The definition is read once more before the change: the one that names it can be a minute old.
      expected: `RetrievePropertiesEx
        VirtualMachine: name
        from VirtualMachine*
      POST /api/session
      GET /api/cis/tagging/tag
      GET /api/cis/tagging/tag/<Tag>
      GET /api/cis/tagging/category/<Category>
      GET /api/cis/tagging/tag/<Tag> again
      GET /api/cis/tagging/category/<Category> again
      POST /api/cis/tagging/tag-association/<Tag>?action=attach-tag-to-multiple-objects
      POST /api/cis/tagging/tag-association?action=list-attached-tags-on-objects`,
    },
    {
      name: 'detachTag',
      mutation:
        'detachTag(input: { tag: { name: { category: "owner", name: "shop" } }, entities: [$vm, $inactive] }) { results { error { message } } }',
      expected: `POST /api/session
      GET /api/cis/tagging/tag
      GET /api/cis/tagging/tag/<Tag>
      GET /api/cis/tagging/category/<Category>
      GET /api/cis/tagging/tag/<Tag> again
      GET /api/cis/tagging/category/<Category> again
      POST /api/cis/tagging/tag-association/<Tag>?action=detach-tag-from-multiple-objects`,
    },
  ])('are exactly those of $name', async ({ mutation, expected }) => {
    const gateway = startGateway()
    const { data } = await gateway.execute(
      '{ tracked: virtualMachine(by: { name: "web-01" }) { id snapshots { id } } alarms: virtualMachine(by: { name: "db-01" }) { triggeredAlarms { id } } inactive: virtualMachine(by: { name: "wiki-01" }) { id } off: virtualMachine(by: { name: "mail-01" }) { id } }',
    )
    const { tracked, inactive, alarms, off } = data
    const variables = {
      vm: tracked.id,
      snapshot: tracked.snapshots[0].id,
      inactive: inactive.id,
      alarm: alarms.triggeredAlarms[0].id,
      off: off.id,
    }
    const used = Object.keys(variables).filter((name) => mutation.includes(`$${name}`))
    const declared = used.map((name) => `$${name}: ID!`).join(', ')
    const { requested, errors } = await execute(gateway, `mutation (${declared}) { ${mutation} }`, variables)
    expect(errors).toBeUndefined()
    expect(requested.filter((line) => !upkeep.test(line))).toEqual(lines(expected))
    await gateway.close()
  })
})

describe('the calls of changePower', () => {
  // Besides the calls that change something, the number does not depend on the number of machines.
  it.each([
    ['POWER_OFF', 'PowerOffVM_Task', 1, 1],
    ['POWER_OFF', 'PowerOffVM_Task', 3, 3],
    ['POWER_OFF', 'PowerOffVM_Task', 100, 100],
    ['SHUTDOWN_GUEST', 'ShutdownGuest', 100, 100],
    // One for each datacenter.
    ['POWER_ON', 'PowerOnMultiVM_Task', 100, 2],
  ] as const)('%s are %s for %i machines: %i', async (action, method, count, writes) => {
    const gateway = startGateway({ vms: 200 })
    const { settings } = gateway.simulator.inventory
    Object.assign(settings, { guestShutdownMs: 5, guestsWrite: false })
    const machines = [...gateway.simulator.objects.ofType('VirtualMachine')]
      .map(machineOf)
      .filter(
        ({ isAccessible, template, hasTools, question }) =>
          isAccessible && !template && hasTools && !question,
      )
      .slice(0, count)
    const from = action === 'POWER_ON' ? 'poweredOff' : 'poweredOn'
    for (const machine of machines) if (machine.powerState !== from) setPower(machine, from, new Date())
    const virtualMachines = machines.map(({ ref }) => ({ id: idOf(gateway, ref) }))
    await gateway.execute('{ vcenters { name } }')
    const { calls, data } = await execute(
      gateway,
      'mutation ($input: ChangePowerInput!) { changePower(input: $input) { results { virtualMachine { name powerState host { name } } error { code message } } } }',
      { input: { virtualMachines, action } },
    )
    const { results } = (data as { changePower: { results: { error: unknown }[] } }).changePower
    expect(results.map(({ error }) => error)).toEqual(machines.map(() => null))
    const counts = (name: string) => calls.filter((call) => call.method === name).length
    expect(counts(method)).toBe(writes)
    // The states before and after, and the selection.
    expect(counts('RetrievePropertiesEx')).toBe(3)
    await gateway.close()
  })
})

/** Fields of a virtual machine, and the paths that each requires. */
const fields: readonly (readonly [selection: string, ...paths: readonly string[]])[] = [
  ['id'],
  ['vcenter { version }'],
  ['name', 'VirtualMachine.name'],
  ['path', 'VirtualMachine.name', ...upwards()],
  ['uuid', 'VirtualMachine.config.uuid', 'VirtualMachine.summary.config.uuid'],
  ['instanceUuid', 'VirtualMachine.config.instanceUuid', 'VirtualMachine.summary.config.instanceUuid'],
  ['powerState', 'VirtualMachine.runtime.powerState'],
  ['connectionState', 'VirtualMachine.runtime.connectionState'],
  ['template', 'VirtualMachine.config.template', 'VirtualMachine.summary.config.template'],
  ['cpuCount', 'VirtualMachine.config.hardware.numCPU', 'VirtualMachine.summary.config.numCpu'],
  ['memory', 'VirtualMachine.config.hardware.memoryMB', 'VirtualMachine.summary.config.memorySizeMB'],
  ['guest { hostName }', 'VirtualMachine.guest.hostName', 'VirtualMachine.summary.guest.hostName'],
  ['guest { ipAddress }', 'VirtualMachine.guest.ipAddress', 'VirtualMachine.summary.guest.ipAddress'],
  ['guest { fullName }', 'VirtualMachine.guest.guestFullName', 'VirtualMachine.summary.guest.guestFullName'],
  [
    'guest { toolsRunning }',
    'VirtualMachine.guest.toolsRunningStatus',
    'VirtualMachine.summary.guest.toolsRunningStatus',
  ],
  ['changeTracking { supported }', 'VirtualMachine.capability.changeTrackingSupported'],
  [
    'changeTracking { enabled }',
    'VirtualMachine.config.changeTrackingEnabled',
    'VirtualMachine.config.changeVersion',
    'VirtualMachine.config.extraConfig["ctkEnabled"]',
  ],
  ['disks { label }', 'VirtualMachine.config.hardware.device'],
  ['networkAdapters { type macAddress portgroupKey }', 'VirtualMachine.config.hardware.device'],
  [
    'networkAdapters { network { name } }',
    'VirtualMachine.config.hardware.device',
    'VirtualMachine.network',
    'Network.name',
    'DistributedVirtualPortgroup.key',
    'OpaqueNetwork.summary',
  ],
  [
    'networkAdapters { guestInterface { ipAddresses } }',
    'VirtualMachine.config.hardware.device',
    'VirtualMachine.guest.net',
  ],
  ['disk(by: { key: 2000 }) { capacity }', 'VirtualMachine.config.hardware.device'],
  ['snapshots { name }', 'VirtualMachine.snapshot'],
  ['rootSnapshots { number }', 'VirtualMachine.snapshot'],
  ['currentSnapshot { isCurrent }', 'VirtualMachine.snapshot'],
  [
    'snapshots { disks { label } }',
    'VirtualMachine.snapshot',
    'VirtualMachineSnapshot.config.hardware.device',
  ],
  ['snapshots { depth ageSeconds }', 'VirtualMachine.snapshot'],
  ['snapshots { size }', 'VirtualMachine.layoutEx', 'VirtualMachine.snapshot'],
  ['disks { files { size } }', 'VirtualMachine.config.hardware.device', 'VirtualMachine.layoutEx'],
  [
    'snapshots { disks { files { name } } }',
    'VirtualMachine.layoutEx',
    'VirtualMachine.snapshot',
    'VirtualMachineSnapshot.config.hardware.device',
  ],
  [
    'snapshots { virtualMachine { memory } }',
    'VirtualMachine.snapshot',
    'VirtualMachine.config.hardware.memoryMB',
    'VirtualMachine.summary.config.memorySizeMB',
  ],
  ['datacenter { name }', ...upwards()],
  [
    'cluster { name }',
    'VirtualMachine.runtime.host',
    'HostSystem.parent',
    'VirtualMachine.resourcePool',
    'ResourcePool.owner',
    'ComputeResource.name',
  ],
  ['host { name }', 'VirtualMachine.runtime.host', 'HostSystem.name'],
  ['datastores { freeSpace }', 'VirtualMachine.datastore', 'Datastore.summary.freeSpace'],
  [
    'datastores { usedSpace freePercent }',
    'VirtualMachine.datastore',
    'Datastore.summary.capacity',
    'Datastore.summary.freeSpace',
  ],
  [
    'datastores { provisionedSpace }',
    'VirtualMachine.datastore',
    'Datastore.summary.capacity',
    'Datastore.summary.freeSpace',
    'Datastore.summary.uncommitted',
  ],
  [
    'host { totalCpu }',
    'VirtualMachine.runtime.host',
    'HostSystem.summary.hardware.cpuMhz',
    'HostSystem.summary.hardware.numCpuCores',
  ],
  [
    'host { cpuUsagePercent }',
    'VirtualMachine.runtime.host',
    'HostSystem.summary.hardware.cpuMhz',
    'HostSystem.summary.hardware.numCpuCores',
    'HostSystem.summary.quickStats.overallCpuUsage',
  ],
  [
    'host { memoryUsagePercent }',
    'VirtualMachine.runtime.host',
    'HostSystem.summary.hardware.memorySize',
    'HostSystem.summary.quickStats.overallMemoryUsage',
  ],
  ['datastores { type }', 'VirtualMachine.datastore', 'Datastore.summary.type'],
  ['networks { accessible }', 'VirtualMachine.network', 'Network.summary.accessible'],
  ['resourcePool { name }', 'VirtualMachine.resourcePool', 'ResourcePool.name'],
  ['folder { overallStatus }', 'VirtualMachine.parent', 'Folder.overallStatus'],
  ['overallStatus', 'VirtualMachine.overallStatus'],
  ['hardwareVersion', 'VirtualMachine.config.version', 'VirtualMachine.summary.config.hwVersion'],
  ['configuredGuestId', 'VirtualMachine.config.guestId', 'VirtualMachine.summary.config.guestId'],
  [
    'configuredGuestFullName',
    'VirtualMachine.config.guestFullName',
    'VirtualMachine.summary.config.guestFullName',
  ],
  ['annotation', 'VirtualMachine.config.annotation', 'VirtualMachine.summary.config.annotation'],
  ['bootTime', 'VirtualMachine.runtime.bootTime'],
  ['consolidationNeeded', 'VirtualMachine.runtime.consolidationNeeded'],
  ['cpuUsage', 'VirtualMachine.summary.quickStats.overallCpuUsage'],
  ['memoryUsage', 'VirtualMachine.summary.quickStats.hostMemoryUsage'],
  ['storage { committed }', 'VirtualMachine.summary.storage.committed'],
  ['guest { family }', 'VirtualMachine.guest.guestFamily'],
  ['guest { state }', 'VirtualMachine.guest.guestState'],
  ['guest { toolsInstallType }', 'VirtualMachine.guest.toolsInstallType'],
  ['guest { ipAddresses }', 'VirtualMachine.guest.net'],
  ['guest { networkInterfaces { macAddress } }', 'VirtualMachine.guest.net'],
  ['firmware', 'VirtualMachine.config.firmware'],
  ['secureBoot', 'VirtualMachine.config.bootOptions.efiSecureBootEnabled'],
  ['encrypted', 'VirtualMachine.config.keyId', 'VirtualMachine.config.version'],
  ['vtpm', 'VirtualMachine.summary.config.tpmPresent'],
  ['createdAt', 'VirtualMachine.config.createDate'],
  ['modifiedAt', 'VirtualMachine.config.modified'],
  ['managedBy { extensionKey }', 'VirtualMachine.summary.config.managedBy'],
  ['vmPathName', 'VirtualMachine.config.files.vmPathName', 'VirtualMachine.summary.config.vmPathName'],
  ['coresPerSocket', 'VirtualMachine.config.hardware.numCoresPerSocket'],
  ['diskCount', 'VirtualMachine.summary.config.numVirtualDisks'],
  ['networkAdapterCount', 'VirtualMachine.summary.config.numEthernetCards'],
  ['cpuAllocation { limit unlimited shares }', 'VirtualMachine.config.cpuAllocation'],
  ['memoryAllocation { reservation sharesLevel }', 'VirtualMachine.config.memoryAllocation'],
  ['maxCpuUsage', 'VirtualMachine.runtime.maxCpuUsage'],
  ['uptime', 'VirtualMachine.summary.quickStats.uptimeSeconds'],
  ['cpuDemand', 'VirtualMachine.summary.quickStats.overallCpuDemand'],
  ['cpuReadiness', 'VirtualMachine.summary.quickStats.overallCpuReadiness'],
  ['activeMemory', 'VirtualMachine.summary.quickStats.guestMemoryUsage'],
  ['balloonedMemory', 'VirtualMachine.summary.quickStats.balloonedMemory'],
  ['swappedMemory', 'VirtualMachine.summary.quickStats.swappedMemory'],
  ['compressedMemory', 'VirtualMachine.summary.quickStats.compressedMemory'],
  ['suspendedAt', 'VirtualMachine.runtime.suspendTime'],
  ['pendingQuestion', 'VirtualMachine.runtime.question.text'],
  ['guest { fileSystems { freePercent } }', 'VirtualMachine.guest.disk'],
  [
    'guest { fileSystems { disks { label } } }',
    'VirtualMachine.guest.disk',
    'VirtualMachine.config.hardware.device',
  ],
  ['guest { dnsServers searchDomains }', 'VirtualMachine.guest.ipStack'],
  ['guest { defaultGateways }', 'VirtualMachine.guest.ipStack'],
  ['guest { networkInterfaces { addresses { prefixLength } } }', 'VirtualMachine.guest.net'],
  ['guest { toolsVersion }', 'VirtualMachine.guest.toolsVersion'],
  ['disks { controller { type busNumber } }', 'VirtualMachine.config.hardware.device'],
  ['customAttributes { key value }', 'VirtualMachine.customValue'],
  ['customAttributes { name }', 'VirtualMachine.customValue', 'CustomFieldsManager.field'],
  ['tags { name }'],
  [
    'networkAdapters { vlan { vlanId } }',
    'VirtualMachine.config.hardware.device',
    'VirtualMachine.network',
    'VirtualMachine.runtime.host',
    'HostSystem.config.network.portgroup',
    'Network.name',
    'DistributedVirtualPortgroup.config.defaultPortConfig',
    'DistributedVirtualPortgroup.key',
    'OpaqueNetwork.summary',
  ],
  [
    'networks { switch { name } }',
    'VirtualMachine.network',
    'DistributedVirtualPortgroup.config.distributedVirtualSwitch',
    'DistributedVirtualSwitch.name',
  ],
  ['host { physicalNics { device } }', 'VirtualMachine.runtime.host', 'HostSystem.config.network.pnic'],
  ['host { inMaintenanceMode }', 'VirtualMachine.runtime.host', 'HostSystem.runtime.inMaintenanceMode'],
  [
    'datastores { hostMounts { accessible } }',
    'VirtualMachine.datastore',
    'Datastore.host',
    'Datastore.summary.accessible',
  ],
  [
    'datastores { datastoreCluster { name } }',
    'VirtualMachine.datastore',
    'Datastore.parent',
    'StoragePod.name',
  ],
]

function upwards(): string[] {
  return [
    ...[
      'VirtualMachine.parent',
      'VirtualMachine.parentVApp',
      'Folder.name',
      'Folder.parent',
      'Datacenter.name',
    ],
    ...['Datacenter.parent', 'VirtualApp.name', 'VirtualApp.parent', 'VirtualApp.parentFolder'],
    ...['ResourcePool.name', 'ResourcePool.parent', 'ComputeResource.name', 'ComputeResource.parent'],
  ]
}

describe('a selected field', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = startGateway({ vms: 3 })
    await gateway.execute('{ virtualMachines { totalCount } }')
  })
  afterAll(() => gateway.close())

  const pathsOf = async (selection: readonly string[]) => {
    const aliased = selection.map((each, index) => `f${index}: ${each}`).join(' ')
    const { calls, errors } = await execute(
      gateway,
      `{ virtualMachines(first: 1000) { nodes { ${aliased} } } }`,
    )
    expect(errors).toBeUndefined()
    expect(calls).toHaveLength(1)
    return allPathsRequested(calls)
  }
  const union = (chosen: typeof fields) =>
    [...new Set(['VirtualMachine.name', ...chosen.flatMap(([, ...paths]) => paths)])].sort()

  it('requests its own paths and no others, whatever else is selected', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray([...fields], { minLength: 1 }), async (chosen) => {
        expect(await pathsOf(chosen.map(([selection]) => selection))).toEqual(union(chosen))
      }),
      { seed: 2, numRuns: 60 },
    )
  })

  it.each(fields)('adds only its own paths to the request: %s', async (selection, ...paths) => {
    const others = fields.filter(([each]) => each !== selection)
    const left = union(others)
    expect(await pathsOf(others.map(([each]) => each))).toEqual(left)
    const alone = paths.filter((path) => !left.includes(path))
    expect(await pathsOf(fields.map(([each]) => each))).toEqual([...left, ...alone].sort())
  })

  it('requests devices only for disks', async () => {
    const devices = async (selection: string) => {
      const { calls } = await execute(gateway, `{ virtualMachines(first: 1000) { nodes { ${selection} } } }`)
      return [
        ...pathsRequested(calls, 'VirtualMachine'),
        ...pathsRequested(calls, 'VirtualMachineSnapshot'),
      ].includes('config.hardware.device')
    }
    expect(await devices('name powerState cpuCount memory path snapshots { name } host { name }')).toBe(false)
    expect(await devices('changeTracking { enabled supported }')).toBe(false)
    expect(await devices('disks @skip(if: true) { label }')).toBe(false)
    expect(await devices('disks { label }')).toBe(true)
  })
})

const startsOf = (call: RecordedCall | undefined) =>
  ((call?.args.specSet ?? []) as DataObject<'PropertyFilterSpec'>[]).flatMap(
    ({ objectSet }) => objectSet ?? [],
  )
