// The error of a vAPI call that brought a response, but not the expected one.

/**
 * - `ABSENT`: the server has no vAPI, as an ESXi host.
 * - `LOGIN_REJECTED`: the server does not accept the account.
 * - `TOO_MANY_SESSIONS`: the account has as many sessions as it may have.
 * - `UNAUTHENTICATED`: a session ended, and the one that replaced it too.
 * - `FORBIDDEN`, `NOT_FOUND`, `REJECTED`: the server did not execute the call, because of the account, a missing object, or its input.
 * - `UNAVAILABLE`: the service is down or overloaded, or a proxy responded in its place.
 * - `INVALID_RESPONSE`: the response is not what the API defines, such as an HTML page.
 */
export type VapiErrorCode =
  | 'ABSENT'
  | 'LOGIN_REJECTED'
  | 'TOO_MANY_SESSIONS'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'REJECTED'
  | 'UNAVAILABLE'
  | 'INVALID_RESPONSE'

export class VapiError extends Error {
  override name = 'VapiError' as const
  readonly code: VapiErrorCode
  /** The ids of the server's messages, such as `cis.tagging.attach.invalidArgument.cardinality.error`. */
  readonly messageIds: readonly string[]

  constructor(code: VapiErrorCode, message: string, messageIds: readonly string[] = []) {
    super(message)
    this.code = code
    this.messageIds = messageIds
  }

  /** Whether a change was possibly made although the call failed. */
  get mayHaveBeenExecuted(): boolean {
    return this.code === 'UNAVAILABLE' || this.code === 'INVALID_RESPONSE'
  }
}

/** A message of the server, in a failed response or in the result of a call for several objects. */
export interface ServerMessage {
  readonly id: string
  readonly text: string
}

/** Returns the messages of a list of localizable messages; none if it is something else. */
export function serverMessages(list: unknown): ServerMessage[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((each) => {
    const { id, default_message: text } = (each ?? {}) as { id?: unknown; default_message?: unknown }
    return typeof id === 'string' || typeof text === 'string'
      ? [{ id: typeof id === 'string' ? id : '', text: typeof text === 'string' ? text.slice(0, 500) : '' }]
      : []
  })
}

const sessionLimitMessage = 'com.vmware.vapi.endpoint.failedToLoginMaxUserSessionCountReached'

/**
 * Returns the error of a response without success.
 *
 * @param label - names the call
 * @param body - the decoded JSON; undefined if it is none
 */
export function errorOfStatus(label: string, status: number, body: unknown): VapiError {
  const { messages, value } = (body ?? {}) as { messages?: unknown; value?: { messages?: unknown } }
  const found = serverMessages(messages ?? value?.messages)
  const ids = found.map(({ id }) => id)
  const text = found.map((each) => each.text).find(Boolean)
  const code = ids.includes(sessionLimitMessage) ? 'TOO_MANY_SESSIONS' : codeOfStatus(status)
  return new VapiError(code, `${label} returned HTTP status ${status}${text ? `: ${text}` : ''}`, ids)
}

function codeOfStatus(status: number): VapiErrorCode {
  if (status === 401) return 'UNAUTHENTICATED'
  if (status === 403) return 'FORBIDDEN'
  if (status === 404) return 'NOT_FOUND'
  if (status === 429 || status >= 500) return 'UNAVAILABLE'
  return status >= 400 ? 'REJECTED' : 'INVALID_RESPONSE'
}
