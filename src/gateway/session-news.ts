// What is told of the sessions with a vCenter: logins, and once each why it cannot be reached and that it is back, however
// many sessions notice.

import { classifyError } from '../graphql/classify-error.ts'
import type { Log } from '../observability/log.ts'
import type { VCenterMetrics } from '../observability/metrics.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { SessionChange } from '../vim25/session.ts'
import { isRefusal } from '../vim25/standing-login.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'

interface SessionNews {
  /** @param isOwn of the gateway's own account; what is wrong with a person's, the person is told */
  tell(change: SessionChange, isOwn: boolean): void
  /** The vCenter has not answered. */
  lost(error: unknown): void
  /** The vCenter has answered. */
  reached(): void
}

/** @param userName of the gateway's own account, if it has one */
export function createSessionNews(name: string, log: Log, userName?: string): SessionNews {
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
    tell(change, isOwn) {
      switch (change.kind) {
        case 'logged in':
          log.info(`${name}: logged in as ${change.login.userName} to ${change.login.content.about.fullName}`)
          // Of the gateway's own it is told when the outage ends.
          if (!isOwn) reached()
          break
        case 'login failed':
          // Any other failure is an outage, which is told.
          if (isOwn && isRefusal(change.error)) log.error(`${name}: ${refusal(change.error, userName)}`)
          break
        case 'lost':
          // That somebody may not log in is no outage for others.
          if (isOwn || !(change.error instanceof VimFaultError)) lost(change.error)
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

/** What went wrong and what to do about it, as whoever runs the gateway reads it in the log. */
function sentences(error: unknown): string {
  const { message = (error as Error).message, remedy } = classifyError(error)
  const more = (error instanceof TransportError && error.detail) || remedy
  return more === undefined ? message : `${ended(message)} ${more}`
}

const refusal = (error: Error, userName: string | undefined): string =>
  `the vCenter refused the user name or password of the gateway’s account, ${JSON.stringify(userName)}. It says: ${ended(error.message)} ` +
  'With these it is not asked again, so that the account is not locked: put the right password into the password file, which is read again, or correct the settings and restart the gateway.'

const ended = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`)
