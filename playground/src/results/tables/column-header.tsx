// The header of a column, which sorts the loaded rows.

import { type Column, columnClass } from './columns.ts'

interface Props {
  readonly column: Column
  readonly sorted: false | 'asc' | 'desc'
  onSort(): void
}

const ariaSort = { asc: 'ascending', desc: 'descending' } as const

export function ColumnHeader({ column, sorted, onSort }: Props) {
  const description = column.description ? `\n${column.description}` : ''
  return (
    <th
      scope="col"
      aria-sort={sorted ? ariaSort[sorted] : 'none'}
      data-column={column.id}
      className={columnClass(column)}
    >
      <button type="button" onClick={onSort} title={`${column.id}${description}`}>
        {column.label}
        <span aria-hidden="true" className="rv-sort" data-sorted={sorted !== false}>
          {sorted === 'desc' ? '▼' : '▲'}
        </span>
      </button>
    </th>
  )
}
