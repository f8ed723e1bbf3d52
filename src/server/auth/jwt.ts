// `--auth jwt`: authenticates with JSON Web Tokens, verified by the jose library. See jwks.ts for the keys.

import { errors, type JWTPayload, jwtVerify } from 'jose'
import type { JwtConfig } from '../../config/access/access-config.ts'
import { roles } from '../../config/access/token-file.ts'
import type { WatchOptions } from '../http/watch-files.ts'
import { AuthenticationError } from './authentication-error.ts'
import type { Authenticator } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'
import { createJwks } from './jwks.ts'

/**
 * Public-key algorithms only: with a shared secret, a party that can verify a token could also create one.
 * `none` is not accepted.
 */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** The limit of OpenID Connect for `sub`. Longer subjects are truncated in the log. */
const maxSubjectLength = 255

/** Accepted clock difference between issuer and gateway. */
const clockToleranceSeconds = 30

export function createJwtAuthenticator(config: JwtConfig, watchOptions: WatchOptions): Authenticator {
  const { issuer, audience, roleClaim } = config
  const findKey = createJwks(config.keys, watchOptions)
  const verifyOptions = {
    issuer,
    audience,
    algorithms,
    clockTolerance: clockToleranceSeconds,
    // A token without expiry could not be revoked; one without a subject could not be attributed in the audit
    // log.
    requiredClaims: ['exp', 'sub'],
  }
  return {
    scheme: 'Bearer',
    async authenticate(authorization) {
      const token = bearerToken(authorization)
      const { payload } = await jwtVerify(token, findKey, verifyOptions).catch((error: unknown) => {
        throw jwtError(error)
      })
      for (const claim of dateClaims) if (!isDate(payload[claim])) throw claimError(claim)
      const { sub: name } = payload
      // An empty subject could not be attributed either.
      if (typeof name !== 'string' || name.trim() === '') throw claimError('sub')
      const claimedRoles = claimValues(claimAt(payload, roleClaim))
      const role = roles.findLast((each) => claimedRoles.includes(each))
      if (!role) {
        throw new AuthenticationError(
          'NO_ROLE',
          `the token's claim ${roleClaim} contains no role: ${roles.join(', ')}`,
          { identity: name },
        )
      }
      return { name: name.slice(0, maxSubjectLength), role }
    },
  }
}

const dateClaims = ['exp', 'nbf', 'iat'] as const

/** The end of the year 9999, in seconds since the epoch. */
const lastDate = 253_402_300_799

/**
 * Whether a claim is absent or a valid date. JSON's 1e999 is parsed as Infinity, and jose accepts any number:
 * a token with such an `exp` would never expire.
 */
const isDate = (value: unknown): boolean =>
  value === undefined || (typeof value === 'number' && value >= 0 && value <= lastDate)

/** Returns the claim with exactly this name, such as a URL; otherwise treats the name as a dotted path. */
function claimAt(payload: JWTPayload, claim: string): unknown {
  if (Object.hasOwn(payload, claim)) return payload[claim]
  return claim
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      payload,
    )
}

/** Accepts a list, or a space-separated string such as OAuth's `scope`. */
function claimValues(claim: unknown): readonly unknown[] {
  if (Array.isArray(claim)) return claim
  return typeof claim === 'string' ? claim.split(' ') : []
}

/**
 * Reports invalid claims in detail, since the issuer signed the token and its sender may know them. Reports
 * no details of other errors.
 */
function jwtError(error: unknown): AuthenticationError {
  if (error instanceof AuthenticationError) return error
  if (error instanceof errors.JWTExpired)
    return new AuthenticationError('INVALID_CREDENTIALS', 'the token has expired')
  if (error instanceof errors.JWTClaimValidationFailed) {
    return claimError(error.claim, error.reason === 'missing' ? 'is missing' : undefined)
  }
  const { code } = error as { code?: string }
  return new AuthenticationError('INVALID_CREDENTIALS', 'the token is not valid', {
    detail: code ?? (error as Error).name,
  })
}

const claimError = (claim: string, problem = 'has an invalid value'): AuthenticationError =>
  new AuthenticationError('INVALID_CREDENTIALS', `the token's claim ${claim} ${problem}`)
