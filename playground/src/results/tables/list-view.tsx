// Shows a list of objects as a table, groups with their shares, and says when a list is empty.

import { getNamedType, isCompositeType } from 'graphql'
import type { TypedObject } from '../typed/typed-value.ts'
import { fieldLabel } from '../values/format.ts'
import type { View, ViewProps } from '../view.ts'
import { isLimited } from './describe-totals.ts'
import { isGroupList, withShares } from './groups.ts'
import { ObjectTable } from './object-table.tsx'
import { rowsOfList } from './row-set.ts'

/** Longer lists are tables also if their objects have pictures, which then expand. */
const maxCards = 6

function ListTable({ value, label, context }: ViewProps) {
  const rows = rowsOfList(value)
  if (!rows) return <EmptyList label={label} />
  const shown = isGroupList(rows) ? withShares(rows, undefined, isLimited(value)) : rows
  return <ObjectTable rows={shown} label={label} context={context} />
}

function EmptyList({ label }: { readonly label: string }) {
  return (
    <section className="rv-table">
      <div className="rv-table-head">
        <h3>{fieldLabel(label)}</h3>
        <span className="rv-summary">none</span>
      </div>
    </section>
  )
}

export const listView: View = {
  name: 'list',
  matches(value, context) {
    if (value.kind !== 'list') return false
    if (value.raw.length === 0) return value.type && isCompositeType(getNamedType(value.type)) ? 5 : false
    const rows = rowsOfList(value)
    if (!rows) return false
    const hasPicture = (row: TypedObject) => row.fields.some((field) => context.hasPicture(field.value))
    return rows.rows.length <= maxCards && rows.rows.some(hasPicture) ? false : 5
  },
  component: ListTable,
}
