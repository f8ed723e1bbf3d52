// The way upwards, from any object of the inventory to its datacenter and the root folder.

import { isOfType, type ManagedObject } from './managed-object.ts'
import type { Traversal } from './traversals.ts'

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
    ComputeResource: ['name', 'parent'],
    ResourcePool: ['name', 'parent'],
    VirtualApp: ['name', 'parent', 'parentFolder'],
  },
  follow: (object) => ancestorsOf(object).filter((above) => isOfType(above, 'Datacenter')),
}

/** Everything above an object, nearest first, as far as the bag holds it. */
export function ancestorsOf(object: ManagedObject): ManagedObject[] {
  const above: ManagedObject[] = []
  // A vApp is in a pool and in a folder: for what is a machine the folder counts, for what is a pool the pool.
  const byFolder = isOfType(object, 'VirtualMachine')
  for (let each = parentOf(object, byFolder); each && above.length < 64; each = parentOf(each, byFolder))
    above.push(each)
  return above
}

function parentOf(object: ManagedObject, byFolder: boolean): ManagedObject | undefined {
  const paths = isOfType(object, 'VirtualMachine')
    ? ['parent', 'parentVApp']
    : byFolder && isOfType(object, 'VirtualApp')
      ? ['parentFolder', 'parent']
      : ['parent']
  for (const path of paths) {
    const [parent] = object.references(path)
    if (parent) return parent.reported ? parent : undefined
  }
  return undefined
}
