// The token in an Authorization header (RFC 6750).

import { AuthenticationError } from './authentication-error.ts'

/** The token of `Bearer TOKEN`; throws an AuthenticationError where there is none. */
export function bearerToken(authorization: string | null): string {
  const [scheme = '', token, ...rest] = authorization?.trim().split(/ +/) ?? []
  // Without a token it is what GraphiQL's editor of headers has to be completed by.
  if (scheme.toLowerCase() !== 'bearer' || token === undefined) {
    throw new AuthenticationError('MISSING_CREDENTIALS', 'this gateway answers to those who send a token')
  }
  if (rest.length > 0)
    throw new AuthenticationError('INVALID_CREDENTIALS', 'the Authorization header has more than a token')
  return token
}
