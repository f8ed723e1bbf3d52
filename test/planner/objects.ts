// Creates managed objects without a retrieval, for tests of code that reads them.

import { type ManagedObject, ObjectCache } from '../../src/planner/managed-object.ts'
import type { ManagedObjectType } from '../../src/soap/vim-types.ts'

/** Creates an object that returned these values for these paths; no other path was requested. */
export function objectWith<M extends ManagedObjectType>(
  type: M,
  moid: string,
  values: Readonly<Record<string, unknown>> = {},
  objectCache = new ObjectCache({}),
): ManagedObject<M> {
  const object = objectCache.get<M>({ type, value: moid })
  const propSet = Object.entries(values)
    .filter(([, val]) => val !== undefined)
    .map(([name, val]) => ({ name, val }))
  object.merge({ obj: object.ref, propSet }, new Set(Object.keys(values)))
  return object
}
