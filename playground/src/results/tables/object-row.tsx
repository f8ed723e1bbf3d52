// A row of a table of objects, and the nested lists that are expanded below it.

import { pathKey } from '../typed/error-index.ts'
import type { TypedList, TypedObject, TypedValue } from '../typed/typed-value.ts'
import { ValueView } from '../value-view.tsx'
import { LeafView } from '../values/leaf.tsx'
import type { ViewContext } from '../view.ts'
import { type Column, cellValue, columnClass, nestedCount } from './columns.ts'

interface Props {
  readonly row: TypedObject
  readonly index: number
  readonly columns: readonly Column[]
  readonly context: ViewContext
  isExpanded(column: Column): boolean
  onToggle(column: Column): void
  readonly measure: ((element: HTMLElement | null) => void) | undefined
}

/** The most items of a nested list that are shown in the cell itself. */
const maxInline = 3

/** Each row is a tbody, so that what is expanded below it is measured with it. */
export function ObjectRow({ row, index, columns, context, isExpanded, onToggle, measure }: Props) {
  const expanded = columns.filter((column) => column.isNested && isExpanded(column))
  return (
    <tbody ref={measure} data-index={index}>
      <tr aria-rowindex={index + 2}>
        {columns.map((column) => (
          <Cell
            key={column.id}
            value={cellValue(row, column)}
            column={column}
            isExpanded={expanded.includes(column)}
            onToggle={() => onToggle(column)}
          />
        ))}
      </tr>
      {expanded.map((column) => {
        const value = cellValue(row, column)
        return (
          value && (
            <tr key={column.id} className="rv-expanded">
              <td colSpan={columns.length}>
                <div className="rv-expanded-content">
                  <ValueView value={value} label={column.path.at(-1) ?? ''} context={context} />
                </div>
              </td>
            </tr>
          )
        )
      })}
    </tbody>
  )
}

interface CellProps {
  readonly value: TypedValue | undefined
  readonly column: Column
  readonly isExpanded: boolean
  onToggle(): void
}

function Cell({ value, column, isExpanded, onToggle }: CellProps) {
  const className = columnClass(column)
  if (!value) return <td className={className} />
  return (
    <td className={className} data-path={pathKey(value.path)}>
      {column.isNested ? (
        <NestedCell value={value} column={column} isExpanded={isExpanded} onToggle={onToggle} />
      ) : (
        <LeafView value={value} isCompact />
      )}
    </td>
  )
}

function NestedCell({ value, column, isExpanded, onToggle }: CellProps & { readonly value: TypedValue }) {
  if (value.kind === 'null' || value.kind === 'leaf') return <LeafView value={value} isCompact />
  const count = nestedCount(value) ?? 0
  const inline = value.kind === 'list' ? inlineItems(value) : undefined
  if (inline) return <span className="rv-text">{inline.map((each) => String(each.raw)).join(', ')}</span>
  if (count === 0 && value.kind === 'list') return <span className="rv-null">0</span>
  return (
    <button
      type="button"
      className="rv-expand"
      aria-expanded={isExpanded}
      aria-label={`${count} ${column.label}`}
      onClick={onToggle}
    >
      {count.toLocaleString('en-US')} <span aria-hidden="true">{isExpanded ? '▾' : '▸'}</span>
    </button>
  )
}

/** The values of a short list whose items have one text each, such as names. */
function inlineItems({ items }: TypedList): readonly TypedValue[] | undefined {
  if (items.length === 0 || items.length > maxInline) return undefined
  const values = items.flatMap((item) => {
    const only = item.kind === 'object' && item.fields.length === 1 ? item.fields[0]?.value : undefined
    return only?.kind === 'leaf' && typeof only.raw === 'string' && only.raw.length <= 40 ? [only] : []
  })
  return values.length === items.length ? values : undefined
}
