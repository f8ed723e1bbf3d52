// Describes errors for the report. Their messages are not used: they may name hosts, users and objects.

import { SoapError } from '../soap/soap-error.ts'
import { TransportError } from '../transport/transport-error.ts'
import { VapiError } from '../vapi/vapi-error.ts'
import { CircuitOpenError } from '../vim25/session/circuit-breaker.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'

/** Why a check ended early. */
export type EndedBy = 'signal' | 'timeout'

/** The reason of the abort signal of a run. */
export class RunEndedError extends Error {
  override name = 'RunEndedError' as const
  readonly endedBy: EndedBy

  constructor(endedBy: EndedBy) {
    super(endedBy === 'signal' ? 'interrupted' : 'the time limit was reached')
    this.endedBy = endedBy
  }
}

const connectErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed during setup',
  EAI_AGAIN: 'the name lookup failed',
  ENOTFOUND: 'the host name is unknown',
  ENODATA: 'the host name has no address',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the host',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not use TLS on this port',
}

/** Describes the code of a failed connection; undefined if it is unusual. */
export const connectErrorOf = (error: unknown): string | undefined => connectErrors[codeOf(error) ?? '']

/** Returns the code of a system error, if it looks like one. */
export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && /^[A-Z][A-Z\d_]{2,60}$/.test(code) ? code : undefined
}

/** Returns a name of the server only if it has the form of a type name. */
export const safeTypeName = (name: string): string =>
  /^[A-Z][A-Za-z\d]{2,60}$/.test(name) ? name : 'a fault with an unusual name'

/** Describes an error in a clause; undefined for an error of this program. */
export function describeFailure(error: unknown): string | undefined {
  if (error instanceof RunEndedError) return error.message
  if (error instanceof CircuitOpenError) return 'the vCenter stopped responding'
  if (error instanceof VimFaultError) return `vSphere raised ${safeTypeName(error.faultName)}`
  if (error instanceof VapiError) return `vAPI failed with ${error.code}`
  if (error instanceof SoapError) return 'the response is not valid SOAP'
  if (!(error instanceof TransportError)) return undefined
  if (error.code === 'STATUS') return `the server returned HTTP status ${error.status}`
  if (error.code === 'CONNECT')
    return connectErrorOf(error.cause) ?? `the connection failed${suffix(codeOf(error.cause))}`
  return transportErrors[error.code]
}

const suffix = (code: string | undefined): string => (code === undefined ? '' : ` (${code})`)

const transportErrors = {
  TLS_UNTRUSTED: 'the certificate is not trusted',
  TLS_THUMBPRINT: 'the certificate is not the pinned one',
  TIMEOUT: 'there was no complete response in time',
  CLOSED: 'the connection was closed before the response was complete',
  TOO_LARGE: 'the response was too large',
} as const
