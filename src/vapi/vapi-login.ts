// Logs in to vAPI and out, in the generation that the server serves. vapi-session.ts decides when.

import type { Transport } from '../transport/transport.ts'
import type { CallRecord } from '../vim25/session/call-options.ts'
import { type Dialect, dialects } from './dialect.ts'
import { exchangeJson, type VapiReply } from './exchange.ts'
import { errorOfStatus, VapiError } from './vapi-error.ts'

/** A session that exists on the server. */
export interface Established {
  readonly id: string
  readonly dialect: Dialect
}

const loginTimeoutMs = 12_000
const logoutTimeoutMs = 5_000

type OnCall = ((record: CallRecord) => void) | undefined

/** @throws VapiError or TransportError */
export async function logIn(
  transport: Transport,
  { userName, secret }: { readonly userName: string; readonly secret: string },
  onCall: OnCall,
): Promise<Established> {
  const authorization = `Basic ${Buffer.from(`${userName}:${secret}`).toString('base64')}`
  for (const dialect of dialects) {
    const reply = await exchangeJson(
      transport,
      {
        name: 'session.create',
        method: 'POST',
        path: dialect.sessionPath,
        // Without the second header the session is also set as a cookie.
        headers: { authorization, 'vmware-use-header-authn': 'true' },
      },
      { timeoutMs: loginTimeoutMs },
      onCall,
    )
    if (isNotServed(reply)) continue
    if (reply.status === 401)
      throw new VapiError('LOGIN_REJECTED', 'the vCenter rejected the login to its vAPI')
    const id = resultOf('the login to the vAPI', reply, dialect)
    if (typeof id !== 'string' || id === '') throw invalidResponse('the login to the vAPI')
    return { id, dialect }
  }
  throw new VapiError('ABSENT', 'the server has no vAPI: it serves neither /api/session nor /rest')
}

/** Deletes a session. If that fails twice, the vCenter ends the session after its idle timeout. */
export async function logOut(
  transport: Transport,
  { id, dialect }: Established,
  onCall: OnCall,
): Promise<void> {
  const once = async () => {
    const { status, body } = await exchangeJson(
      transport,
      {
        name: 'session.delete',
        method: 'DELETE',
        path: dialect.sessionPath,
        headers: { 'vmware-api-session-id': id },
      },
      { timeoutMs: logoutTimeoutMs },
      onCall,
    )
    if (status >= 500) throw errorOfStatus('the logout from the vAPI', status, body)
  }
  await once()
    .catch(once)
    .catch(() => {})
}

/** Whether the server does not have the generation. An older vCenter may also redirect, or reject the request: its /api is no REST. */
const isNotServed = ({ status, body }: VapiReply): boolean =>
  [400, 404, 405, 415, 501].includes(status) || (status >= 300 && status < 400 && body === undefined)

const invalidResponse = (label: string): VapiError =>
  new VapiError('INVALID_RESPONSE', `${label} returned a response that is not the JSON of the API`)

/**
 * Returns the result without its wrapper.
 * @throws VapiError if the call failed
 */
export function resultOf(label: string, { status, body, isInvalid }: VapiReply, dialect: Dialect): unknown {
  if (status < 200 || status >= 300) throw errorOfStatus(label, status, body)
  if (isInvalid) throw invalidResponse(label)
  return dialect.unwrap(body)
}
