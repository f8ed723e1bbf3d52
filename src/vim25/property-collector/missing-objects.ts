// Removes deleted objects from a retrieval: finds them in the server's fault and returns the specs without them.
// property-collector.ts repeats the retrieval with the new specs.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { VimFaultError } from '../vim-fault-error.ts'
import type { PropertyFilterSpec } from './retrieval-types.ts'

export const isSameRef = (a: ManagedObjectReference, b: ManagedObjectReference) =>
  a.type === b.type && a.value === b.value

/**
 * Records the missing object that a ManagedObjectNotFound fault names. Returns false if the fault names no object of the specs.
 * The fault fails the whole call despite reportMissingObjectsInResults on old servers, and for views. A missing view is not
 * recorded, because it means that its session has ended.
 */
export function recordMissing(
  error: VimFaultError,
  requestedSpecs: readonly PropertyFilterSpec[],
  missing: ManagedObjectReference[],
): boolean {
  if (!error.is('ManagedObjectNotFound')) return false
  const { obj: missingRef } = error.fault as DataObject<'ManagedObjectNotFound'>
  if (!missingRef || missingRef.value.startsWith('session[')) return false
  if (!requestedSpecs.some((spec) => spec.objectSet?.some(({ obj }) => isSameRef(obj, missingRef))))
    return false
  missing.push(missingRef)
  return true
}

/** Returns the specs without the missing objects. */
export function withoutMissing(
  specSet: readonly PropertyFilterSpec[],
  missing: readonly ManagedObjectReference[],
): readonly PropertyFilterSpec[] {
  if (missing.length === 0) return specSet
  const isMissing = ({ obj }: ObjectSpec) => missing.some((ref) => isSameRef(ref, obj))
  return specSet
    .map((spec) => {
      const objectSet = (spec.objectSet ?? []).filter((each) => !isMissing(each))
      for (const missingRef of (spec.objectSet ?? []).filter(isMissing))
        inheritSelectSet(missingRef, objectSet)
      return { ...spec, objectSet }
    })
    .filter((spec) => spec.objectSet.length > 0)
}

type ObjectSpec = DataObject<'ObjectSpec'>

/**
 * Objects with the same traversals refer by name to the definitions in the first of them. If the first is removed, this moves
 * the definitions to the next one.
 */
function inheritSelectSet({ selectSet = [] }: ObjectSpec, objectSet: ObjectSpec[]): void {
  if (!selectSet.some((each) => 'path' in each)) return
  const names = (set: ObjectSpec['selectSet'] = []) => set.map(({ name }) => name).join()
  const successor = objectSet.findIndex((each) => names(each.selectSet) === names(selectSet))
  if (successor >= 0) objectSet[successor] = { ...(objectSet[successor] as ObjectSpec), selectSet }
}

const isNamedOnly = (each: DataObject<'SelectionSpec'>): boolean => !('path' in each)
/** Whether any object refers to traversals by name only. */
export const hasNamedTraversals = (specSet: readonly PropertyFilterSpec[]): boolean =>
  specSet.some(({ objectSet = [] }) => objectSet.some(({ selectSet = [] }) => selectSet.some(isNamedOnly)))

/**
 * Returns the specs with full traversal definitions in each object. vcsim only reads the definitions in an object that exists:
 * if the first object is missing, it raises InvalidArgument.
 */
export function inlineTraversals(specSet: readonly PropertyFilterSpec[]): readonly PropertyFilterSpec[] {
  return specSet.map((spec) => {
    const objectSet = spec.objectSet ?? []
    const definitions = new Map(
      objectSet.flatMap(({ selectSet = [] }) =>
        selectSet.filter((each) => !isNamedOnly(each)).map((each) => [each.name, each]),
      ),
    )
    const inline = (each: DataObject<'SelectionSpec'>) => definitions.get(each.name) ?? each
    return {
      ...spec,
      objectSet: objectSet.map((each) => ({ ...each, selectSet: (each.selectSet ?? []).map(inline) })),
    }
  })
}
