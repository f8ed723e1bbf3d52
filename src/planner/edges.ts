// The edges between inventory objects, except the path upwards (ancestors.ts) and those to objects at any depth
// (descendants/).

import type { ManagedObjectType } from '../soap/vim-types.ts'
import { isEntityOf, isOfType, type ManagedObject, readOr } from './managed-object.ts'
import {
  descendants,
  nextObjects,
  reference,
  referenceOfSubtype,
  type Traversal,
  visibleReferences,
} from './traversals.ts'

// ---- virtual machines and their snapshots

export const virtualMachineHost = reference('VirtualMachine', 'runtime.host', 'HostSystem')
export const virtualMachineDatastores = reference('VirtualMachine', 'datastore', 'Datastore')
export const virtualMachineNetworks = reference('VirtualMachine', 'network', 'Network')
export const virtualMachinePool = reference('VirtualMachine', 'resourcePool', 'ResourcePool')
export const virtualMachineVApp = reference('VirtualMachine', 'parentVApp', 'ResourcePool')
export const snapshotVirtualMachine = reference('VirtualMachineSnapshot', 'vm', 'VirtualMachine')

/** From a VM to all snapshots of its tree. The tree structure and the names are in the property `snapshot`. */
export const snapshotTree: Traversal<'VirtualMachineSnapshot'> = {
  name: 'VirtualMachine.snapshots',
  to: 'VirtualMachineSnapshot',
  start: ['rootSnapshot'],
  steps: {
    rootSnapshot: { type: 'VirtualMachine', path: 'rootSnapshot', next: ['childSnapshot'], isTarget: true },
    childSnapshot: {
      type: 'VirtualMachineSnapshot',
      path: 'childSnapshot',
      next: ['childSnapshot'],
      isTarget: true,
    },
  },
  requiredPaths: ['snapshot'],
  follow: () => [],
}

// ---- folders

/** The folder directly above an object; empty if the parent is a datacenter, a datastore cluster, a pool or a vApp. */
export const parentFolder = reference('ManagedEntity', 'parent', 'Folder')
export const folderFolders = visibleReferences('Folder', 'childEntity', 'Folder')
export const folderDatacenters = visibleReferences('Folder', 'childEntity', 'Datacenter')
export const folderVirtualMachines = visibleReferences('Folder', 'childEntity', 'VirtualMachine')
export const folderComputeResources = visibleReferences('Folder', 'childEntity', 'ComputeResource')
export const folderDatastores = visibleReferences('Folder', 'childEntity', 'Datastore')
export const folderPods = visibleReferences('Folder', 'childEntity', 'StoragePod')
export const folderNetworks = visibleReferences('Folder', 'childEntity', 'Network')
export const folderSwitches = visibleReferences('Folder', 'childEntity', 'DistributedVirtualSwitch')

// ---- datacenters

export const datacenterVmFolder = reference('Datacenter', 'vmFolder', 'Folder')
export const datacenterHostFolder = reference('Datacenter', 'hostFolder', 'Folder')
export const datacenterDatastoreFolder = reference('Datacenter', 'datastoreFolder', 'Folder')
export const datacenterNetworkFolder = reference('Datacenter', 'networkFolder', 'Folder')

// ---- clusters, hosts, pools

export const computeResourceHosts = reference('ComputeResource', 'host', 'HostSystem')
export const computeResourceDatastores = reference('ComputeResource', 'datastore', 'Datastore')
export const computeResourceNetworks = reference('ComputeResource', 'network', 'Network')
export const computeResourcePool = reference('ComputeResource', 'resourcePool', 'ResourcePool')

/** Through the hosts, since templates are in no pool. */
export const computeResourceVirtualMachines = descendants(
  'ComputeResource',
  ['host'],
  'VirtualMachine',
  {
    host: { type: 'ComputeResource', path: 'host', next: ['vm'] },
    vm: { type: 'HostSystem', path: 'vm', isTarget: true },
  },
  { HostSystem: ['vm'] },
)

/**
 * From a VM to its cluster or standalone ComputeResource: through the host, or through the pool if there is
 * no host or it cannot be read. The host's `parent` must be read too, but is not collected on the path: that
 * would need a separate spec beside the properties selected for hosts.
 */
