// The buttons of a table: the column chooser and the downloads.

import { useId } from 'react'
import type { TypedObject } from '../typed/typed-value.ts'
import type { Column } from './columns.ts'
import { byteOrderMark, csvOf } from './csv.ts'
import { download } from './download.ts'

interface Choice {
  readonly column: Column
  readonly isVisible: boolean
  toggle(): void
}

interface Props {
  /** The name of downloaded files, without extension. */
  readonly name: string
  /** The loaded rows in the order of the table. */
  readonly rows: readonly TypedObject[]
  readonly visible: readonly Column[]
  readonly choices: readonly Choice[]
}

export function TableToolbar({ name, rows, visible, choices }: Props) {
  const what = `Download the ${rows.length.toLocaleString('en-US')} loaded rows`
  return (
    <div className="rv-toolbar">
      {choices.length > 1 && <ColumnChooser choices={choices} shown={visible.length} />}
      <button
        type="button"
        className="rv-button"
        title={`${what} with the shown columns as CSV`}
        onClick={() =>
          download(`${name}.csv`, 'text/csv;charset=utf-8', `${byteOrderMark}${csvOf(rows, visible)}`)
        }
      >
        CSV
      </button>
      <button
        type="button"
        className="rv-button"
        title={`${what} with all fields as JSON`}
        onClick={() =>
          download(
            `${name}.json`,
            'application/json',
            `${JSON.stringify(
              rows.map(({ raw }) => raw),
              null,
              2,
            )}\n`,
          )
        }
      >
        JSON
      </button>
    </div>
  )
}

function ColumnChooser({ choices, shown }: { readonly choices: readonly Choice[]; readonly shown: number }) {
  const id = useId()
  return (
    <>
      <button type="button" className="rv-button" popoverTarget={id} style={{ anchorName: anchorOf(id) }}>
        Columns {shown < choices.length && `(${shown} of ${choices.length})`}
      </button>
      <fieldset
        id={id}
        popover="auto"
        className="rv-popover"
        aria-label="Shown columns"
        style={{ positionAnchor: anchorOf(id) }}
      >
        {choices.map(({ column, isVisible, toggle }) => (
          <label key={column.id}>
            <input
              type="checkbox"
              checked={isVisible}
              disabled={isVisible && shown === 1}
              onChange={toggle}
            />
            {column.label} <code>{column.id}</code>
          </label>
        ))}
      </fieldset>
    </>
  )
}

/** A CSS name cannot have the characters of React's ids. */
const anchorOf = (id: string): string => `--rv-${id.replaceAll(/[^a-zA-Z0-9]/g, '')}`
