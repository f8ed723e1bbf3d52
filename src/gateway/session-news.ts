// What the log is told of the sessions with a vCenter: logins, and once each why it cannot be reached and that it is back.

import { classifyError } from '../graphql/classify-error.ts'
import type { Log } from '../observability/log.ts'
import type { VCenterMetrics } from '../observability/metrics.ts'
import type { SessionChange } from '../vim25/session.ts'
import { isRefusal } from '../vim25/standing-login.ts'

interface SessionNews {
  tell(change: SessionChange): void
  /** The vCenter is out of reach, or for another reason than before. */
  lost(error: unknown): void
  /** It is reached again. */
  reached(): void
}

export function createSessionNews(name: string, log: Log): SessionNews {
  // What was said last since it was reached.
  let said: string | undefined

  function lost(error: unknown): void {
    const sentence = sentences(error)
    if (sentence !== said) log.error(`${name}: ${sentence}`)
    said = sentence
  }

  function reached(): void {
    if (said !== undefined) log.info(`${name}: is reached again`)
    said = undefined
  }

  return {
    lost,
    reached,
    tell(change) {
      switch (change.kind) {
        case 'logged in':
          log.info(`${name}: logged in as ${change.login.userName} to ${change.login.content.about.fullName}`)
          break
        case 'logged out':
          if (change.isSure) log.info(`${name}: logged out as ${change.login.userName}`)
          else
            log.warn(
              `${name}: to log out as ${change.login.userName} has failed; the session ends by itself when it has been idle`,
            )
          break
        case 'login failed':
          // Any other failure is an outage, which is told.
          if (isRefusal(change.error)) log.error(`${name}: ${sentences(change.error)}`)
          break
        case 'lost':
          lost(change.error)
          break
        case 'back':
          reached()
          break
      }
    },
  }
}

export function countLogin(change: SessionChange, measured: VCenterMetrics | undefined): void {
  if (change.kind === 'logged in') measured?.login('success')
  if (change.kind !== 'login failed') return
  measured?.login(isRefusal(change.error) ? 'refused' : 'failed')
}

/** What went wrong and what to do about it, as a person reads it in the log. */
function sentences(error: unknown): string {
  const { message = (error as Error).message, remedy } = classifyError(error)
  if (remedy === undefined) return message
  return `${message}${/[.!?]$/.test(message) ? '' : '.'} ${remedy}`
}
