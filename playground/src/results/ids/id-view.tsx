// Shows an id with a menu of the operations that take it.

import { useId, useRef, useState } from 'react'
import { useResultServices } from '../result-context.ts'
import { type Use, useGroups } from './use.ts'
import { usesOfId } from './use-in.ts'

interface Props {
  readonly id: string
  readonly typeName: string
  readonly isCompact: boolean
}

export function IdView({ id, typeName, isCompact }: Props) {
  const menu = useId()
  // The uses of hundreds of ids are found only when their menu opens.
  const [isOpen, setIsOpen] = useState(false)
  const anchorName = `--rv-${menu.replaceAll(/[^a-zA-Z0-9]/g, '')}`
  return (
    <span className="rv-id-view">
      <code className="rv-id" data-compact={isCompact} title={id}>
        {id}
      </code>
      <button
        type="button"
        className="rv-button"
        popoverTarget={menu}
        style={{ anchorName }}
        title={id}
        aria-label="Use in …, or copy the id"
      >
        {isCompact ? '⋯' : 'Use in …'}
      </button>
      <div
        id={menu}
        popover="auto"
        className="rv-popover rv-uses"
        style={{ positionAnchor: anchorName }}
        onToggle={(event) => setIsOpen(event.newState === 'open')}
      >
        {isOpen && <Uses id={id} typeName={typeName} />}
      </div>
    </span>
  )
}

function Uses({ id, typeName }: { readonly id: string; readonly typeName: string }) {
  const { schema, examples, openTab } = useResultServices()
  const list = useRef<HTMLDivElement>(null)
  const [isCopied, setIsCopied] = useState(false)
  const uses = schema ? usesOfId(schema, typeName, id, examples) : []
  const groups = useGroups.map((title) => [title, uses.filter(({ group }) => group === title)] as const)
  const open = ({ tab }: Use): void => {
    list.current?.closest<HTMLElement>('[popover]')?.hidePopover()
    openTab(tab)
  }
  return (
    <div ref={list}>
      <button
        type="button"
        className="rv-use"
        onClick={() => void navigator.clipboard?.writeText(id).then(() => setIsCopied(true))}
      >
        {isCopied ? 'Copied' : 'Copy the id'}
      </button>
      {groups.map(
        ([title, entries]) =>
          entries.length > 0 && (
            <section key={title} aria-label={title}>
              <h4>{title}</h4>
              {entries.map((use) => (
                <button
                  key={use.title + use.tab.query}
                  type="button"
                  className="rv-use"
                  title={use.description}
                  onClick={() => open(use)}
                >
                  {use.title} {use.isMutation && <span className="rv-badge">changes something</span>}
                </button>
              ))}
            </section>
          ),
      )}
    </div>
  )
}
