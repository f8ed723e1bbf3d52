// What the log is told of the sessions with a vCenter: logins, and once each why it cannot be reached and that it is back.

import { classifyError } from '../schema/errors/classify-error.ts'
import type { Log } from '../observability/log.ts'
import type { VCenterMetrics } from '../observability/vcenter-metrics.ts'
import { TransportError, type TransportErrorCode } from '../transport/transport-error.ts'
import type { SessionChange } from '../vim25/session/session.ts'
import { isRefusal } from '../vim25/session/established-login.ts'

interface SessionNews {
  tell(change: SessionChange): void
  /** The vCenter is out of reach, or for another reason than before. */
  lost(error: unknown): void
  /** It is reached again. */
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
        case 'login abandoned':
          log.warn(
            `${name}: Login had no answer when the gateway stopped; its session, if there is one, ends by itself when it has been idle`,
          )
          break
        case 'login failed':
          // Any other failure is an outage, which is told.
          if (isRefusal(change.error)) log.error(`${name}: ${refusal(change.error, userName)}`)
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

/** What is told of a session although the gateway stops: what becomes of it on the server. */
export const isAtTheEnd = ({ kind }: SessionChange): boolean =>
  kind === 'logged out' || kind === 'login abandoned'

export function countLogin(change: SessionChange, measured: VCenterMetrics | undefined): void {
  if (change.kind === 'logged in') measured?.login('success')
  if (change.kind !== 'login failed') return
  measured?.login(isRefusal(change.error) ? 'refused' : 'failed')
}

/** What went wrong and what to do about it, as whoever runs the gateway reads it in the log. */
function sentences(error: unknown): string {
  const { message = (error as Error).message, remedy } = classifyError(error)
  const { detail, code } = error instanceof TransportError ? error : {}
  return [message, detail, (code && advice[code]) ?? remedy]
    .filter((part) => part !== undefined)
    .map(ended)
    .join(' ')
}

/** Where callers can do nothing but tell whoever reads this. */
const advice: Partial<Record<TransportErrorCode, string>> = {
  TLS_UNTRUSTED:
    'Trust its authority with --ca-file (VSPHERE_CA_FILE), or this very certificate with --thumbprint (VSPHERE_THUMBPRINT) once you have compared it with the server’s, and restart the gateway.',
  TLS_THUMBPRINT:
    'Do not go on before you know why. If it was renewed, set --thumbprint (VSPHERE_THUMBPRINT) anew and restart the gateway; else another server answers in its place.',
}

const refusal = (error: Error, userName: string | undefined): string =>
  `the vCenter refused the user name or password of the gateway’s account, ${JSON.stringify(userName)}. It says: ${ended(error.message)} ` +
  'With these it is not asked again, so that the account is not locked: put the right password into the password file, which is read again, or correct the settings and restart the gateway.'

const ended = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`)
