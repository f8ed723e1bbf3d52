// Whether the response covers the operation: from the start page, where the question has been read already, or by the user's choice,
// which is kept for the session of the browser's tab.

import { useSyncExternalStore } from 'react'

const storageKey = 'vsphere-graphql:wide'
const listeners = new Set<() => void>()
let isChosen = sessionStorage.getItem(storageKey) === 'true'
let isWide = isChosen

function setWide(wide: boolean): void {
  if (wide === isWide) return
  isWide = wide
  for (const listener of listeners) listener()
}

/** The user's choice, for all further responses. */
export function chooseWide(wide: boolean): void {
  isChosen = wide
  sessionStorage.setItem(storageKey, String(wide))
  setWide(wide)
}

/** Gives the response of an operation that is opened the whole width, or the width that the user has chosen. */
export const openWide = (wide: boolean): void => setWide(wide || isChosen)

/** A tab without a response shows its operation in any case. */
export const useWide = (hasResponse: boolean): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isWide,
  ) && hasResponse
