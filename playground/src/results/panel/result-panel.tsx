// The panel in the response pane of GraphiQL: the result as a view, or as JSON.

import { useGraphiQL } from '@graphiql/react'
import { type KeyboardEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { activateTab, keepTabs, runs } from '../../execution/recording-fetcher.ts'
import type { Run } from '../../execution/runs.ts'
import './results.css'
import '../values/values.css'
import '../cards/cards.css'
import '../tables/tables.css'
import '../ids/ids.css'
import '../errors/errors.css'
import { ResultContext } from '../result-context.ts'
import { useTypedResults } from '../typed/typed-results.ts'
import { ResultStatus } from './result-status.tsx'
import { RunResults } from './run-results.tsx'
import { useServices } from './services.ts'
import { useWide, width } from './width.ts'

type Mode = 'view' | 'json'

const showOperation = (): void => width.choose(false)

const modeKey = 'vsphere-graphql:response'
const modes = [
  ['view', 'View'],
  ['json', 'JSON'],
] as const

export function ResultPanel() {
  const run = useActiveRun()
  const [mode, setMode] = useMode()
  const typed = useTypedResults(run)
  const last = run?.results.at(-1)
  const problem = last && typed(last).problem
  const shown = problem ? 'json' : mode
  const isWide = useWide(run?.tabId ?? '', run !== undefined)
  return (
    <div className="rv-panel" data-mode={shown} data-wide={isWide}>
      <div className="rv-bar">
        <ModeTabs shown={shown} problem={problem} onChange={setMode} />
        {run && <ResultStatus run={run} last={last && typed(last)} />}
        <button
          type="button"
          className="rv-button"
          title={
            isWide
              ? 'Shows the operation again'
              : 'Shows the response in the whole width, without the operation'
          }
          onClick={() => width.choose(!isWide)}
        >
          {isWide ? 'Show the operation' : 'Widen'}
        </button>
      </div>
      {shown === 'view' && (
        <div
          className="rv-content"
          role="tabpanel"
          id="rv-content"
          aria-labelledby="rv-tab-view"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
          tabIndex={0}
        >
          {run ? <Services run={run} typed={typed} showEditors={showOperation} /> : <Hint />}
        </div>
      )}
      {problem && <p className="rv-notice">{problem} The response is shown as JSON.</p>}
    </div>
  )
}

function Hint() {
  return (
    <p className="rv-hint">
      Run the operation to see its result here: Ctrl-Enter, or the button with the triangle.
    </p>
  )
}

interface ServicesProps {
  readonly run: Run
  readonly typed: ReturnType<typeof useTypedResults>
  readonly showEditors: () => void
}

function Services({ run, typed, showEditors }: ServicesProps) {
  const services = useServices(run, showEditors)
  return (
    <ResultContext value={services}>
      <RunResults key={run.id} run={run} typed={typed} />
    </ResultContext>
  )
}

interface TabsProps {
  readonly shown: Mode
  readonly problem: string | undefined
  onChange(mode: Mode): void
}

function ModeTabs({ shown, problem, onChange }: TabsProps) {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const next = shown === 'view' ? 'json' : 'view'
    onChange(next)
    list.current?.querySelector<HTMLElement>(`#rv-tab-${next}`)?.focus()
  }
  return (
    <div
      className="rv-tabs"
      role="tablist"
      aria-label="Form of the response"
      ref={list}
      onKeyDown={onKeyDown}
    >
      {modes.map(([mode, label]) => (
        <button
          key={mode}
          id={`rv-tab-${mode}`}
          type="button"
          role="tab"
          aria-selected={shown === mode}
          {...(mode === 'view' && shown === 'view' && { 'aria-controls': 'rv-content' })}
          tabIndex={shown === mode ? 0 : -1}
          disabled={mode === 'view' && problem !== undefined}
          onClick={() => onChange(mode)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}

function useActiveRun(): Run | undefined {
  const tabs = useGraphiQL((state) => state.tabs)
  const tabId = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id ?? '')
  useEffect(() => activateTab(tabId), [tabId])
  useEffect(() => keepTabs(new Set(tabs.map(({ id }) => id))), [tabs])
  return useSyncExternalStore(runs.subscribe, () => runs.latest(tabId))
}

/** The form in which responses are shown, kept in this browser. */
function useMode(): [Mode, (mode: Mode) => void] {
  const [mode, setMode] = useState<Mode>(() => (localStorage.getItem(modeKey) === 'json' ? 'json' : 'view'))
  return [
    mode,
    (next) => {
      setMode(next)
      localStorage.setItem(modeKey, next)
    },
  ]
}
