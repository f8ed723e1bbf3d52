// Reads properties of a few objects with one call, without the planner: with what is unset and why something cannot be read.

import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { retrieveProperties } from '../../vim25/property-collector/property-collector.ts'
import { UnknownProperties } from '../../vim25/property-collector/unknown-properties.ts'
import type { DoctorRun } from '../check.ts'

export interface ReadObject {
  readonly ref: ManagedObjectReference
  readonly values: ReadonlyMap<string, unknown>
  /** The names of the faults of the properties that cannot be read. */
  readonly faults: ReadonlyMap<string, string>
}

/** Returns the objects that exist, in any order. Properties that the server does not know are unset. */
export async function readProperties(
  { session, signal }: Pick<DoctorRun, 'session' | 'signal'>,
  refs: readonly ManagedObjectReference[],
  type: ManagedObjectType,
  pathSet: readonly string[],
): Promise<ReadObject[]> {
  if (refs.length === 0) return []
  const specSet = [{ propSet: [{ type, pathSet }], objectSet: refs.map((obj) => ({ obj, skip: false })) }]
  const found: ReadObject[] = []
  const add = ({ obj, propSet = [], missingSet = [] }: DataObject<'ObjectContent'>) =>
    found.push({
      ref: obj,
      values: new Map(propSet.map(({ name, val }) => [name, val])),
      faults: new Map(missingSet.map(({ path, fault }) => [path, fault.fault._typeName ?? 'MethodFault'])),
    })
  await session.withLogin(
    async (login) => {
      found.length = 0
      await retrieveProperties(login, specSet, new UnknownProperties(), { signal }, add)
    },
    { signal },
  )
  return found
}
