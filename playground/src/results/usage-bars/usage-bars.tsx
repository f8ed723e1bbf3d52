// Usage of datastores, clusters, hosts or pools as bars, the fullest first.

import './usage-bars.css'
import { type ReactNode, useState } from 'react'
import { formatShare } from '../disk-map/byte-scale.ts'
import { Picture } from '../picture/picture.tsx'
import { fieldNamed, type TypedObject } from '../typed/typed-value.ts'
import { formatNumber } from '../values/format.ts'
import { LeafView } from '../values/leaf.tsx'
import { levelOf, type Measure } from './measures.ts'
import { type BarRow, describeBars, measureNames, sortBars } from './read-bars.ts'

export interface UsageBarsProps {
  readonly title: ReactNode
  readonly rows: readonly BarRow[]
  readonly table: () => ReactNode
  /** Whether more is selected of the objects than the bars show. */
  readonly isPartial: boolean
  /** Whether there may be more objects than these. */
  readonly mayHaveMore: boolean
}

/** Rows that are shown at first. */
const firstRows = 50

export function UsageBars({ title, rows, table, isPartial, mayHaveMore }: UsageBarsProps) {
  const names = measureNames(rows)
  const [by, setBy] = useState<string | undefined>(names[0])
  const [isAll, setIsAll] = useState(false)
  const sorted = sortBars(rows, by)
  const shown = isAll ? sorted : sorted.slice(0, firstRows)
  return (
    <Picture
      kind="usage-bars"
      title={title}
      caption={describeBars(rows, mayHaveMore)}
      table={table}
      isPartial={isPartial}
      actions={
        <label className="rv-picture-choice">
          Order{' '}
          <select value={by ?? ''} onChange={(event) => setBy(event.target.value || undefined)}>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}, fullest first
              </option>
            ))}
            <option value="">as in the response</option>
          </select>
        </label>
      }
    >
      <table className="rv-bars">
        <thead>
          <tr>
            <th scope="col">Name</th>
            {names.map((name) => (
              <th scope="col" key={name} aria-sort={name === by ? 'descending' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.object.path.join('.')}>
              <th scope="row" title={row.label}>
                <span className="rv-bar-name">{row.label}</span> <IdMenu object={row.object} />
              </th>
              {names.map((name) => (
                <td key={name}>
                  <Bar measure={row.measures.find((measure) => measure.name === name)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <button type="button" className="rv-picture-button" onClick={() => setIsAll(true)}>
          Show {rows.length - shown.length} more {rows.length - shown.length === 1 ? 'row' : 'rows'}
        </button>
      )}
    </Picture>
  )
}

/** The menu of the id, if it is selected beside the name. */
function IdMenu({ object }: { readonly object: TypedObject }) {
  const id = fieldNamed(object, 'id')?.value
  return id ? <LeafView value={id} isCompact /> : null
}

export function Bar({ measure }: { readonly measure: Measure | undefined }) {
  if (!measure) return <span className="rv-null">not known</span>
  const { share, used, whole, unit } = measure
  const level = levelOf(share)
  return (
    <div className="rv-bar-cell" data-level={level}>
      <div className="rv-bar-track" aria-hidden="true">
        <i style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
      </div>
      <span className="rv-bar-text">
        <strong>{formatShare(share, 1)}</strong>
        {level !== 'normal' && <em>{level}</em>}
        {used !== undefined && whole !== undefined && (
          <span>
            {formatNumber(used, unit)} of {formatNumber(whole, unit)}
          </span>
        )}
      </span>
    </div>
  )
}
