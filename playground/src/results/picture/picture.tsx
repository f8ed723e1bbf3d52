// The frame of a picture: a title, a caption that says in words what it shows, and its data as a table.

import './picture.css'
import { type ReactNode, useId, useState } from 'react'

export interface PictureProps {
  /** Names the kind of picture, for CSS and tests: "disk-map". */
  readonly kind: string
  readonly title: ReactNode
  /** What the picture shows, in a sentence with its numbers. */
  readonly caption: ReactNode
  /** The data as a table. Called only while the table is shown. */
  readonly table: () => ReactNode
  /** Whether the picture leaves out a part of the data. The table is then below it, unless it replaces the picture. */
  readonly isPartial?: boolean
  readonly children: ReactNode
  /** Further controls beside the button for the table. */
  readonly actions?: ReactNode
}

export function Picture({ kind, title, caption, table, isPartial = false, children, actions }: PictureProps) {
  const [isTable, setIsTable] = useState(false)
  const id = useId()
  return (
    <figure
      className="rv-picture"
      data-picture={kind}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-caption`}
    >
      <div className="rv-picture-header">
        <h3 id={`${id}-title`}>{title}</h3>
        {!isTable && actions}
        <button
          type="button"
          className="rv-picture-button"
          aria-pressed={isTable}
          onClick={() => setIsTable(!isTable)}
        >
          {isPartial ? 'Table only' : 'As table'}
        </button>
      </div>
      <figcaption id={`${id}-caption`}>{caption}</figcaption>
      {!isTable && <div className="rv-picture-content">{children}</div>}
      {(isTable || isPartial) && <div className="rv-picture-table">{table()}</div>}
    </figure>
  )
}
