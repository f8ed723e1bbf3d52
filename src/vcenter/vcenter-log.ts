// Logs the events of vCenter sessions: logins, and once per outage its reason and its end.

import type { Log } from '../observability/log.ts'
import type { VCenterMetrics } from '../observability/vcenter-metrics.ts'
import { classifyError } from '../schema/errors/classify-error.ts'
import { SoapError } from '../soap/soap-error.ts'
import { isWrongServer, TransportError } from '../transport/transport-error.ts'
import { isLoginRejected } from '../vim25/session/established-login.ts'
import type { SessionEvent } from '../vim25/session/session-options.ts'
import type { VSphereAccount } from './vcenter-endpoint.ts'

interface VCenterLog {
  onSessionEvent(event: SessionEvent): void
  /** The vCenter is unreachable, or unreachable for a different reason than before. */
  onUnreachable(error: unknown): void
  /** The vCenter is reachable again. */
  onRecovered(): void
}

/** @param account the service account, if there is one */
export function createVCenterLog(
  name: string,
  log: Log,
  account?: Pick<VSphereAccount, 'userName' | 'hasPasswordFile'>,
): VCenterLog {
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
          if (isLoginRejected(event.error)) log.error(`${name}: ${loginRefusedMessage(event.error, account)}`)
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

/** Logs failed logins to the vAPI, each reason once in a row. They cost only what the vAPI provides, such as tags. */
export function createVapiLog(name: string, log: Log): { onLoginFailed(error: unknown): void } {
  let lastMessage: string | undefined
  return {
    onLoginFailed(error) {
      const message = `${name}: tags are not available: ${describe(error)}`
      if (message !== lastMessage) log.warn(message)
      lastMessage = message
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
  const detail = error instanceof TransportError ? error.detail : undefined
  return [message, detail, operatorRemedy(error) ?? remedy]
    .filter((part) => part !== undefined)
    .map(withPeriod)
    .join(' ')
}

/** Returns the remedy for the operator, where it differs from that for clients: there is no request to retry. */
function operatorRemedy(error: unknown): string | undefined {
  if (error instanceof SoapError)
    return 'Check the URL of the vCenter (--url, VSPHERE_URL), and whether another server responds at that address. The gateway reconnects by itself.'
  if (!(error instanceof TransportError) || isWrongServer(error)) return undefined
  switch (error.code) {
    case 'TLS_UNTRUSTED':
      return 'Trust its authority with --ca-file (VSPHERE_CA_FILE), or compare the thumbprint with the server’s and pin it with --thumbprint (VSPHERE_THUMBPRINT); then restart the gateway.'
    case 'TLS_THUMBPRINT':
      return 'Find out why first. If the certificate was renewed, update --thumbprint (VSPHERE_THUMBPRINT) and restart the gateway; otherwise another server may be impersonating the vCenter.'
    case 'TOO_LARGE':
      return undefined
    default:
      return isNameUnresolved(error)
        ? 'Check the URL of the vCenter (--url, VSPHERE_URL) and the DNS of this machine. The gateway reconnects by itself.'
        : 'Check that the vCenter is running and reachable from this machine. The gateway reconnects by itself.'
  }
}

const isNameUnresolved = ({ cause }: TransportError): boolean =>
  ['ENOTFOUND', 'EAI_AGAIN'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '')

const loginRefusedMessage = (
  error: Error,
  account: Pick<VSphereAccount, 'userName' | 'hasPasswordFile'> | undefined,
): string =>
  `the vCenter rejected the user name or password of the gateway’s account ${JSON.stringify(account?.userName)}: ${withPeriod(error.message)} ` +
  `The gateway does not retry these credentials, so that the account is not locked. ${
    account?.hasPasswordFile
      ? 'Correct the password file, which is read again, or correct the user name and restart the gateway.'
      : 'Correct the user name or password, and restart the gateway.'
  }`

const withPeriod = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
