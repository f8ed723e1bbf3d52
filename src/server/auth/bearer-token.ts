// Parses the token in an Authorization header (RFC 6750).

import { AuthenticationError } from './authentication-error.ts'

/**
 * Returns the token of `Bearer TOKEN`.
 * @throws AuthenticationError if there is none
 */
export function bearerToken(authorization: string | null): string {
  const [scheme = '', token, ...rest] = authorization?.trim().split(/ +/) ?? []
  // GraphiQL's header editor starts with `Bearer ` and no token, for the user to complete.
  if (scheme.toLowerCase() !== 'bearer' || token === undefined) {
    throw new AuthenticationError('MISSING_CREDENTIALS', 'this gateway requires a token')
  }
  if (rest.length > 0)
    throw new AuthenticationError(
      'INVALID_CREDENTIALS',
      'the Authorization header contains more than a token',
    )
  return token
}
