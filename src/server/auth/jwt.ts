// `--auth jwt`: JSON Web Tokens, which the jose library verifies. jwks.ts has the keys.

import { errors, type JWTPayload, jwtVerify } from 'jose'
import type { JwtConfig } from '../../config/access/access-config.ts'
import { roles } from '../../config/access/token-file.ts'
import type { WatchOptions } from '../http/watch-files.ts'
import { AuthenticationError } from './authentication-error.ts'
import type { Authenticator } from './authenticator.ts'
import { bearerToken } from './bearer-token.ts'
import { createJwks } from './jwks.ts'

/** Those with a public key: with a secret one, whoever can check a token could make one. `none` is no algorithm at all. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** What OpenID Connect allows `sub` to have. Longer ones have an end in the log. */
const maxSubjectLength = 255

/** By how much the clocks of issuer and gateway may differ. */
const clockToleranceSeconds = 30

export function createJwtAuthenticator(config: JwtConfig, watchOptions: WatchOptions): Authenticator {
  const { issuer, audience, roleClaim } = config
  const findKey = createJwks(config.keys, watchOptions)
  const verifyOptions = {
    issuer,
    audience,
    algorithms,
    clockTolerance: clockToleranceSeconds,
    // One that never expires could not be taken back; one without a subject would leave no trace of whose it was.
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
      // An empty one would leave no trace either.
      if (typeof name !== 'string' || name.trim() === '') throw claimError('sub')
      const claimedRoles = claimValues(claimAt(payload, roleClaim))
      const role = roles.findLast((each) => claimedRoles.includes(each))
      if (!role) {
        throw new AuthenticationError(
          'NO_ROLE',
          `the token's claim ${roleClaim} has neither of ${roles.join(', ')}`,
          { identity: name },
        )
      }
      return { name: name.slice(0, maxSubjectLength), role }
    },
  }
}

const dateClaims = ['exp', 'nbf', 'iat'] as const

/** The end of the year 9999, in seconds. */
const lastDate = 253_402_300_799

/**
 * Whether a claim is absent or a time that a calendar has. JSON's 1e999 is read as Infinity, and jose takes any number: a token
 * with such an exp would never expire.
 */
const isDate = (value: unknown): boolean =>
  value === undefined || (typeof value === 'number' && value >= 0 && value <= lastDate)

/** A claim of that very name, such as a URL, or else at the end of a path of names. */
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

/** A list, or a text of words such as OAuth's `scope`. */
function claimValues(claim: unknown): readonly unknown[] {
  if (Array.isArray(claim)) return claim
  return typeof claim === 'string' ? claim.split(' ') : []
}

/** What is wrong with the claims is told: the issuer signed them, so whoever sends them may know. All else is not. */
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

const claimError = (claim: string, problem = 'is not what it must be'): AuthenticationError =>
  new AuthenticationError('INVALID_CREDENTIALS', `the token's claim ${claim} ${problem}`)
