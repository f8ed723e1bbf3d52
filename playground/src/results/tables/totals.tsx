// What a connection says about all of its objects, also those on other pages: statistics and groups.

import type { TypedField } from '../typed/typed-value.ts'
import { ValueView } from '../value-view.tsx'
import type { ViewContext } from '../view.ts'
import { describeGroups, describeStatistics, isLimited } from './describe-totals.ts'
import { isGroupList, statisticRows, withShares } from './groups.ts'
import { ObjectTable } from './object-table.tsx'
import { type Connection, rowsOfList } from './row-set.ts'

interface Props {
  readonly field: TypedField
  readonly connection: Connection
  /** The label of the connection. */
  readonly label: string
  readonly context: ViewContext
}

export function Totals({ field: { key, value }, connection, label, context }: Props) {
  const own = `${label}_${key}`
  const statistics = statisticRows(value)
  if (statistics)
    return (
      <ObjectTable
        rows={statistics}
        label={own}
        title={describeStatistics(value, connection)}
        context={context}
        summary=""
        hasToolbar={false}
      />
    )
  const groups = rowsOfList(value)
  if (groups && isGroupList(groups))
    return (
      <ObjectTable
        rows={withShares(groups, connection.totalCount, isLimited(value))}
        label={own}
        context={context}
        summary={describeGroups(groups, value, connection)}
      />
    )
  return <ValueView value={value} label={own} context={context} />
}
