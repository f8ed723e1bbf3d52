// Names for people: the display name and the inventory path ("/Frankfurt/vm/web/web-01") of an object.

import { ancestorsOf } from '../../planner/ancestors.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'

/**
 * Returns the inventory path of an object, without the root folder and with vSphere's escapes (%2f %5c %25). Its ancestors must
 * have been retrieved.
 *
 * @returns undefined if an ancestor or its name cannot be read
 */
export function inventoryPath(object: ManagedObject): string | undefined {
  const lineage = [object, ...ancestorsOf(object)]
  const root = lineage.at(-1) as ManagedObject
  // Only the root folder has no parent. A chain that ends anywhere else lacks an ancestor that may not be read.
  if (root.ref.type !== 'Folder' || root.references('parent').length > 0) return undefined
  const names = lineage.slice(0, -1).map((each) => (each as ManagedObject<'Folder'>).read('name'))
  return names.includes(undefined) ? undefined : `/${names.reverse().join('/')}`
}

/** Returns the name with vSphere's escapes decoded, or the moid if the name cannot be read. */
export const displayName = (object: ManagedObject): string =>
  unescapeName((object as ManagedObject<'VirtualMachine'>).tryRead('name') ?? object.ref.value)

/** Returns the moid, with the name if that was retrieved, for error messages: `"web-01" (vm-37)`. */
export const nameAndMoid = (object: ManagedObject): string =>
  object.wasReturned('name') ? withMoid(displayName(object), object.ref.value) : object.ref.value

/** The same for a name that is known. */
export const withMoid = (name: string, moid: string): string => `${JSON.stringify(name)} (${moid})`
