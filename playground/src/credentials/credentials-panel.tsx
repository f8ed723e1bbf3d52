// The panel with the credentials and headers of all tabs.

import { type GraphiQLPlugin, useGraphiQLActions } from '@graphiql/react'
import { type FormEvent, useState, useSyncExternalStore } from 'react'
import { activeTab, credentialsMissing, runs } from '../execution/recording-fetcher.ts'
import type { Run } from '../execution/runs.ts'
import { selectOperation } from '../execution/select-operation.ts'
import { settings } from '../settings.ts'
import { type Credentials, isSameUser, problemOf, tokenOf } from './credentials.ts'
import './credentials.css'
import { credentialsStore } from './store.ts'
import { useForget } from './use-forget.ts'

const title = settings.scheme ? 'Credentials and headers' : 'Headers'

function CredentialsPanel() {
  const { introspect, run } = useGraphiQLActions()
  const forget = useForget()
  const { credentials, rejection } = useSyncExternalStore(
    credentialsStore.subscribe,
    credentialsStore.getState,
  )
  const [draft, setDraft] = useState(credentials)
  const [problem, setProblem] = useState<string>()
  /** What the user has done, until the next change. */
  const [done, setDone] = useState('')
  const edit = (change: Partial<Credentials>) => {
    setDraft({ ...draft, ...change })
    setDone('')
  }
  const apply = (event: FormEvent): void => {
    event.preventDefault()
    const entered = { ...draft, token: tokenOf(draft.token) }
    setDraft(entered)
    const invalid = problemOf(entered, settings.scheme)
    setProblem(invalid)
    if (invalid !== undefined) return
    const waits = needsOtherCredentials(runs.latest(activeTab.id))
    credentialsStore.set(entered)
    if (!isSameUser(entered, credentials)) forget()
    setDone('Applied to all tabs.')
    // The schema may differ by role, and may not have been readable before.
    void introspect()
    if (waits) void run()
  }
  const clear = (): void => {
    credentialsStore.clear()
    forget()
    setDraft(credentialsStore.getState().credentials)
    setProblem(undefined)
    setDone(
      settings.scheme ? 'Signed out, and forgot all responses.' : 'Forgot the headers and all responses.',
    )
  }
  return (
    <form className="pg-panel pg-credentials" aria-label={title} onSubmit={apply}>
      <h2 className="pg-panel-title">{title}</h2>
      <p>{introduction[settings.scheme ?? 'None']} They are kept until you close this browser tab.</p>
      {settings.scheme === 'Bearer' && (
        <label>
          Token
          <input
            type="password"
            className="pg-input"
            autoComplete="off"
            value={draft.token}
            onChange={({ target }) => edit({ token: target.value })}
          />
        </label>
      )}
      {settings.scheme === 'Basic' && (
        <>
          <label>
            User name
            <input
              type="text"
              className="pg-input"
              autoComplete="username"
              spellCheck={false}
              value={draft.username}
              onChange={({ target }) => edit({ username: target.value })}
            />
          </label>
          <label>
            Password
            <input
              type="password"
              className="pg-input"
              autoComplete="current-password"
              value={draft.password}
              onChange={({ target }) => edit({ password: target.value })}
            />
          </label>
        </>
      )}
      <label>
        Headers, as JSON
        <textarea
          className="pg-input"
          rows={4}
          spellCheck={false}
          placeholder={'{ "x-vsphere-trace": "1" }'}
          value={draft.headers}
          onChange={({ target }) => edit({ headers: target.value })}
        />
      </label>
      <div className="pg-buttons">
        <button type="submit" className="pg-button">
          Apply
        </button>
        <button type="button" className="pg-button" onClick={clear}>
          {settings.scheme ? 'Sign out and forget' : 'Forget'}
        </button>
      </div>
      <p role="status">{problem ?? rejection ?? done}</p>
    </form>
  )
}

/** Whether the operation of a tab waits for credentials, or was rejected because of them and changes nothing. */
function needsOtherCredentials(run: Run | undefined): boolean {
  if (run?.httpStatus !== 401) return run?.failure === credentialsMissing
  return selectOperation(run.document, run.operationName).type !== 'mutation'
}

const introduction = {
  Bearer: 'The token and the headers are sent with every operation of all tabs.',
  Basic: 'Your vCenter user and the headers are sent with every operation of all tabs.',
  None: 'The headers are sent with every operation of all tabs.',
}

function KeyIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <circle cx="8" cy="15" r="4" />
      <path d="M11 12 20 3M16 7l3 3" />
    </svg>
  )
}

export const credentialsPlugin: GraphiQLPlugin = { title, icon: KeyIcon, content: CredentialsPanel }
