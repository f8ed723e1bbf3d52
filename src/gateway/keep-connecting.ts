// The patience to keep trying a vCenter that cannot be reached, and to say what is wrong with it once.

import { setTimeout } from 'node:timers/promises'
import { classifyError } from '../graphql/classify-error.ts'
import type { Log } from '../observability/log.ts'
import type { Entrance } from './auth/entrance.ts'

const firstPauseMs = 1_000
const longestPauseMs = 30_000

/**
 * Reaches the vCenter at start, with the gateway's own account if it has one, and goes on trying while it cannot be reached.
 * Ends at success, at a refusal, and when aborted.
 */
export async function keepConnecting(
  entrance: Pick<Entrance, 'name' | 'reach' | 'isRefused'>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let said = ''
  for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await entrance.reach({ signal })
      return
    } catch (error) {
      if (signal.aborted) return
      const told = `${entrance.name}: ${sentences(error)}`
      // Once each: the same line every half a minute hides the others.
      if (told !== said) log.error(told)
      said = told
      if (entrance.isRefused) return
      await setTimeout(pauseMs, undefined, { signal }).catch(() => {})
    }
  }
}

/** What went wrong and what to do about it, as a person reads it in the log. */
export function sentences(error: unknown): string {
  const { message = (error as Error).message, remedy } = classifyError(error)
  if (remedy === undefined) return message
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} ${remedy}`
}
