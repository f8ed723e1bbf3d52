// Records why GraphiQL has not sent an operation: it only writes the reason into its response editor.

import { useGraphiQL } from '@graphiql/react'
import { useEffect } from 'react'
import { executions, runs } from '../execution/recording-fetcher.ts'

export function useUnsentRun(): void {
  const tab = useGraphiQL((state) => state.tabs[state.activeTabIndex])
  const reason = unsentReason(tab?.response)
  const tabId = tab?.id ?? ''
  const document = tab?.query ?? ''
  // biome-ignore lint/correctness/useExhaustiveDependencies: not again while the document is edited
  useEffect(() => {
    if (reason === undefined || executions.isRunning(tabId)) return
    runs.start({ tabId, document }).fail(reason)
  }, [tabId, reason])
}

const marker = '"Request not sent. '

/** Returns the reason in the text of the response editor; undefined for every response of the gateway. */
function unsentReason(response: string | null | undefined): string | undefined {
  if (!response?.slice(0, 100).includes(marker)) return undefined
  return JSON.parse(response).errors?.[0]?.message
}
