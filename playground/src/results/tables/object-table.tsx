// A table of objects: sortable, with a column chooser, downloads, rows that expand, and only the visible rows of a long list in the page.

import {
  type ColumnDef,
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useId, useMemo, useRef, useState } from 'react'
import type { TypedObject } from '../typed/typed-value.ts'
import { fieldLabel } from '../values/format.ts'
import type { ViewContext } from '../view.ts'
import { ColumnHeader } from './column-header.tsx'
import { type Column, columnsOf, compareValues, type SortValue, sortValue } from './columns.ts'
import { ObjectRow } from './object-row.tsx'
import type { RowSet } from './row-set.ts'
import { TableToolbar } from './table-toolbar.tsx'

interface Props {
  readonly rows: RowSet
  readonly label: string
  /** @default the label in words */
  readonly title?: string
  readonly context: ViewContext
  /** What the rows are of, such as "50 of 1,234"; by default their number. */
  readonly summary?: ReactNode
  /** Added to the name of a downloaded file. */
  readonly fileSuffix?: string
  /** @default true */
  readonly hasToolbar?: boolean
}

/** The most rows that are all in the page. */
const maxUnvirtualized = 200

const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
})
const tableColumn = (column: Column): ColumnDef<typeof features, TypedObject> => ({
  id: column.id,
  accessorFn: (row) => sortValue(row, column),
  header: column.label,
  sortDescFirst: column.isNumeric,
  sortUndefined: 'last',
  sortFn: (a, b, id) => compareValues(a.getValue<SortValue>(id), b.getValue<SortValue>(id)),
})

export function ObjectTable({
  rows: { rows, nullCount, prefixes },
  label,
  title = fieldLabel(label),
  context,
  summary,
  fileSuffix,
  hasToolbar = true,
}: Props) {
  const columns = useMemo(() => columnsOf(rows, prefixes), [rows, prefixes])
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns])
  const table = useTable({
    features,
    columns: useMemo(() => columns.map(tableColumn), [columns]),
    data: rows,
    getRowId: (row) => row.path.join('.'),
  })
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() => initiallyExpanded(rows, columns))
  const scroller = useRef<HTMLElement>(null)
  const heading = useId()

  const sorted = table.getRowModel().rows
  const visible = table.getVisibleLeafColumns().map(({ id }) => byId.get(id) as Column)
  const isVirtual = sorted.length > maxUnvirtualized
  const virtualizer = useVirtualizer({
    count: sorted.length,
    enabled: isVirtual,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => sorted[index]?.id ?? index,
    estimateSize: () => 31,
    overscan: 12,
  })
  const items = isVirtual
    ? virtualizer.getVirtualItems()
    : sorted.map((_, index) => ({ index, start: 0, end: 0 }))
  const before = isVirtual ? (items[0]?.start ?? 0) : 0
  const after = isVirtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0

  // Without the rows that are in the page, but not in sight.
  const below = isVirtual ? sorted.length - 1 - (virtualizer.range?.endIndex ?? sorted.length - 1) : 0

  const toggle = (key: string): void =>
    setExpanded((open) => {
      const next = new Set(open)
      if (!next.delete(key)) next.add(key)
      return next
    })
  const [sort] = table.state.sorting
  const loaded = rows.length.toLocaleString('en-US')
  const sortedBy = sort && byId.get(sort.id)

  return (
    <section className="rv-table" aria-labelledby={heading}>
      <div className="rv-table-head">
        <h3 id={heading}>{title}</h3>
        <span className="rv-summary">{summary ?? `${loaded} ${rows.length === 1 ? 'row' : 'rows'}`}</span>
        {hasToolbar && (
          <TableToolbar
            name={`${label}${fileSuffix ?? ''}`}
            rows={sorted.map(({ original }) => original)}
            visible={visible}
            choices={table.getAllLeafColumns().map((each) => ({
              column: byId.get(each.id) as Column,
              isVisible: each.getIsVisible(),
              toggle: () => each.toggleVisibility(),
            }))}
          />
        )}
      </div>
      {sortedBy && (
        <p className="rv-note" role="status">
          Sorted by {sortedBy.label}, {sort.desc ? 'descending' : 'ascending'}, among the {loaded} loaded
          rows.
        </p>
      )}
      {nullCount > 0 && (
        <p className="rv-note">
          {nullCount} {nullCount === 1 ? 'item is' : 'items are'} null and not shown.
        </p>
      )}
      <section
        className="rv-scroll"
        data-virtual={isVirtual}
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label={`Rows of ${title}`}
      >
        <table aria-rowcount={rows.length + 1}>
          <caption className="rv-hidden">{title}</caption>
          <thead>
            <tr aria-rowindex={1}>
              {table.getHeaderGroups()[0]?.headers.map(({ column }) => (
                <ColumnHeader
                  key={column.id}
                  column={byId.get(column.id) as Column}
                  sorted={column.getIsSorted()}
                  onSort={() => column.toggleSorting()}
                />
              ))}
            </tr>
          </thead>
          {before > 0 && <Spacer height={before} />}
          {items.map(({ index }) => {
            const row = sorted[index] as (typeof sorted)[number]
            return (
              <ObjectRow
                key={row.id}
                row={row.original}
                index={index}
                columns={visible}
                context={context}
                isExpanded={(column) => expanded.has(expansionKey(row.id, column))}
                onToggle={(column) => toggle(expansionKey(row.id, column))}
                measure={isVirtual ? virtualizer.measureElement : undefined}
              />
            )
          })}
          {after > 0 && <Spacer height={after} />}
        </table>
      </section>
      {below > 0 && (
        <p className="rv-note">
          {below.toLocaleString('en-US')} more {below === 1 ? 'row' : 'rows'} below, in this table.
        </p>
      )}
    </section>
  )
}

/** The most rows whose only nested list is expanded at first, unless the table is itself in a list. */
const maxExpanded = 3

function initiallyExpanded(rows: readonly TypedObject[], columns: readonly Column[]): ReadonlySet<string> {
  const [nested, ...others] = columns.filter(({ isNested }) => isNested)
  const isNestedTable = (rows[0]?.path ?? []).filter((key) => typeof key === 'number').length > 1
  if (!nested || others.length > 0 || rows.length > maxExpanded || isNestedTable) return new Set()
  return new Set(rows.map((row) => expansionKey(row.path.join('.'), nested)))
}

const expansionKey = (rowId: string, column: Column): string => `${rowId} ${column.id}`

/** Takes the height of the rows outside of the visible part. */
function Spacer({ height }: { readonly height: number }) {
  return (
    <tbody aria-hidden="true">
      <tr>
        <td style={{ height, padding: 0, border: 0 }} />
      </tr>
    </tbody>
  )
}
