// `--auth token`: bearer tokens from a file.

import { timingSafeEqual } from 'node:crypto'
import { hashOf, type KnownToken, readTokenFile } from '../../config/access/token-file.ts'
import { type Following, followFiles } from '../http/watch-files.ts'
import type { Authentication } from './authenticator.ts'
import { AuthenticationError } from './authentication-error.ts'
import { bearerToken } from './bearer-token.ts'

export function authenticateByToken(file: string, following: Following): Authentication {
  const tokens = followFiles({
    files: [file],
    read: (readFile) => readTokenFile(file, readFile),
    setting: '--token-file',
    following,
    onChange(known) {
      if (known.length === 0) following.log.warn('--token-file holds no token now: nobody is let in')
    },
  })
  return {
    scheme: 'Bearer',
    identify(authorization) {
      const known = find(bearerToken(authorization), tokens.current)
      if (!known) throw new AuthenticationError('invalid', 'the token is not known')
      return { name: known.name, role: known.role }
    },
  }
}

/** Compares with every token, whichever it is, and hashes alone: how long it takes tells nothing of any of them. */
function find(token: string, known: readonly KnownToken[]): KnownToken | undefined {
  const hash = hashOf(token)
  let found: KnownToken | undefined
  for (const each of known) if (timingSafeEqual(each.hash, hash)) found = each
  return found
}
