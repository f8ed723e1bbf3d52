// How the inventory hangs together: each edge as the property collector walks it, and as it is read back from the bag.
// vSphere tells no edge with its objects, so both ways are written side by side.

import type { ManagedObjectType } from '../soap/vim-types.ts'
import { isOfType, type ManagedObject } from './managed-object.ts'

/** One hop: from objects of a type along a path, then on by the steps named in `next`. */
export interface Step {
  readonly type: ManagedObjectType
  readonly path: string
  readonly next?: readonly string[]
  /** Objects reached by it can be what the traversal leads to. */
  readonly arrives?: true
}

export interface Traversal<T extends ManagedObjectType = ManagedObjectType> {
  readonly name: string
  readonly to: T
  readonly start: readonly string[]
  readonly steps: Readonly<Record<string, Step>>
  /** What must be read of the object where it starts, and of those on the way, to find the way back in the bag. */
  readonly reads: readonly string[]
  readonly reports?: Readonly<Partial<Record<ManagedObjectType, readonly string[]>>>
  /** The objects that the edge leads to from one object. */
  readonly follow: (from: ManagedObject) => ManagedObject<T>[]
}

/** An edge that is a property holding one reference or several. */
function reference<T extends ManagedObjectType>(from: ManagedObjectType, path: string, to: T): Traversal<T> {
  return {
    name: `${from}.${path}`,
    to,
    start: ['it'],
    steps: { it: { type: from, path, arrives: true } },
    reads: [path],
    follow: (object) => object.references(path),
  }
}

/** Upwards to the datacenter. The way itself gives the inventory path. */
export const ancestors: Traversal<'Datacenter'> = {
  name: 'ancestors',
  to: 'Datacenter',
  start: ['parent', 'parentVApp'],
  steps: {
    parent: { type: 'ManagedEntity', path: 'parent', next: ['parent', 'parentVApp'], arrives: true },
    parentVApp: { type: 'VirtualMachine', path: 'parentVApp', next: ['parentFolder', 'parent'] },
    parentFolder: { type: 'VirtualApp', path: 'parentFolder', next: ['parent'] },
  },
  reads: ['parent', 'parentVApp'],
  reports: {
    Folder: ['name', 'parent'],
    Datacenter: ['name', 'parent'],
    VirtualApp: ['name', 'parent', 'parentFolder'],
    ResourcePool: ['name', 'parent'],
  },
  follow: (object) => ancestorsOf(object).filter((above) => isOfType(above, 'Datacenter')),
}

/** Everything above an object, nearest first, as far as the bag holds it. */
export function ancestorsOf(object: ManagedObject): ManagedObject[] {
  const above: ManagedObject[] = []
  for (let each = parentOf(object); each && above.length < 64; each = parentOf(each)) above.push(each)
  return above
}

function parentOf(object: ManagedObject): ManagedObject | undefined {
  const paths =
    object.ref.type === 'VirtualMachine'
      ? ['parent', 'parentVApp']
      : object.ref.type === 'VirtualApp'
        ? ['parentFolder', 'parent']
        : ['parent']
  for (const path of paths) {
    const [parent] = object.references(path)
    if (parent) return parent.reported ? parent : undefined
  }
  return undefined
}

/** Downwards from a datacenter to its virtual machines, through folders and vApps. */
export const datacenterVirtualMachines: Traversal<'VirtualMachine'> = {
  name: 'Datacenter.virtualMachines',
  to: 'VirtualMachine',
  start: ['vmFolder'],
  steps: {
    vmFolder: { type: 'Datacenter', path: 'vmFolder', next: ['childEntity'] },
    childEntity: {
      type: 'Folder',
      path: 'childEntity',
      next: ['childEntity', 'vAppVm', 'vAppOwner'],
      arrives: true,
    },
    vAppVm: { type: 'VirtualApp', path: 'vm', arrives: true },
    // To vApps inside vApps by way of their owner's pools: vcsim does not look at a step's type, and would take the straight
    // way, resourcePool, from every virtual machine too.
    vAppOwner: { type: 'VirtualApp', path: 'owner', next: ['ownPool'] },
    ownPool: { type: 'ComputeResource', path: 'resourcePool', next: ['pool', 'vAppVm'] },
    pool: { type: 'ResourcePool', path: 'resourcePool', next: ['pool', 'vAppVm'] },
  },
  reads: ['vmFolder'],
  reports: { Folder: ['childEntity'], VirtualApp: ['vm', 'resourcePool'] },
  follow: (datacenter) => {
    const machines: ManagedObject<'VirtualMachine'>[] = []
    const pending: ManagedObject[] = datacenter.references('vmFolder')
    const seen = new Set<ManagedObject>()
    for (let each = pending.pop(); each; each = pending.pop()) {
      if (seen.has(each)) continue
      seen.add(each)
      if (isOfType(each, 'VirtualMachine')) machines.push(each)
      else if (!each.reported) continue
      else if (each.ref.type === 'Folder') pending.push(...each.references('childEntity'))
      else if (each.ref.type === 'VirtualApp')
        pending.push(...each.references('vm'), ...each.references('resourcePool'))
    }
    return machines.filter((machine) => machine.reported)
  },
}

/** From a virtual machine to all snapshots of its tree. The tree itself, with the names, is the property `snapshot`. */
export const snapshotTree: Traversal<'VirtualMachineSnapshot'> = {
  name: 'VirtualMachine.snapshots',
  to: 'VirtualMachineSnapshot',
  start: ['rootSnapshot'],
  steps: {
    rootSnapshot: { type: 'VirtualMachine', path: 'rootSnapshot', next: ['childSnapshot'], arrives: true },
    childSnapshot: {
      type: 'VirtualMachineSnapshot',
      path: 'childSnapshot',
      next: ['childSnapshot'],
      arrives: true,
    },
  },
  reads: ['snapshot'],
  follow: () => [],
}

export const snapshotVirtualMachine = reference('VirtualMachineSnapshot', 'vm', 'VirtualMachine')
export const virtualMachineHost = reference('VirtualMachine', 'runtime.host', 'HostSystem')
export const virtualMachineDatastores = reference('VirtualMachine', 'datastore', 'Datastore')
