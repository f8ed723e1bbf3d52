// Parses the user name and password in an Authorization header (RFC 7617).

import { Secret } from '../../config/secret.ts'
import { isXmlText } from '../../soap/xml/xml.ts'
import { AuthenticationError } from './authentication-error.ts'

export interface Credentials {
  readonly userName: string
  readonly password: Secret
}

const remedy =
  'Send the header `authorization: Basic …` with the user name and password of your vCenter account, as `curl --user NAME` does.'

/**
 * Decodes `Basic BASE64` as UTF-8.
 * @throws AuthenticationError if there are no credentials, or the user name or password is empty
 */
export function basicCredentials(authorization: string | null): Credentials {
  const [scheme = '', encoded, ...rest] = authorization?.trim().split(/ +/) ?? []
  if (scheme.toLowerCase() !== 'basic' || encoded === undefined) {
    throw new AuthenticationError(
      'MISSING_CREDENTIALS',
      'this gateway requires the user name and password of a vCenter account',
      { remedy },
    )
  }
  const text = rest.length === 0 ? decode(encoded) : undefined
  const colon = text?.indexOf(':') ?? -1
  // With an empty password, some LDAP directories treat the bind as anonymous and accept it.
  if (text === undefined || colon < 1 || colon === text.length - 1) {
    throw new AuthenticationError(
      'INVALID_CREDENTIALS',
      'the Authorization header does not contain a user name and password in the format of RFC 7617',
      { remedy },
    )
  }
  return { userName: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) }
}

/**
 * Returns undefined for invalid base64, invalid UTF-8, and characters that user names and passwords cannot
 * contain.
 */
function decode(encoded: string): string | undefined {
  if (!/^[A-Za-z\d+/]+={0,2}$/.test(encoded)) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(encoded, 'base64'),
    )
    return /\p{Cc}/u.test(text) || !isXmlText(text) ? undefined : text
  } catch {
    return undefined
  }
}
