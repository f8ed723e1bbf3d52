// Inventory paths, "/Frankfurt/vm/web/web-01": what the traversal upwards found, without the root folder.

import type { ManagedObject } from '../plan/managed-object.ts'
import { ancestorsOf } from '../plan/traversals.ts'

/** The path of an object whose ancestors were retrieved; undefined when not all of them can be seen. vSphere's escapes stay. */
export function inventoryPath(object: ManagedObject): string | undefined {
  const way = [object, ...ancestorsOf(object)]
  const root = way.at(-1) as ManagedObject
  // Only the root folder has no parent; anything else ends the way because the next one may not be read.
  if (root.ref.type !== 'Folder' || root.references('parent').length > 0) return undefined
  const names = way.slice(0, -1).map((each) => (each as ManagedObject<'Folder'>).read('name'))
  return names.includes(undefined) ? undefined : `/${names.reverse().join('/')}`
}
