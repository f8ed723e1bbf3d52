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
import { readJwksFile } from '../../config/access/jwks-file.ts'
import type { Log } from '../../observability/log.ts'
import { type WatchOptions, watchFiles } from '../http/watch-files.ts'
import { AuthenticationError } from './authentication-error.ts'

/** Known keys are asked for again after this, while they go on being used. */
const refreshAfterMs = 5 * 60_000

/** Without an answer of the issuer known keys are used so long: a key that it took back must not count for ever. */
const maxAgeMs = 60 * 60_000

/** An issuer that fails is left alone so long: anybody can name a key that it has to be asked for. */
const retryDelayMs = 30_000

/** Some hundred times what an issuer's keys take. */
const maxBytes = 1_000_000

/** Finds the key that a token names; throws jose's errors, or an AuthenticationError when the keys cannot be had. */
export function createJwks(keys: JwtConfig['keys'], watchOptions: WatchOptions): JWTVerifyGetKey {
  return 'url' in keys ? remoteJwks(keys.url, watchOptions.log) : fileJwks(keys.file, watchOptions)
}

function fileJwks(file: string, watchOptions: WatchOptions): JWTVerifyGetKey {
  const watchedJwks = watchFiles({
    files: [file],
    read: (readFile) => createLocalJWKSet(readJwksFile(file, readFile)),
    setting: '--jwt-jwks',
    watchOptions,
  })
  return (header, token) => watchedJwks.current(header, token)
}

/** A key that is not among those that are known is asked for at once, but not more than twice a minute: anybody can name one. */
function remoteJwks(url: string, log: Log): JWTVerifyGetKey {
  const address = new URL(url)
  // A query may hold a key.
  const displayUrl = `${address.origin}${address.pathname}`
  let failure: { readonly error: unknown; readonly at: number } | undefined
  const fetchOnce: FetchImplementation = async (target, options) => {
    if (failure && Date.now() < failure.at + retryDelayMs) throw failure.error
    return withMaxBytes(await fetch(target, options))
  }
  const jwks = createRemoteJWKSet(address, { cacheMaxAge: maxAgeMs, [customFetch]: fetchOnce })
  let refreshAt = 0
  const onResult = (error?: unknown) => {
    // Once at each change: the same line at every request would hide the others.
    if (error !== undefined && !failure) {
      log.error(`the keys of --jwt-jwks cannot be read from ${displayUrl}: ${fetchErrorMessage(error)}`)
    }
    if (error === undefined && failure) log.info('the keys of --jwt-jwks can be fetched again')
    if (error === undefined) failure = undefined
    else if (error !== failure?.error) failure = { error, at: Date.now() }
  }
  const refreshIfDue = () => {
    const isDue = jwks.fresh && Date.now() >= refreshAt
    if (isDue) jwks.reload().then(() => onResult(), onResult)
    if (isDue || !jwks.fresh) refreshAt = Date.now() + refreshAfterMs
  }
  return async (header, token) => {
    refreshIfDue()
    try {
      const key = await jwks(header, token)
      // Then the issuer has just answered.
      if (jwks.coolingDown) onResult()
      return key
    } catch (error) {
      if (isTokenError(error)) throw error
      onResult(error)
      throw new AuthenticationError(
        'KEYS_UNAVAILABLE',
        'the keys that tokens are checked with cannot be read now',
      )
    }
  }
}

/** The same answer, which ends with an error where it is too long. */
function withMaxBytes(response: Response): Response {
  if (!response.body || response.status !== 200) return response
  let bytes = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      bytes += piece.byteLength
      if (bytes > maxBytes) controller.error(new Error(`they are longer than ${maxBytes} bytes`))
      else controller.enqueue(piece)
    },
  })
  return new Response(response.body.pipeThrough(counted), response)
}

const isTokenError = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

/** fetch says only that it failed; why is below. */
function fetchErrorMessage(error: unknown): string {
  const { message, cause } = error as Error
  if (!(cause instanceof Error)) return message
  const hasUnknownAuthority = unknownAuthorityCodes.test((cause as NodeJS.ErrnoException).code ?? '')
  return hasUnknownAuthority
    ? `${cause.message}. Name the authority of its certificate to Node with the variable NODE_EXTRA_CA_CERTS, a file in PEM, and start the gateway anew.`
    : cause.message
}

/** Node's codes of a certificate whose authority it does not know. */
const unknownAuthorityCodes = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/
