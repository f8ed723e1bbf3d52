// The width of the responses of this page.

import { useSyncExternalStore } from 'react'
import { WidthStore } from './width-store.ts'

export const width = new WidthStore(sessionStorage)

/** A tab without a response shows its operation in any case. */
export const useWide = (tabId: string, hasResponse: boolean): boolean =>
  useSyncExternalStore(width.subscribe, () => width.isWide(tabId)) && hasResponse
