// References of a retrieval to objects that are gone: found out from what a server says, left out, and asked again without
// them. property-collector.ts does the asking.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { PropertyFilterSpec } from './property-collector.ts'
import type { VimFaultError } from '../vim-fault-error.ts'

export const isSame = (a: ManagedObjectReference, b: ManagedObjectReference) =>
  a.type === b.type && a.value === b.value

/**
 * ManagedObjectNotFound fails the whole call although reportMissingObjectsInResults was asked: on old servers, and for
 * views. A view is not a dead object of the inventory: its session has ended.
 */
export function noteDead(
  error: VimFaultError,
  asked: readonly PropertyFilterSpec[],
  dead: ManagedObjectReference[],
): boolean {
  if (!error.is('ManagedObjectNotFound')) return false
  const { obj: gone } = error.fault as DataObject<'ManagedObjectNotFound'>
  if (!gone || gone.value.startsWith('session[')) return false
  if (!asked.some((spec) => spec.objectSet?.some(({ obj }) => isSame(obj, gone)))) return false
  dead.push(gone)
  return true
}

export function withoutDead(
  specSet: readonly PropertyFilterSpec[],
  dead: readonly ManagedObjectReference[],
): readonly PropertyFilterSpec[] {
  if (dead.length === 0) return specSet
  const isDead = ({ obj }: ObjectSpec) => dead.some((ref) => isSame(ref, obj))
  return specSet
    .map((spec) => {
      const objectSet = (spec.objectSet ?? []).filter((each) => !isDead(each))
      for (const gone of (spec.objectSet ?? []).filter(isDead)) bequeath(gone, objectSet)
      return { ...spec, objectSet }
    })
    .filter((spec) => spec.objectSet.length > 0)
}

type ObjectSpec = DataObject<'ObjectSpec'>

/** Objects of one plan name the traversals that the first of them spells out: when that one goes, the next spells them. */
function bequeath({ selectSet = [] }: ObjectSpec, objectSet: ObjectSpec[]): void {
  if (!selectSet.some((each) => 'path' in each)) return
  const names = (set: ObjectSpec['selectSet'] = []) => set.map(({ name }) => name).join()
  const heir = objectSet.findIndex((each) => names(each.selectSet) === names(selectSet))
  if (heir >= 0) objectSet[heir] = { ...(objectSet[heir] as ObjectSpec), selectSet }
}

const isNamed = (each: DataObject<'SelectionSpec'>): boolean => !('path' in each)
export const namesShared = (specSet: readonly PropertyFilterSpec[]): boolean =>
  specSet.some(({ objectSet = [] }) => objectSet.some(({ selectSet = [] }) => selectSet.some(isNamed)))

/**
 * With the traversals spelled out for each object. vcsim learns them from the first, and not if that one is gone, which it
 * tells as InvalidArgument.
 */
export function spelledOut(specSet: readonly PropertyFilterSpec[]): readonly PropertyFilterSpec[] {
  return specSet.map((spec) => {
    const objectSet = spec.objectSet ?? []
    const spelled = new Map(
      objectSet.flatMap(({ selectSet = [] }) =>
        selectSet.filter((each) => !isNamed(each)).map((each) => [each.name, each]),
      ),
    )
    const spell = (each: DataObject<'SelectionSpec'>) => spelled.get(each.name) ?? each
    return {
      ...spec,
      objectSet: objectSet.map((each) => ({ ...each, selectSet: (each.selectSet ?? []).map(spell) })),
    }
  })
}
