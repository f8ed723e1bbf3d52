// The public keys that verify JSON Web Tokens, from a file or from the issuer's URL.

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

/** Age after which known keys are fetched again in the background, while they remain in use. */
const refreshAfterMs = 5 * 60_000

/**
 * Maximum age of keys when the issuer does not respond, so that a revoked key does not remain valid
 * indefinitely.
 */
const maxAgeMs = 60 * 60_000

/** Minimum interval between two fetches: any client can trigger one by naming an unknown key. */
const cooldownMs = 30_000

/** About a hundred times the size of an issuer's key set. */
const maxBytes = 1_000_000

/**
 * Creates a function that finds the key named by a token. It throws jose's errors, or an AuthenticationError
 * if the keys are unavailable.
 */
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

/**
 * jose caches the keys, joins concurrent fetches and cools down after a successful one. This adds what it
 * lacks: a cooldown after a failed fetch, a limit of the size, and a refresh before the keys expire.
 */
function remoteJwks(url: string, log: Log): JWTVerifyGetKey {
  const address = new URL(url)
  // Without the query, which may contain a secret.
  const displayUrl = `${address.origin}${address.pathname}`
  let failure: { readonly error: unknown; readonly at: number } | undefined
  const fetchLimited: FetchImplementation = async (target, options) => {
    if (failure && Date.now() < failure.at + cooldownMs) throw failure.error
    return withMaxBytes(await fetch(target, options))
  }
  const jwks = createRemoteJWKSet(address, {
    cacheMaxAge: maxAgeMs,
    cooldownDuration: cooldownMs,
    [customFetch]: fetchLimited,
  })
  let refreshAt = 0
  const onResult = (error?: unknown) => {
    // Only when the state changes, since a line per request would flood the log.
    if (error !== undefined && !failure) {
      log.error(`the keys of --jwt-jwks cannot be fetched from ${displayUrl}: ${fetchErrorMessage(error)}`)
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
      // jose cools down after a fetch, so the issuer has just responded.
      if (jwks.coolingDown) onResult()
      return key
    } catch (error) {
      if (isTokenError(error)) throw error
      onResult(error)
      throw new AuthenticationError('KEYS_UNAVAILABLE', 'the keys that verify tokens are unavailable')
    }
  }
}

/** Returns the same response, with a body that fails if it is too long. */
function withMaxBytes(response: Response): Response {
  if (!response.body || response.status !== 200) return response
  let bytes = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) controller.error(new Error(`the response is larger than ${maxBytes} bytes`))
      else controller.enqueue(chunk)
    },
  })
  return new Response(response.body.pipeThrough(counted), response)
}

const isTokenError = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

/** fetch's own message only says that it failed; the reason is in its cause. */
function fetchErrorMessage(error: unknown): string {
  const { message, cause } = error as Error
  if (!(cause instanceof Error)) return message
  const hasUnknownAuthority = unknownAuthorityCodes.test((cause as NodeJS.ErrnoException).code ?? '')
  return hasUnknownAuthority
    ? `${cause.message}. Set NODE_EXTRA_CA_CERTS to a PEM file with the certificate of its authority, and restart the gateway.`
    : cause.message
}

/** Node's error codes for a certificate with an unknown issuer. */
const unknownAuthorityCodes = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/
