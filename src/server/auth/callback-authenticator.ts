// Authenticates requests with a function of the program that embeds the gateway.

import { roles } from '../../config/access/token-file.ts'
import { AuthenticationError } from './authentication-error.ts'
import type { Authenticator } from './authenticator.ts'
import type { Identity } from './identity.ts'

/**
 * Returns who sends a request, from its Authorization header, or null if the credentials are missing or not
 * accepted (status 401). An AuthenticationError says more: `NO_ROLE` is 403, and `KEYS_UNAVAILABLE` is 503. It is
 * called for each request, and again before each event of a subscription.
 * @param authorization the header, such as `Bearer …`; null if the request has none
 */
export type Authenticate = (
  authorization: string | null,
) => Pick<Identity, 'name' | 'role'> | null | Promise<Pick<Identity, 'name' | 'role'> | null>

export const callbackAuthenticator = (authenticate: Authenticate): Authenticator => ({
  scheme: 'Bearer',
  async authenticate(authorization) {
    const identity = await authenticate(authorization)
    if (identity && !roles.includes(identity.role))
      throw new TypeError(
        `authenticate returned the role ${JSON.stringify(identity.role)}; it must be ${roles.join(', ')}`,
      )
    if (identity) return { name: identity.name, role: identity.role }
    throw authorization === null
      ? new AuthenticationError('MISSING_CREDENTIALS', 'credentials are missing')
      : new AuthenticationError('INVALID_CREDENTIALS', 'the credentials are not accepted')
  },
})
