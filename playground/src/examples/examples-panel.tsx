// The panel with the examples by purpose.

import type { GraphiQLPlugin } from '@graphiql/react'
import { useState } from 'react'
import { type Example, settings } from '../settings.ts'
import { useOpenTab } from '../tabs/use-open-tab.ts'
import './examples.css'
import { groupExamples, groupTitle } from './groups.ts'
import { searchExamples } from './search.ts'

const kinds: Readonly<Record<Example['kind'], string | undefined>> = {
  query: undefined,
  mutation: 'changes objects',
  subscription: 'live',
}

function ExamplesPanel() {
  const [search, setSearch] = useState('')
  const isSearching = search.trim() !== ''
  const found = searchExamples(settings.examples, search)
  return (
    <section className="pg-panel pg-examples" aria-label="Examples">
      <h2 className="pg-panel-title">Examples</h2>
      <input
        type="search"
        className="pg-input"
        placeholder="Search examples"
        aria-label="Search examples"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {isSearching && <ExampleList examples={found} isGroupShown />}
      {!isSearching &&
        groupExamples(found).map(({ id, title, examples }, index) => (
          <details key={id} open={index === 0}>
            <summary>
              <h3>{title}</h3> <span>{examples.length}</span>
            </summary>
            <ExampleList examples={examples} />
          </details>
        ))}
      {found.length === 0 && <p>No example contains “{search}”.</p>}
    </section>
  )
}

interface ListProps {
  readonly examples: readonly Example[]
  /** @default false, for the list of one group */
  readonly isGroupShown?: boolean
}

function ExampleList({ examples, isGroupShown = false }: ListProps) {
  const openTab = useOpenTab()
  return (
    <ul>
      {examples.map((example) => (
        <li key={example.id}>
          <button
            type="button"
            data-example={example.id}
            disabled={!openTab}
            onClick={() => openTab?.(example)}
          >
            <span className="pg-example-title">
              {example.title}
              {kinds[example.kind] && (
                <span className={`pg-kind pg-${example.kind}`}>{kinds[example.kind]}</span>
              )}
            </span>
            <span className="pg-example-description">
              {isGroupShown && `${groupTitle(example.group)}: `}
              {example.description}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function ExamplesIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M4 5h4v4H4zM4 15h4v4H4zM12 7h8M12 17h8" />
    </svg>
  )
}

export const examplesPlugin: GraphiQLPlugin = {
  title: 'Examples',
  icon: ExamplesIcon,
  content: ExamplesPanel,
}
