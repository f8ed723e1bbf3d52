// The public keys that JSON Web Tokens are checked with: in a file, or at the issuer's URL.

import { readFileSync } from 'node:fs'
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import type { JwtConfig } from '../../config/access-config.ts'
import { readKeySetFile } from '../../config/key-set-file.ts'
import type { Log } from '../../observability/log.ts'
import { type Following, followFiles } from '../follow-files.ts'
import { AuthenticationError } from './authentication-error.ts'

/** Known keys are asked for again after this, while they go on being used. */
const renewAfterMs = 5 * 60_000

/** Without an answer of the issuer known keys are used so long: a key that it took back must not count for ever. */
const mostAgeMs = 60 * 60_000

/** Finds the key that a token names; throws jose's errors, or an AuthenticationError when the keys cannot be had. */
export function createKeySource(keys: JwtConfig['keys'], following: Following): JWTVerifyGetKey {
  return 'url' in keys ? remoteKeys(keys.url, following.log) : keysInFile(keys.file, following)
}

function keysInFile(file: string, following: Following): JWTVerifyGetKey {
  const set = followFiles({
    files: [file],
    read: () => createLocalJWKSet(readKeySetFile(file, (path) => readFileSync(path, 'utf8'))),
    setting: '--jwt-jwks',
    following,
  })
  return (header, token) => set.current(header, token)
}

/** A key that is not among those that are known is asked for at once, but not more than twice a minute: anybody can name one. */
function remoteKeys(url: string, log: Log): JWTVerifyGetKey {
  const known = createRemoteJWKSet(new URL(url), { cacheMaxAge: mostAgeMs })
  let renewAt = 0
  let isLost = false
  const tell = (error?: unknown) => {
    const lost = error !== undefined
    // Once at each change: the same line at every request would hide the others.
    if (lost === isLost) return
    isLost = lost
    if (lost) log.error(`the keys of --jwt-jwks cannot be read: ${causeOf(error)}`)
    else log.info('the keys of --jwt-jwks are read again')
  }
  const renew = () => {
    const isDue = known.fresh && Date.now() >= renewAt
    if (isDue) known.reload().then(() => tell(), tell)
    if (isDue || !known.fresh) renewAt = Date.now() + renewAfterMs
  }
  return async (header, token) => {
    renew()
    try {
      const key = await known(header, token)
      // Then the issuer has just answered.
      if (known.coolingDown) tell()
      return key
    } catch (error) {
      if (isAboutToken(error)) throw error
      tell(error)
      throw new AuthenticationError('unavailable', 'the keys that tokens are checked with cannot be read now')
    }
  }
}

const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

/** fetch says only that it failed; why is below. */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? cause.message : message
}
