// The button and the keys that run and stop an operation. GraphiQL's own have one meaning while anything runs, which is to end it.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect, useRef } from 'react'
import { activeTab, executions } from '../execution/recording-fetcher.ts'

export function useRunControls(): void {
  const { run } = useGraphiQLActions()
  const hasEditors = useGraphiQL((state) => Boolean(state.queryEditor && state.responseEditor))
  /** Whether the user has pressed Run before the editors exist, which GraphiQL ignores. */
  const isPending = useRef(false)
  useEffect(() => {
    if (hasEditors && isPending.current) {
      isPending.current = false
      void run()
    }
    /** Returns whether it has handled the request to run, so that GraphiQL must not. */
    const handle = (isRepeated: boolean): boolean => {
      if (isRepeated) return true
      if (executions.isRunning(activeTab.id)) {
        executions.stop(activeTab.id)
        return true
      }
      if (!hasEditors) isPending.current = true
      return !hasEditors
    }
    const onClick = (event: MouseEvent): void => {
      if (!closest(event, '.graphiql-execute-button')) return
      // The second click of a double click would stop what the first one has started.
      if (handle(event.detail > 1)) consume(event)
    }
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      // The start page and dialogs cover the operation.
      if (document.querySelector('#graphiql-session[inert], [role="dialog"]')) return
      if (handle(event.repeat)) consume(event)
      // The editor runs the operation at its cursor.
      else if (!closest(event, '.graphiql-query-editor .graphiql-editor')) {
        consume(event)
        void run()
      }
    }
    const onBeforeUnload = (event: BeforeUnloadEvent): void => {
      if (executions.hasMutation()) event.preventDefault()
    }
    document.addEventListener('click', onClick, { capture: true })
    document.addEventListener('keydown', onKeyDown, { capture: true })
    window.addEventListener('beforeunload', onBeforeUnload)
    return () => {
      document.removeEventListener('click', onClick, { capture: true })
      document.removeEventListener('keydown', onKeyDown, { capture: true })
      window.removeEventListener('beforeunload', onBeforeUnload)
    }
  }, [run, hasEditors])
}

const closest = ({ target }: Event, selector: string): Element | null =>
  target instanceof Element ? target.closest(selector) : null

function consume(event: Event): void {
  event.preventDefault()
  event.stopPropagation()
}
