// Finds the lists of areas in a result: those of one disk together, so that they are drawn on one scale.

import { Kind, valueFromASTUntyped } from 'graphql'
import type { TypedObject, TypedValue } from '../typed/typed-value.ts'
import { fieldNamed, rawField } from '../typed/typed-value.ts'
import type { Area, AreaMap } from './area-map.ts'
import { knownByPage } from './area-map.ts'
import { mergeRanges } from './ranges.ts'

export type Variables = Readonly<Record<string, unknown>> | undefined

const connectionType = 'ChangedAreaConnection'

const isNumber = (value: unknown): value is number => typeof value === 'number'

/** A map with the list that it was read from. */
export interface ReadMap extends AreaMap {
  readonly source: TypedObject
}

/** Whether a value is a list of areas. */
export const isAreaConnection = (value: TypedValue): value is TypedObject =>
  value.kind === 'object' && value.typeName === connectionType

/** Whether a value is a list of areas of which something can be drawn. */
export const isDrawable = (value: TypedValue): boolean =>
  isAreaConnection(value) && (densityOf(value) !== undefined || areasOf(value) !== undefined)

/** Returns the lists of areas among the fields of an object. */
export function readMaps(owner: TypedObject, variables: Variables): ReadMap[] {
  return owner.fields.flatMap((field) =>
    field.value.kind === 'object' && isDrawable(field.value)
      ? [readMap(field.key, field.value, variables, owner)]
      : [],
  )
}

/**
 * Returns one list of areas. The size of the disk is that of the list, or else of its owner.
 * @param name Names the list in the picture
 */
export function readMap(
  name: string,
  value: TypedObject,
  variables: Variables,
  owner?: TypedObject,
): ReadMap {
  const areas = areasOf(value) ?? []
  const last = areas.at(-1)
  const declared = capacityOf(value, owner)
  const capacity = declared ?? (last ? last.start + last.length : 0)
  const totalCount = rawNumber(value, 'totalCount')
  const pageInfo = fieldNamed(value, 'pageInfo')?.value
  const hasNextPage = pageInfo?.kind === 'object' ? rawField(pageInfo, 'hasNextPage') : undefined
  const page = {
    areas,
    capacity,
    isFirst: !hasCursor(value, variables),
    hasNextPage: typeof hasNextPage === 'boolean' ? hasNextPage : undefined,
    totalCount,
  }
  return {
    source: value,
    name,
    meaning: (owner && meaningOfCapture(owner)) ?? meaningOf(value, variables),
    capacity,
    isCapacityKnown: declared !== undefined,
    areas,
    known: areasOf(value) ? knownByPage(page) : [],
    density: densityOf(value),
    totalLength: rawNumber(value, 'totalLength'),
    totalCount,
  }
}

/** Returns the size of the disk that a list of areas is of: the list has it, or else its owner. Undefined if it is not selected. */
export const capacityOf = (value: TypedObject, owner: TypedObject | undefined): number | undefined =>
  rawNumber(value, 'capacity') ?? (owner && rawNumber(diskOf(owner), 'capacity'))

/** Returns the disk that the lists of an object are of: the object itself, or for a captured disk the disk in it. */
export function diskOf(owner: TypedObject): TypedObject {
  const disk = fieldNamed(owner, 'disk')?.value
  return disk?.kind === 'object' && disk.typeName === 'VirtualDisk' ? disk : owner
}

const rawNumber = (object: TypedObject, name: string): number | undefined => {
  const raw = rawField(object, name)
  return isNumber(raw) ? raw : undefined
}

/** What the areas are: by their starting point, or else by the field that lists them. */
export function meaningOf(value: TypedObject, variables: Variables): AreaMap['meaning'] {
  const sinceChangeId = rawField(value, 'sinceChangeId')
  if (sinceChangeId !== undefined) return sinceChangeId === null ? 'in use' : 'changed'
  const [node] = value.nodes
  const field = node?.kind === Kind.FIELD ? node.name.value : ''
  if (field === 'allocatedAreas') return 'in use'
  // The subscription of this name lists everything in use if it has no starting point.
  if (field === 'changedAreas')
    return argumentOf(value, 'since', variables) === undefined ? 'in use' : 'changed'
  return 'listed'
}

/** A captured disk says what its areas are. */
function meaningOfCapture(owner: TypedObject): AreaMap['meaning'] | undefined {
  const basis = rawField(owner, 'basis')
  if (basis === 'CHANGES') return 'changed'
  return basis === 'FULL' ? 'in use' : undefined
}

/** Whether a page begins behind a cursor. */
const hasCursor = (value: TypedObject, variables: Variables): boolean =>
  typeof argumentOf(value, 'after', variables) === 'string'

/** Returns an argument of the field that a value comes from. Undefined if it is null or not given. */
function argumentOf({ nodes }: TypedObject, argument: string, variables: Variables): unknown {
  const [node] = nodes
  if (node?.kind !== Kind.FIELD) return undefined
  const given = node.arguments?.find(({ name }) => name.value === argument)
  return (given && valueFromASTUntyped(given.value, variables)) ?? undefined
}

export function densityOf(value: TypedObject): readonly number[] | undefined {
  const raw = rawField(value, 'density')
  return Array.isArray(raw) && raw.length > 0 && raw.every(isNumber) ? raw : undefined
}

/** Returns the areas of a page, or undefined if they or their offsets are not selected. */
function areasOf(value: TypedObject): Area[] | undefined {
  const nodes = fieldNamed(value, 'nodes')
  if (nodes) return readAreas(nodes.value)
  const edges = fieldNamed(value, 'edges')?.value
  if (edges?.kind !== 'list') return undefined
  const [first] = edges.items
  const node = first?.kind === 'object' ? fieldNamed(first, 'node') : undefined
  if (!node) return edges.raw.length === 0 ? [] : undefined
  const raw = edges.raw.map((edge) => (edge as Record<string, unknown>)[node.key])
  return toAreas(raw, node.value)
}

/** Returns the areas of a list. Reads the raw values, because typing a million of them takes too long. */
export const readAreas = (list: TypedValue): Area[] | undefined =>
  list.kind === 'list' ? toAreas(list.raw, list.items[0]) : undefined

function toAreas(raw: readonly unknown[], sample: TypedValue | undefined): Area[] | undefined {
  if (raw.length === 0) return []
  if (sample?.kind !== 'object') return undefined
  const [start, length] = [fieldNamed(sample, 'start')?.key, fieldNamed(sample, 'length')?.key]
  if (start === undefined || length === undefined) return undefined
  const areas: Area[] = []
  let isSorted = true
  for (const each of raw as readonly Record<string, unknown>[]) {
    const [from, size] = [each[start], each[length]]
    if (!isNumber(from) || !isNumber(size)) return undefined
    const previous = areas.at(-1)
    isSorted &&= !previous || previous.start + previous.length <= from
    areas.push({ start: from, length: size })
  }
  // The gateway sends them sorted and disjoint; pages that were joined may overlap.
  if (isSorted) return areas
  const merged = mergeRanges(areas.map((area) => ({ start: area.start, end: area.start + area.length })))
  return merged.map((range) => ({ start: range.start, length: range.end - range.start }))
}
