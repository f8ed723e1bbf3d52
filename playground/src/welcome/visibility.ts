// Whether the start page is shown: at the first visit, until an operation is opened or the user closes it.

import { useSyncExternalStore } from 'react'
import { isOpenedByLink } from '../examples/opened-link.ts'

const listeners = new Set<() => void>()
/** GraphiQL stores its tabs when there are some. */
let isShown = !isOpenedByLink && localStorage.getItem('graphiql:tabState') === null

export function showWelcome(shown: boolean): void {
  if (shown === isShown) return
  isShown = shown
  for (const listener of listeners) listener()
}

export const useWelcomeShown = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isShown,
  )
