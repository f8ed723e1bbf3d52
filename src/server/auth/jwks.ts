// The public keys that JSON Web Tokens are checked with: in a file, or at the issuer's URL.

import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose'
import type { JwtConfig } from '../../config/access/access-config.ts'
import { readKeySetFile } from '../../config/access/jwks-file.ts'
import type { Log } from '../../observability/log.ts'
import { type Following, followFiles } from '../http/watch-files.ts'
import { AuthenticationError } from './authentication-error.ts'

/** Known keys are asked for again after this, while they go on being used. */
const renewAfterMs = 5 * 60_000

/** Without an answer of the issuer known keys are used so long: a key that it took back must not count for ever. */
const mostAgeMs = 60 * 60_000

/** An issuer that fails is left alone so long: anybody can name a key that it has to be asked for. */
const pauseMs = 30_000

/** Some hundred times what an issuer's keys take. */
const mostBytes = 1_000_000

/** Finds the key that a token names; throws jose's errors, or an AuthenticationError when the keys cannot be had. */
export function createKeySource(keys: JwtConfig['keys'], following: Following): JWTVerifyGetKey {
  return 'url' in keys ? remoteKeys(keys.url, following.log) : keysInFile(keys.file, following)
}

function keysInFile(file: string, following: Following): JWTVerifyGetKey {
  const set = followFiles({
    files: [file],
    read: (readFile) => createLocalJWKSet(readKeySetFile(file, readFile)),
    setting: '--jwt-jwks',
    following,
  })
  return (header, token) => set.current(header, token)
}

/** A key that is not among those that are known is asked for at once, but not more than twice a minute: anybody can name one. */
function remoteKeys(url: string, log: Log): JWTVerifyGetKey {
  const address = new URL(url)
  // A query may hold a key.
  const shown = `${address.origin}${address.pathname}`
  let failure: { readonly error: unknown; readonly at: number } | undefined
  const ask: FetchImplementation = async (asked, options) => {
    if (failure && Date.now() < failure.at + pauseMs) throw failure.error
    return bounded(await fetch(asked, options))
  }
  const known = createRemoteJWKSet(address, { cacheMaxAge: mostAgeMs, [customFetch]: ask })
  let renewAt = 0
  const tell = (error?: unknown) => {
    // Once at each change: the same line at every request would hide the others.
    if (error !== undefined && !failure) {
      log.error(`the keys of --jwt-jwks cannot be read from ${shown}: ${causeOf(error)}`)
    }
    if (error === undefined && failure) log.info('the keys of --jwt-jwks are read again')
    if (error === undefined) failure = undefined
    else if (error !== failure?.error) failure = { error, at: Date.now() }
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

/** The same answer, which ends with an error where it is too long. */
function bounded(response: Response): Response {
  if (!response.body || response.status !== 200) return response
  let bytes = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      bytes += piece.byteLength
      if (bytes > mostBytes) controller.error(new Error(`they are longer than ${mostBytes} bytes`))
      else controller.enqueue(piece)
    },
  })
  return new Response(response.body.pipeThrough(counted), response)
}

const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

/** fetch says only that it failed; why is below. */
function causeOf(error: unknown): string {
  const { message, cause } = error as Error
  if (!(cause instanceof Error)) return message
  const isOfUnknownAuthority = unknownAuthority.test((cause as NodeJS.ErrnoException).code ?? '')
  return isOfUnknownAuthority
    ? `${cause.message}. Name the authority of its certificate to Node with the variable NODE_EXTRA_CA_CERTS, a file in PEM, and start the gateway anew.`
    : cause.message
}

/** Node's codes of a certificate whose authority it does not know. */
const unknownAuthority = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/
