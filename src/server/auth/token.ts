// `--auth token`: authenticates with bearer tokens from a file.

import { timingSafeEqual } from 'node:crypto'
import { hashOf, type KnownToken, readTokenFile } from '../../config/access/token-file.ts'
import { type WatchOptions, watchFiles } from '../http/watch-files.ts'
import { AuthenticationError } from './authentication-error.ts'
import type { Authenticator } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'

export function createTokenAuthenticator(file: string, watchOptions: WatchOptions): Authenticator {
  const tokens = watchFiles({
    files: [file],
    read: (readFile) => readTokenFile(file, readFile),
    setting: '--token-file',
    watchOptions,
    onChange(known) {
      if (known.length === 0)
        watchOptions.log.warn('--token-file contains no token: all operations are rejected')
    },
  })
  return {
    scheme: 'Bearer',
    authenticate(authorization) {
      const known = findToken(bearerToken(authorization), tokens.current)
      if (!known) throw new AuthenticationError('INVALID_CREDENTIALS', 'the token is unknown')
      return { name: known.name, role: known.role }
    },
  }
}

/**
 * Compares the hash with every known token in constant time, so that the duration reveals nothing about them.
 */
function findToken(token: string, knownTokens: readonly KnownToken[]): KnownToken | undefined {
  const hash = hashOf(token)
  let found: KnownToken | undefined
  for (const each of knownTokens) if (timingSafeEqual(each.hash, hash)) found = each
  return found
}
