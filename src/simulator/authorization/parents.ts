// The objects from which an object inherits permissions.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'

/** Properties that decide which objects are above an object. */
export const parentProperties: ReadonlySet<string> = new Set([
  'parent',
  'parentFolder',
  'parentVApp',
  'resourcePool',
])

/**
 * Returns the objects directly above an object. A virtual machine is below its folder and its resource pool, and a vApp below both
 * as well.
 */
export function parentsOf(object: SimulatedObject | undefined): ManagedObjectReference[] {
  if (!object) return []
  // A resource pool has a property resourcePool too, with the pools below it.
  const properties = ['parent', 'parentFolder', 'parentVApp']
  if (object.type === 'VirtualMachine') properties.push('resourcePool')
  return properties
    .map((property) => object.get(property) as ManagedObjectReference | undefined)
    .filter((ref) => ref !== undefined)
}
