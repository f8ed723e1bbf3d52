// Whether the start page is shown: while the tabs have no operation, until one is opened or the user closes it.

import { useSyncExternalStore } from 'react'
import { isOpenedByLink } from '../examples/opened-link.ts'
import { hasOperation } from '../tabs/page-storage.ts'

const listeners = new Set<() => void>()
/** Kept in this browser, so that the page is not closed again in each window. */
const closedKey = 'vsphere-graphql:startPageClosed'
let isShown = !isOpenedByLink && localStorage.getItem(closedKey) === null && !hasOperation(sessionStorage)

export function showWelcome(shown: boolean): void {
  if (shown === isShown) return
  isShown = shown
  for (const listener of listeners) listener()
}

/** Hides the start page on the user's request, also at the next visit. */
export function closeWelcome(): void {
  localStorage.setItem(closedKey, 'true')
  showWelcome(false)
}

export const useWelcomeShown = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isShown,
  )
