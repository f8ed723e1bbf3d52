// Says of which objects statistics and groups are.

import { type FieldNode, Kind } from 'graphql'
import type { TypedValue } from '../typed/typed-value.ts'
import { fieldLabel, lowerFirst } from '../values/format.ts'
import { countOf } from './groups.ts'
import type { Connection, RowSet } from './row-set.ts'

const hasOnlySums = (value: TypedValue): boolean =>
  value.kind === 'object' &&
  value.fields.every(
    ({ value: of }) =>
      of.kind !== 'object' || of.fields.every(({ name }) => ['sum', '__typename'].includes(name)),
  )

/** Returns what a table of statistics is about, such as "Total of all 12 snapshots". */
export const describeStatistics = (value: TypedValue, connection: Connection): string =>
  `${hasOnlySums(value) ? 'Total' : 'Statistics'} of ${allOf(connection)}`

const number = (value: number): string => value.toLocaleString('en-US')

const fieldOf = ({ nodes }: TypedValue): FieldNode | undefined =>
  nodes[0]?.kind === Kind.FIELD ? nodes[0] : undefined

const hasArgument = (of: TypedValue, argument: string): boolean =>
  fieldOf(of)?.arguments?.some(({ name, value }) => name.value === argument && value.kind !== Kind.NULL) ??
  false

/** Names the objects of a connection, such as "all 12 snapshots that match the filter". */
function allOf({ value, totalCount }: Connection): string {
  const name = fieldOf(value)?.name.value ?? 'objects'
  const isFiltered = hasArgument(value, 'filter')
  if (totalCount === 1) {
    const noun = lowerFirst(fieldLabel(value.typeName?.replace(/Connection$/, '') ?? name))
    return `1 ${noun}${isFiltered ? ' that matches the filter' : ''}`
  }
  const count = totalCount === undefined ? '' : `${number(totalCount)} `
  return `all ${count}${lowerFirst(fieldLabel(name))}${isFiltered ? ' that match the filter' : ''}`
}

/** Whether a list of groups may end before the last group. The largest are first. */
export const isLimited = (groups: TypedValue): boolean => hasArgument(groups, 'first')

/** Returns how many groups there are, and of what. A maximum number of groups leaves objects out; an object with several values is in several groups. */
export function describeGroups({ rows }: RowSet, groups: TypedValue, connection: Connection): string {
  const counted = rows.reduce((sum, row) => sum + (countOf(row) ?? 0), 0)
  const isPart = connection.totalCount !== undefined && counted < connection.totalCount
  const noun = rows.length === 1 ? 'group' : 'groups'
  const largest = `the ${rows.length === 1 ? '' : `${number(rows.length)} `}largest ${noun}`
  const shown = isLimited(groups) ? largest : `${number(rows.length)} ${noun}`
  return `${shown}${isPart ? ` with ${number(counted)}` : ''} of ${allOf(connection)}`
}
