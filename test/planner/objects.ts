// Managed objects for tests of what reads them, without a retrieval.

import { Bag, type ManagedObject } from '../../src/planner/managed-object.ts'
import type { ManagedObjectType } from '../../src/soap/vim-types.ts'

/** An object that answered these values to these paths, and was asked for nothing else. */
export function objectWith<M extends ManagedObjectType>(
  type: M,
  moid: string,
  values: Readonly<Record<string, unknown>> = {},
  bag = new Bag(),
): ManagedObject<M> {
  const object = bag.get<M>({ type, value: moid })
  const propSet = Object.entries(values)
    .filter(([, val]) => val !== undefined)
    .map(([name, val]) => ({ name, val }))
  object.fill({ obj: object.ref, propSet }, new Set(Object.keys(values)))
  return object
}
