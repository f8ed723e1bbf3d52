// The view of lists whose objects are used in part: bars, and a table if the selection has more than they show.

import { useMemo } from 'react'
import { OtherView } from '../picture/other-view.tsx'
import { fieldLabel } from '../values/format.ts'
import type { View, ViewProps } from '../view.ts'
import { hasBars, mayHaveMore, needsTable, readBars } from './read-bars.ts'
import { UsageBars } from './usage-bars.tsx'

/** What the table in place of the picture leaves out. */
const ownViews = ['usage-bars', 'usage']

function UsageBarsView(props: ViewProps) {
  const { value, label } = props
  const rows = useMemo(() => readBars(value), [value])
  return (
    <UsageBars
      title={`${fieldLabel(label)}: usage`}
      rows={rows}
      table={() => <OtherView without={ownViews} {...props} />}
      isPartial={needsTable(value)}
      mayHaveMore={mayHaveMore(value)}
    />
  )
}

export const usageBarsView: View = {
  name: 'usage-bars',
  matches: (value) => (hasBars(value) ? 20 : false),
  component: UsageBarsView,
  isPicture: true,
}
