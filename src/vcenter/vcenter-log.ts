// Logs the events of vCenter sessions: logins, and once per outage its reason and its end.

import type { Log } from '../observability/log.ts'
import type { VCenterMetrics } from '../observability/vcenter-metrics.ts'
import { classifyError } from '../schema/errors/classify-error.ts'
import { TransportError, type TransportErrorCode } from '../transport/transport-error.ts'
import { isLoginRejected } from '../vim25/session/established-login.ts'
import type { SessionEvent } from '../vim25/session/session-options.ts'

interface VCenterLog {
  onSessionEvent(event: SessionEvent): void
  /** The vCenter is unreachable, or unreachable for a different reason than before. */
  onUnreachable(error: unknown): void
  /** The vCenter is reachable again. */
  onRecovered(): void
}

/** @param userName the service account's name, if there is one */
export function createVCenterLog(name: string, log: Log, userName?: string): VCenterLog {
  // The last message since the vCenter was reachable.
  let lastMessage: string | undefined

  function onUnreachable(error: unknown): void {
    const description = describe(error)
    if (description !== lastMessage) log.error(`${name}: ${description}`)
    lastMessage = description
  }

  function onRecovered(): void {
    if (lastMessage !== undefined) log.info(`${name}: vCenter connection restored`)
    lastMessage = undefined
  }

  return {
    onUnreachable,
    onRecovered,
    onSessionEvent(event) {
      switch (event.kind) {
        case 'loggedIn':
          log.info(`${name}: logged in as ${event.login.userName} to ${event.login.content.about.fullName}`)
          break
        case 'loggedOut':
          if (event.isConfirmed) log.info(`${name}: logged out as ${event.login.userName}`)
          else
            log.warn(
              `${name}: logout of ${event.login.userName} failed; the session expires after its idle timeout`,
            )
          break
        case 'loginAbandoned':
          log.warn(
            `${name}: no response to a login before shutdown; if it created a session, that expires after its idle timeout`,
          )
          break
        case 'loginFailed':
          // Any other failure is an outage, which is logged as such.
          if (isLoginRejected(event.error))
            log.error(`${name}: ${loginRefusedMessage(event.error, userName)}`)
          break
        case 'unreachable':
          onUnreachable(event.error)
          break
        case 'recovered':
          onRecovered()
          break
      }
    },
  }
}

/** Whether the event concerns the fate of a session on the server, and so is logged during shutdown too. */
export const isSessionEnd = ({ kind }: SessionEvent): boolean =>
  kind === 'loggedOut' || kind === 'loginAbandoned'

export function recordLogin(event: SessionEvent, vcenterMetrics: VCenterMetrics | undefined): void {
  if (event.kind === 'loggedIn') vcenterMetrics?.login('success')
  if (event.kind !== 'loginFailed') return
  vcenterMetrics?.login(isLoginRejected(event.error) ? 'refused' : 'failed')
}

/** Describes an error and its remedy for the operator. */
function describe(error: unknown): string {
  const { message = (error as Error).message, remedy } = classifyError(error)
  const { detail, code } = error instanceof TransportError ? error : {}
  return [message, detail, (code && operatorHints[code]) ?? remedy]
    .filter((part) => part !== undefined)
    .map(withPeriod)
    .join(' ')
}

/** Remedies for errors that only the operator can resolve. */
const operatorHints: Partial<Record<TransportErrorCode, string>> = {
  TLS_UNTRUSTED:
    'Trust its authority with --ca-file (VSPHERE_CA_FILE), or compare the thumbprint with the server’s and pin it with --thumbprint (VSPHERE_THUMBPRINT); then restart the gateway.',
  TLS_THUMBPRINT:
    'Find out why first. If the certificate was renewed, update --thumbprint (VSPHERE_THUMBPRINT) and restart the gateway; otherwise another server may be impersonating the vCenter.',
}

const loginRefusedMessage = (error: Error, userName: string | undefined): string =>
  `the vCenter rejected the user name or password of the gateway’s account ${JSON.stringify(userName)}: ${withPeriod(error.message)} ` +
  'The gateway does not retry these credentials, so that the account is not locked. Correct the password file, which is read again, or correct the settings and restart the gateway.'

const withPeriod = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
