// Finds the same disk at several places of a result, such as in two snapshots.

import type { Path } from '../typed/error-index.ts'
import { rawField, type TypedObject, type TypedValue, valueAt } from '../typed/typed-value.ts'
import { diskOf, isDrawable } from './read-maps.ts'

const known = new WeakMap<TypedValue, readonly TypedObject[]>()

/** Returns all objects of a result that have lists of areas, in the order of the result. */
export function disksWithAreas(root: TypedValue): readonly TypedObject[] {
  const disks = known.get(root) ?? search(root)
  known.set(root, disks)
  return disks
}

function search(value: TypedValue): TypedObject[] {
  if (value.kind === 'list') return value.items.flatMap(search)
  if (value.kind !== 'object' || isDrawable(value)) return []
  const below = value.fields.flatMap((field) => search(field.value))
  return value.fields.some((field) => isDrawable(field.value)) ? [value, ...below] : below
}

/** Returns what identifies the disk that the areas of an object belong to, wherever it is in the result. */
export function identityOf(owner: TypedObject): string | undefined {
  const uuid = rawField(diskOf(owner), 'uuid')
  return typeof uuid === 'string' ? uuid : undefined
}

/** Returns the names of an object and of those around it: "web-01", "before-update", "Hard disk 1". */
export function namesOf(root: TypedValue | undefined, path: Path): string[] {
  const names: string[] = []
  for (let length = 1; root && length <= path.length; length += 1) {
    const value = valueAt(root, path.slice(0, length))
    if (value?.kind !== 'object') continue
    const name = nameOf(value) ?? nameOf(diskOf(value))
    if (name !== undefined) names.push(name)
  }
  return names.length > 0 ? names : [String(path.findLast((key) => typeof key === 'string') ?? '')]
}

export const nameOf = (object: TypedObject): string | undefined =>
  ['name', 'label', 'path']
    .map((field) => rawField(object, field))
    .find((raw): raw is string => typeof raw === 'string')

/** Returns for each list of names those that not all lists have at the same place. */
export function distinguish(all: readonly (readonly string[])[]): string[] {
  return all.map((names) =>
    names.filter((name, place) => all.some((others) => others[place] !== name)).join(' › '),
  )
}
