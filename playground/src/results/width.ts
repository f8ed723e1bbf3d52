// Whether the response covers the operation: from the start page, where the question has been read already, or by the user's choice.

import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let isWide = false

export function setWide(wide: boolean): void {
  if (wide === isWide) return
  isWide = wide
  for (const listener of listeners) listener()
}

export const useWide = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isWide,
  )
