// Shows an aggregate as a table: a row for each field, with sum, average, minimum and maximum.

import type { View, ViewProps } from '../view.ts'
import { statisticRows } from './groups.ts'
import { ObjectTable } from './object-table.tsx'

function Statistics({ value, label, context }: ViewProps) {
  const rows = statisticRows(value)
  // They are of all objects that match the filter, also of those on later pages.
  return (
    rows && (
      <ObjectTable
        rows={rows}
        label={label}
        context={context}
        summary="of all that match"
        hasToolbar={false}
      />
    )
  )
}

export const statisticsView: View = {
  name: 'statistics',
  matches: (value) => (statisticRows(value) ? 6 : false),
  component: Statistics,
}
