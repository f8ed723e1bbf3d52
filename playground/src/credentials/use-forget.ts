// Forgets everything that was read with the credentials of a user who signs out, or is replaced by another one.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { forgetRuns } from '../execution/recording-fetcher.ts'

export function useForget(): () => void {
  const { moveTab, updateActiveTabValues } = useGraphiQLActions()
  const tabs = useGraphiQL((state) => state.tabs)
  const activeIndex = useGraphiQL((state) => state.activeTabIndex)
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  return () => {
    // A subscription would go on with the credentials that it was started with.
    forgetRuns()
    // GraphiQL keeps the response of each tab. Only this action takes all tabs; the active one has to be the same object.
    if (tabs.some(({ response }, index) => index !== activeIndex && response))
      moveTab(tabs.map((tab, index) => (index === activeIndex ? tab : { ...tab, response: null })))
    responseEditor?.setValue('')
    updateActiveTabValues({ response: null })
  }
}
