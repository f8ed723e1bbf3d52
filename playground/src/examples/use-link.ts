// Opens what the link names that opened the page.

import { useEffect, useRef } from 'react'
import { useOpenTab } from '../tabs/use-open-tab.ts'
import { openedLink } from './opened-link.ts'

/** Returns why the link opens nothing. */
export function useLink(): string | undefined {
  const openTab = useOpenTab()
  const isDone = useRef(false)
  useEffect(() => {
    if (isDone.current || !openedLink || !openTab) return
    isDone.current = true
    if ('tab' in openedLink) openTab(openedLink.tab)
    // A reload must not open another tab.
    history.replaceState(null, '', location.pathname)
  }, [openTab])
  return openedLink && 'problem' in openedLink ? openedLink.problem : undefined
}
