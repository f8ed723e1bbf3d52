// Shows a connection: its coverage, numbers and groups, the loaded rows as a table, and a button for the next page.

import { CoverageNotice } from '../completeness/coverage-notice.tsx'
import { isIncomplete } from '../completeness/read-coverage.ts'
import { isPlain } from '../typed/typed-value.ts'
import { fieldLabel } from '../values/format.ts'
import { LeafView } from '../values/leaf.tsx'
import type { View, ViewProps } from '../view.ts'
import { NextPageButton } from './next-page-button.tsx'
import { ObjectTable } from './object-table.tsx'
import { type Connection, connectionOf } from './row-set.ts'
import { Totals } from './totals.tsx'

export function ConnectionTable({ value, label, context }: ViewProps) {
  const connection = connectionOf(value)
  if (!connection) return null
  const { rows, items, others } = connection
  const numbers = others.filter((field) => isPlain(field.value))
  const nested = others.filter((field) => !isPlain(field.value))
  return (
    <div className="rv-connection">
      <CoverageNotice of={connection.value} />
      {numbers.length > 0 && (
        <p className="rv-facts">
          {numbers.map((field) => (
            <span key={field.key} title={field.definition?.description ?? field.name}>
              {fieldLabel(field.key)}: <LeafView value={field.value} />
            </span>
          ))}
        </p>
      )}
      {nested.map((field) => (
        <Totals key={field.key} field={field} connection={connection} label={label} context={context} />
      ))}
      {items && rows.rows.length > 0 ? (
        <ObjectTable
          rows={rows}
          label={label}
          context={context}
          summary={summaryOf(connection)}
          fileSuffix={fileSuffixOf(connection)}
        />
      ) : (
        // Without rows and their number, what is above says it all.
        summaryOf(connection) !== '' && (
          <div className="rv-table-head">
            <h3>{fieldLabel(label)}</h3>
            <span className="rv-summary">{summaryOf(connection)}</span>
          </div>
        )
      )}
      <NextPageButton connection={connection} context={context} />
    </div>
  )
}

const number = (value: number): string => value.toLocaleString('en-US')

function summaryOf({ items, rows, totalCount, hasNextPage }: Connection): string {
  const loaded = rows.rows.length + rows.nullCount
  if (!items) return totalCount === undefined ? '' : `${number(totalCount)} in all`
  if (totalCount !== undefined && totalCount !== loaded)
    return `${number(loaded)} of ${number(totalCount)} rows loaded`
  const count = `${number(loaded)} ${loaded === 1 ? 'row' : 'rows'}`
  if (hasNextPage) return `${count} loaded, there are more`
  return loaded === 0 ? 'no rows' : count
}

/** Marks a file that does not have all rows. */
function fileSuffixOf({ value, rows, totalCount, hasNextPage }: Connection): string {
  const loaded = rows.rows.length
  const isPart = hasNextPage || (totalCount !== undefined && totalCount > loaded)
  const part = isPart ? `-${loaded}-of-${totalCount ?? 'more'}` : ''
  return `${part}${isIncomplete(value) ? '-incomplete' : ''}`
}

export const connectionView: View = {
  name: 'connection',
  matches: (value) => (connectionOf(value) ? 5 : false),
  component: ConnectionTable,
}
