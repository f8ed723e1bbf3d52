// Finds the containers above an inventory object, up to its datacenter and the root folder.

import { isOfType, type ManagedObject } from './managed-object.ts'
import type { Traversal } from './traversals.ts'

/** Edge from any object up to its datacenter. The objects on the path also give the inventory path. */
export const ancestors: Traversal<'Datacenter'> = {
  name: 'ancestors',
  to: 'Datacenter',
  start: ['parent', 'parentVApp'],
  steps: {
    parent: { type: 'ManagedEntity', path: 'parent', next: ['parent', 'parentVApp'], isTarget: true },
    parentVApp: { type: 'VirtualMachine', path: 'parentVApp', next: ['parentFolder', 'parent'] },
    parentFolder: { type: 'VirtualApp', path: 'parentFolder', next: ['parent'] },
  },
  requiredPaths: ['parent', 'parentVApp'],
  collectsOnPath: {
    Folder: ['name', 'parent'],
    Datacenter: ['name', 'parent'],
    ComputeResource: ['name', 'parent'],
    ResourcePool: ['name', 'parent'],
    VirtualApp: ['name', 'parent', 'parentFolder'],
  },
  follow: (object) => ancestorsOf(object).filter((ancestor) => isOfType(ancestor, 'Datacenter')),
}

/** Returns the ancestors of an object, nearest first, as far as the object cache holds them. */
export function ancestorsOf(object: ManagedObject): ManagedObject[] {
  const found: ManagedObject[] = []
  // A vApp is in a pool and in a folder: above a VM the folder is followed, above a pool the pool.
  const preferFolder = isOfType(object, 'VirtualMachine')
  for (
    let each = parentOf(object, preferFolder);
    each && found.length < 64;
    each = parentOf(each, preferFolder)
  )
    found.push(each)
  return found
}

function parentOf(object: ManagedObject, preferFolder: boolean): ManagedObject | undefined {
  const paths = isOfType(object, 'VirtualMachine')
    ? ['parent', 'parentVApp']
    : preferFolder && isOfType(object, 'VirtualApp')
      ? ['parentFolder', 'parent']
      : ['parent']
  for (const path of paths) {
    const [parent] = object.references(path)
    if (parent) return parent.isLoaded ? parent : undefined
  }
  return undefined
}
