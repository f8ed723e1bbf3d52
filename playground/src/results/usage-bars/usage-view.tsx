// The view of a single object that is used in part: its bars above its other values.

import { useId } from 'react'
import { OtherView } from '../picture/other-view.tsx'
import { fieldLabel } from '../values/format.ts'
import type { View, ViewProps } from '../view.ts'
import { measuresOf } from './measures.ts'
import { Bar } from './usage-bars.tsx'

/** What the table in place of the picture leaves out. */
const ownViews = ['usage']

function UsageView(props: ViewProps) {
  const heading = useId()
  if (props.value.kind !== 'object') return null
  return (
    <>
      <section className="rv-card" aria-labelledby={heading}>
        <h3 id={heading}>{fieldLabel(props.label)}: usage</h3>
        <dl className="rv-usage">
          {measuresOf(props.value).map((measure) => (
            <div key={measure.name}>
              <dt>{measure.name}</dt>
              <dd>
                <Bar measure={measure} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <OtherView without={ownViews} {...props} />
    </>
  )
}

/** Not a picture: a list of such objects stays a table. */
export const usageView: View = {
  name: 'usage',
  matches: (value) => (value.kind === 'object' && measuresOf(value).length > 0 ? 15 : false),
  component: UsageView,
}
