// Signing out: forgets the credentials, and everything that was read with them.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { runs } from '../execution/recording-fetcher.ts'
import { credentialsStore } from './store.ts'

export function useSignOut(): () => void {
  const { moveTab, stop, updateActiveTabValues } = useGraphiQLActions()
  const tabs = useGraphiQL((state) => state.tabs)
  const activeIndex = useGraphiQL((state) => state.activeTabIndex)
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  return () => {
    credentialsStore.clear()
    // A subscription would go on with the credentials that it was started with.
    stop()
    runs.clear()
    // GraphiQL keeps the response of each tab. Only this action takes all tabs; the active one has to be the same object.
    if (tabs.some(({ response }, index) => index !== activeIndex && response))
      moveTab(tabs.map((tab, index) => (index === activeIndex ? tab : { ...tab, response: null })))
    responseEditor?.setValue('')
    updateActiveTabValues({ response: null })
  }
}
