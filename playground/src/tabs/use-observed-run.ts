// Keeps GraphiQL in line with the run of the active tab: its button shows whether one runs, and its response editor the last result.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useEffect } from 'react'
import { activeTab, executions, onUnobserved, runs } from '../execution/recording-fetcher.ts'
import type { Run } from '../execution/runs.ts'

export function useObservedRun(): void {
  const { run, updateActiveTabValues } = useGraphiQLActions()
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  const tabId = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id ?? '')
  // biome-ignore lint/correctness/useExhaustiveDependencies: again for each tab
  useEffect(() => {
    const observe = (): void => {
      if (executions.isObserved(activeTab.id)) return
      // The fetcher passes on what runs already.
      if (executions.isRunning(activeTab.id)) void run()
      else if (executions.takeMissed(activeTab.id)) {
        const response = responseOf(runs.latest(activeTab.id))
        responseEditor?.setValue(response)
        updateActiveTabValues({ response })
      }
    }
    observe()
    onUnobserved.add(observe)
    return () => void onUnobserved.delete(observe)
  }, [tabId, responseEditor, run, updateActiveTabValues])
}

/** The text that GraphiQL shows for the last result. */
function responseOf(run: Run | undefined): string {
  const result =
    run?.failure === undefined ? run?.results.at(-1)?.result : { errors: [{ message: run.failure }] }
  return result === undefined ? '' : JSON.stringify(result, null, 2)
}
