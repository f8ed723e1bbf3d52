import { useSyncExternalStore } from 'react'
import type { GatewayError } from './ErrorList.tsx'

// Relay gives components the data of a response. The errors beside it are kept here, by operation.
const errorsByOperation = new Map<string, readonly GatewayError[]>()
const listeners = new Set<() => void>()
let errors: readonly GatewayError[] = []

/** Replaces the errors of the previous response to the operation. */
export function reportErrors(operation: string, found: readonly GatewayError[] = []): void {
  errorsByOperation.set(operation, found)
  errors = [...errorsByOperation.values()].flat()
  for (const listener of listeners) listener()
}

export function useGatewayErrors(): readonly GatewayError[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => errors,
  )
}