export const virtualMachineComputeResource: Traversal<'ComputeResource'> = {
  name: 'VirtualMachine.computeResource',
  to: 'ComputeResource',
  start: ['host', 'pool'],
  steps: {
    host: { type: 'VirtualMachine', path: 'runtime.host', next: ['parent'] },
    parent: { type: 'HostSystem', path: 'parent', isTarget: true },
    pool: { type: 'VirtualMachine', path: 'resourcePool', next: ['owner'] },
    owner: { type: 'ResourcePool', path: 'owner', isTarget: true },
  },
  requiredPaths: ['runtime.host', 'resourcePool'],
  collectsOnPath: { ResourcePool: ['owner'] },
  follow: (machine) => {
    const along = (path: string, next: string) => () =>
      machine
        .references(path)
        .filter(({ isLoaded }) => isLoaded)
        .flatMap((each) => each.references(next))
        .filter(
          (each): each is ManagedObject<'ComputeResource'> =>
            isOfType(each, 'ComputeResource') && !each.isMissing,
        )
    const byHost = along('runtime.host', 'parent')
    for (const follow of [byHost, along('resourcePool', 'owner')]) {
      const found = readOr(follow, [])
      if (found.length > 0) return found
    }
    return byHost()
  },
}

export const hostComputeResource = reference('HostSystem', 'parent', 'ComputeResource')
export const hostDatastores = reference('HostSystem', 'datastore', 'Datastore')
export const hostNetworks = reference('HostSystem', 'network', 'Network')
export const hostVirtualMachines = visibleReferences('HostSystem', 'vm', 'VirtualMachine')

export const poolOwner = reference('ResourcePool', 'owner', 'ComputeResource')
export const parentPool = reference('ResourcePool', 'parent', 'ResourcePool')
export const poolPools = visibleReferences('ResourcePool', 'resourcePool', 'ResourcePool')
export const poolVirtualMachines = visibleReferences('ResourcePool', 'vm', 'VirtualMachine')

// ---- storage and networks

export const datastoreVirtualMachines = visibleReferences('Datastore', 'vm', 'VirtualMachine')
/** The datastore cluster that a datastore is in. */
export const datastorePod = reference('Datastore', 'parent', 'StoragePod')
export const podDatastores = visibleReferences('StoragePod', 'childEntity', 'Datastore')
export const networkHosts = reference('Network', 'host', 'HostSystem')
export const networkVirtualMachines = visibleReferences('Network', 'vm', 'VirtualMachine')
export const switchHosts = reference('DistributedVirtualSwitch', 'summary.hostMember', 'HostSystem')
export const switchPortgroups = visibleReferences('DistributedVirtualSwitch', 'portgroup', 'Network')
/** From a distributed port group, whose property is not one of its base type. */
export const portgroupSwitch = referenceOfSubtype(
  'DistributedVirtualPortgroup',
  'config.distributedVirtualSwitch',
  'DistributedVirtualSwitch',
)

// ---- siblings

type Children = Readonly<Partial<Record<ManagedObjectType, readonly string[]>>>

/**
 * From any object to all objects of a type in the same container, including itself.
 * @param children the properties with child references, by container type.
 */
function siblingsOf<T extends ManagedObjectType>(
  to: T,
  children: Children = { Folder: ['childEntity'] },
): Traversal<T> {
  const below = Object.entries(children).flatMap(([type, paths]) =>
    paths.map((path) => ({ key: `${type}.${path}`, type: type as ManagedObjectType, path })),
  )
  const next = below.map(({ key }) => key)
  return {
    name: `siblings:${to}`,
    to,
    start: ['parent', 'parentVApp'],
    steps: {
      parent: { type: 'ManagedEntity', path: 'parent', next },
      parentVApp: { type: 'VirtualMachine', path: 'parentVApp', next },
      ...Object.fromEntries(
        below.map(({ key, type, path }) => [key, { type, path, isTarget: true as const }]),
      ),
    },
    requiredPaths: ['parent', 'parentVApp'],
    collectsOnPath: children,
    follow: (object) => {
      const paths = isOfType(object, 'VirtualMachine') ? ['parent', 'parentVApp'] : ['parent']
      const parents = paths.flatMap((path) => object.references(path)).filter(({ isLoaded }) => isLoaded)
      const found = new Set(parents.flatMap((parent) => [...nextObjects(parent, children)]))
      return [...found].filter((each): each is ManagedObject<T> => isEntityOf(each, to) && each.isLoaded)
    },
  }
}

/** The containers of the types whose objects are not only in folders. */
const containers: Readonly<Partial<Record<ManagedObjectType, Children>>> = {
  Folder: {
    Folder: ['childEntity'],
    Datacenter: ['vmFolder', 'hostFolder', 'datastoreFolder', 'networkFolder'],
  },
  VirtualMachine: { Folder: ['childEntity'], VirtualApp: ['vm'] },
  HostSystem: { ComputeResource: ['host'] },
  ResourcePool: { ComputeResource: ['resourcePool'], ResourcePool: ['resourcePool'] },
}

const siblingTraversals = new Map<ManagedObjectType, Traversal>()

/** Returns the traversal from any object to all objects of a type in the same container, including itself. */
export function siblings(type: ManagedObjectType): Traversal {
  const traversal = siblingTraversals.get(type) ?? siblingsOf(type, containers[type])
  siblingTraversals.set(type, traversal)
  return traversal
}
