// The start page, above the editors: what is connected, and questions to begin with.

import { useGraphiQL } from '@graphiql/react'
import { useEffect, useState } from 'react'
import { createPortal, flushSync } from 'react-dom'
import { enterCredentials } from '../credentials/enter-credentials.ts'
import { needsCredentials } from '../credentials/store.ts'
import { examplesPlugin } from '../examples/examples-panel.tsx'
import { settings } from '../settings.ts'
import { focusResponse, focusStartPageButton } from '../tabs/focus.ts'
import { showPanel } from '../tabs/show-panel.ts'
import { useOpenTab } from '../tabs/use-open-tab.ts'
import { isComplete, type StartingPoint, startingPoints } from './starting-points.ts'
import { VCenterList } from './vcenter-list.tsx'
import { closeWelcome } from './visibility.ts'
import './welcome.css'

export function Welcome() {
  const openTab = useOpenTab()
  const queryEditor = useGraphiQL((state) => state.queryEditor)
  const [sessions, setSessions] = useState<Element | null>(null)
  // In the same commit, GraphiQL's elements are not in the page yet.
  useEffect(() => setSessions(document.querySelector('.graphiql-sessions')), [])
  useCoveredEditors()
  if (!sessions) return null
  const open = (point: StartingPoint): void => {
    const { example, variables = example.variables } = point
    const isRun = isComplete(point)
    // The editors and the response do not take the focus while this page covers them.
    flushSync(() => openTab?.({ query: example.query, variables }, { run: isRun, wide: isRun }))
    if (!isRun) queryEditor?.focus()
    else if (!needsCredentials()) focusResponse()
  }
  const close = (): void => {
    flushSync(closeWelcome)
    focusStartPageButton()
  }
  return createPortal(
    <section
      ref={focus}
      className="pg-welcome"
      aria-labelledby="pg-welcome-title"
      tabIndex={-1}
      onKeyDown={({ key }) => key === 'Escape' && close()}
    >
      <header>
        <h1 id="pg-welcome-title">vSphere GraphQL</h1>
        <span>{settings.version}</span>
        <button type="button" className="pg-button pg-close" onClick={close}>
          Close
        </button>
      </header>
      <VCenterList onEnterCredentials={enterCredentials} />
      <p>
        With GraphQL you write down which fields of which objects you need, and get exactly these. Begin with
        a question:
      </p>
      <ul className="pg-starting-points">
        {startingPoints.map((point) => (
          <li key={point.title}>
            <button type="button" disabled={!openTab} onClick={() => open(point)}>
              <strong>{point.title}</strong>
              <span>{point.description}</span>
            </button>
          </li>
        ))}
      </ul>
      <p>
        The panel{' '}
        <button type="button" className="pg-link" onClick={() => showPanel(examplesPlugin)}>
          Examples
        </button>{' '}
        on the left has {settings.examples.length}, by purpose. The others have the documentation of every
        field, an explorer that writes the query for you, and your history.
        {settings.readOnly && ' This gateway is read-only: nothing here can change your vCenter.'}
        {!settings.readOnly && ' Only examples marked “changes objects” change something.'}
      </p>
    </section>,
    sessions,
  )
}

const focus = (element: HTMLElement | null): void => element?.focus()

/** Keeps the keyboard and screen readers out of the editors while the start page covers them. */
function useCoveredEditors(): void {
  useEffect(() => {
    const covered = document.querySelectorAll('.graphiql-session-header, #graphiql-session')
    for (const element of covered) element.setAttribute('inert', '')
    return () => {
      for (const element of covered) element.removeAttribute('inert')
    }
  }, [])
}
