// References of a retrieval to objects that are gone: found out from what a server says, left out, and asked again without
// them. property-collector.ts does the asking.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { VimFaultError } from '../vim-fault-error.ts'
import type { PropertyFilterSpec } from './property-collector.ts'

export const isSameRef = (a: ManagedObjectReference, b: ManagedObjectReference) =>
  a.type === b.type && a.value === b.value

/**
 * ManagedObjectNotFound fails the whole call although reportMissingObjectsInResults was asked: on old servers, and for
 * views. A view is not a dead object of the inventory: its session has ended.
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

/** Objects of one plan name the traversals that the first of them spells out: when that one goes, the next spells them. */
function inheritSelectSet({ selectSet = [] }: ObjectSpec, objectSet: ObjectSpec[]): void {
  if (!selectSet.some((each) => 'path' in each)) return
  const names = (set: ObjectSpec['selectSet'] = []) => set.map(({ name }) => name).join()
  const successor = objectSet.findIndex((each) => names(each.selectSet) === names(selectSet))
  if (successor >= 0) objectSet[successor] = { ...(objectSet[successor] as ObjectSpec), selectSet }
}

const isNamedOnly = (each: DataObject<'SelectionSpec'>): boolean => !('path' in each)
export const hasNamedTraversals = (specSet: readonly PropertyFilterSpec[]): boolean =>
  specSet.some(({ objectSet = [] }) => objectSet.some(({ selectSet = [] }) => selectSet.some(isNamedOnly)))

/**
 * With the traversals spelled out for each object. vcsim learns them from the first, and not if that one is gone, which it
 * tells as InvalidArgument.
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
