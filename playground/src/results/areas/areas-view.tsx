// Shows a list of areas of a disk as a table with their shares, and its density as a table of slices.

import { useMemo } from 'react'
import { capacityOf, isAreaConnection } from '../disk-map/read-maps.ts'
import { ConnectionTable } from '../tables/connection-view.tsx'
import { ObjectTable } from '../tables/object-table.tsx'
import { connectionOf } from '../tables/row-set.ts'
import { type TypedValue, valueAt } from '../typed/typed-value.ts'
import type { View, ViewContext, ViewProps } from '../view.ts'
import { sliceRows, withShares } from './read-areas.ts'

function AreasTables({ value, label, context }: ViewProps) {
  const tables = useMemo(() => readTables(value, context), [value, context])
  return (
    <>
      <ConnectionTable value={tables?.areas ?? value} label={label} context={context} />
      {tables?.slices && <ObjectTable rows={tables.slices} label={`${label}_density`} context={context} />}
    </>
  )
}

function readTables(value: TypedValue, { result: { root } }: ViewContext) {
  if (!isAreaConnection(value)) return undefined
  const owner = root && valueAt(root, value.path.slice(0, -1))
  const capacity = capacityOf(value, owner?.kind === 'object' ? owner : undefined)
  return { areas: withShares(value, capacity), slices: sliceRows(value, capacity) }
}

export const areasView: View = {
  name: 'areas',
  matches: (value) => (isAreaConnection(value) && connectionOf(value) ? 8 : false),
  component: AreasTables,
}
