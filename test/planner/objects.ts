// Managed objects for tests of what reads them, without a retrieval.

import { type ManagedObject, ObjectCache } from '../../src/planner/managed-object.ts'
import type { ManagedObjectType } from '../../src/soap/vim-types.ts'

/** An object that answered these values to these paths, and was asked for nothing else. */
export function objectWith<M extends ManagedObjectType>(
  type: M,
  moid: string,
  values: Readonly<Record<string, unknown>> = {},
  objectCache = new ObjectCache(),
): ManagedObject<M> {
  const object = objectCache.get<M>({ type, value: moid })
  const propSet = Object.entries(values)
    .filter(([, val]) => val !== undefined)
    .map(([name, val]) => ({ name, val }))
  object.merge({ obj: object.ref, propSet }, new Set(Object.keys(values)))
  return object
}
