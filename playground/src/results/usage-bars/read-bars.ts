// Reads the rows of a bar chart from a list or a connection.

import { fieldNamed, rawField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'
import { levelOf, type Measure, measuredFields, measuresOf } from './measures.ts'

export interface BarRow {
  readonly object: TypedObject
  readonly label: string
  readonly measures: readonly Measure[]
}

/** Returns the objects of a list or of a page of a connection, or undefined if the value is neither. */
export function objectsOf(value: TypedValue): TypedObject[] | undefined {
  if (value.kind === 'list') {
    const objects = value.items.filter((item) => item.kind === 'object')
    return objects.length > 0 ? objects : undefined
  }
  if (value.kind !== 'object') return undefined
  const nodes = fieldNamed(value, 'nodes')?.value
  if (nodes) return objectsOf(nodes)
  const edges = fieldNamed(value, 'edges')?.value
  return (
    edges &&
    objectsOf(edges)?.flatMap((edge) => {
      const node = fieldNamed(edge, 'node')?.value
      return node?.kind === 'object' ? [node] : []
    })
  )
}

const labelFields = ['name', 'label', 'path', 'moid', 'id']

const labelOf = (object: TypedObject): string | undefined =>
  labelFields.map((field) => rawField(object, field)).find((raw): raw is string => typeof raw === 'string')

/** Objects of a long list that are examined: all have the same selection, but the values of some can be unknown. */
const sampleSize = 20

/** Whether the objects of a list or connection have a name and a measure. */
export const hasBars = (value: TypedValue): boolean =>
  objectsOf(value)
    ?.slice(0, sampleSize)
    .some((object) => labelOf(object) !== undefined && measuresOf(object).length > 0) ?? false

/** Returns the objects with a name, each with its measures. */
export const readBars = (value: TypedValue): BarRow[] =>
  (objectsOf(value) ?? []).flatMap((object) => {
    const label = labelOf(object)
    return label === undefined ? [] : [{ object, label, measures: measuresOf(object) }]
  })

/** Returns the names of the measures in the order of the first row that has each. */
export const measureNames = (rows: readonly BarRow[]): string[] => [
  ...new Set(rows.flatMap(({ measures }) => measures.map(({ name }) => name))),
]

/** Whether there is more than the bars show, such as other fields or pages, so that the table is needed too. */
export function needsTable(value: TypedValue): boolean {
  const [first] = objectsOf(value) ?? []
  const isShown = (object: TypedObject): boolean =>
    object.fields.every(
      ({ name, value: nested }) =>
        measuredFields.has(name) || shownFields.has(name) || (nested.kind === 'object' && isShown(nested)),
    )
  return !isWholeList(value) || (first !== undefined && !isShown(first))
}

const shownFields: ReadonlySet<string> = new Set([...labelFields, '__typename'])

const rowFields: ReadonlySet<string> = new Set(['nodes', 'edges', 'pageInfo', 'totalCount', '__typename'])

/** Whether a connection has all its objects on this page, and nothing beside them. A plain list always does. */
function isWholeList(value: TypedValue): boolean {
  if (value.kind !== 'object') return true
  const hasOnlyRows = value.fields.every(
    (field) => rowFields.has(field.name) || (field.name === 'coverage' && isComplete(field.value)),
  )
  return hasOnlyRows && !mayHaveMore(value)
}

/** Whether a connection may have objects on further pages. */
export function mayHaveMore(value: TypedValue): boolean {
  if (value.kind !== 'object') return false
  const pageInfo = fieldNamed(value, 'pageInfo')?.value
  const isLast = pageInfo?.kind === 'object' && rawField(pageInfo, 'hasNextPage') === false
  return !isLast && rawField(value, 'totalCount') !== objectsOf(value)?.length
}

const isComplete = (coverage: TypedValue): boolean =>
  coverage.kind === 'list' &&
  coverage.items.every((item) => item.kind === 'object' && rawField(item, 'isComplete') === true)

/** Sorts rows by a measure, the fullest first; rows without it are last. Undefined keeps the order of the response. */
export function sortBars(rows: readonly BarRow[], by: string | undefined): BarRow[] {
  if (by === undefined) return [...rows]
  const shareOf = ({ measures }: BarRow) => measures.find(({ name }) => name === by)?.share ?? -1
  return [...rows].sort((a, b) => shareOf(b) - shareOf(a))
}

/**
 * Describes the rows by their measures in sentences.
 * @param isPart Whether there may be more rows than these
 */
export function describeBars(rows: readonly BarRow[], isPart: boolean): string {
  const sentences = measureNames(rows).map((name) => {
    const shares = rows.flatMap(({ measures }) => measures.filter((each) => each.name === name))
    const levels = shares.map(({ share }) => levelOf(share))
    const counted = (['very high', 'high'] as const).flatMap((level) => {
      const count = levels.filter((each) => each === level).length
      return count > 0 ? [`${count} ${level} (from ${level === 'high' ? 75 : 90} %)`] : []
    })
    const unknown = rows.length - shares.length
    const low = unknown > 0 ? `${shares.length} below 75 %` : 'all below 75 %'
    return `${name}: ${[counted.join(', ') || low, unknown > 0 && `${unknown} not known`].filter(Boolean).join(', ')}.`
  })
  const loaded = isPart ? [`${rows.length} loaded, there may be more.`] : []
  return [...loaded, ...sentences].join(' ')
}
