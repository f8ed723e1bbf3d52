// What people call an object: its name, and its inventory path, "/Frankfurt/vm/web/web-01".

import { ancestorsOf } from '../../planner/ancestors.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'

/** The path of an object whose ancestors were retrieved, without the root folder; undefined when not all of them can be seen. vSphere's escapes stay. */
export function inventoryPath(object: ManagedObject): string | undefined {
  const lineage = [object, ...ancestorsOf(object)]
  const root = lineage.at(-1) as ManagedObject
  // Only the root folder has no parent; anything else ends the way because the next one may not be read.
  if (root.ref.type !== 'Folder' || root.references('parent').length > 0) return undefined
  const names = lineage.slice(0, -1).map((each) => (each as ManagedObject<'Folder'>).read('name'))
  return names.includes(undefined) ? undefined : `/${names.reverse().join('/')}`
}

/** The name as a person reads it, or the moid when it cannot be read. */
export const displayName = (object: ManagedObject): string =>
  unescapeName((object as ManagedObject<'VirtualMachine'>).tryRead('name') ?? object.ref.value)
