// Says of which objects statistics and groups are.

import { Kind } from 'graphql'
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

/** Names the objects of a connection, such as "all 12 snapshots". */
function allOf({ value, totalCount }: Connection): string {
  const [node] = value.nodes
  const name = node?.kind === Kind.FIELD ? node.name.value : 'objects'
  if (totalCount === 1)
    return `1 ${lowerFirst(fieldLabel(value.typeName?.replace(/Connection$/, '') ?? name))}`
  const noun = lowerFirst(fieldLabel(name))
  return totalCount === undefined ? `all ${noun} that match` : `all ${number(totalCount)} ${noun}`
}

/** Returns how many groups there are, and of what. A maximum number of groups leaves objects out; an object with several values is in several groups. */
export function describeGroups({ rows }: RowSet, connection: Connection): string {
  const counted = rows.reduce((sum, row) => sum + (countOf(row) ?? 0), 0)
  const isPart = connection.totalCount !== undefined && counted < connection.totalCount
  const groups = `${number(rows.length)} ${rows.length === 1 ? 'group' : 'groups'}`
  return `${groups}${isPart ? ` with ${number(counted)}` : ''} of ${allOf(connection)}`
}
