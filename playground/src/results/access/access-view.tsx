// Shows what a caller may do to an object as a table with an answer in words. The check mark of a Boolean would also be at actions
// that are allowed, but impossible in the present state.

import { ObjectTable } from '../tables/object-table.tsx'
import type { View, ViewProps } from '../view.ts'
import { accessRows } from './read-access.ts'

function AccessTable({ value, label, context }: ViewProps) {
  const rows = accessRows(value)
  return rows && <ObjectTable rows={rows} label={label} context={context} />
}

export const accessView: View = {
  name: 'access',
  matches: (value) => (accessRows(value) ? 10 : false),
  component: AccessTable,
}
