// How the alarms of objects are read: those of objects that are hidden from the client are left out, as on a vCenter.

import type { DataObject, ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { type PropertyPath, readPath } from './property-path.ts'

type Find = (ref: ManagedObjectReference) => SimulatedObject | undefined

/** Whether a property derives from alarms, whose changes do not count as changes of the inventory. */
export const dependsOnAlarms = (path: PropertyPath): boolean =>
  ['overallStatus', 'triggeredAlarmState', 'declaredAlarmState'].includes(path.property) ||
  /^summary(Ex)?(\.overallStatus)?$/.test(path.text)

/** Returns what a client sees of a list of alarms; undefined if that is the whole value, as of any other property. */
export function visibleValue(
  object: SimulatedObject,
  path: PropertyPath,
  find: Find,
): { readonly value: unknown } | undefined {
  if (path.property !== 'triggeredAlarmState') return undefined
  const value = readPath(object, path)
  const states = (Array.isArray(value) ? value : [value]) as readonly (DataObject<'AlarmState'> | undefined)[]
  const isVisible = (state: (typeof states)[number]) => !state?.entity || find(state.entity) !== undefined
  if (states.every(isVisible)) return undefined
  return { value: Array.isArray(value) ? states.filter(isVisible) : undefined }
}
