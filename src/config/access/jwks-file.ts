// Reads a file with the public keys that verify JSON Web Tokens: a JSON Web Key Set (RFC 7517).

import { z } from 'zod'
import { ConfigError } from '../config-error.ts'
import { type ReadFile, readText } from '../read-text.ts'

// The jose library validates the other members of a key.
const jwksSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

export type Jwks = z.output<typeof jwksSchema>

/**
 * Reads a key set.
 * @throws ConfigError
 */
export function readJwksFile(file: string, readFile: ReadFile): Jwks {
  const { data } = jwksSchema.safeParse(parseJson(readText(file, '--jwt-jwks (JWT_JWKS)', readFile)))
  if (!data) throw new ConfigError('--jwt-jwks must contain a JSON Web Key Set: {"keys": [{"kty": …}, …]}')
  // RFC 7518: `d` is part of a private key, `k` is a symmetric key.
  if (data.keys.some((key) => 'd' in key || 'k' in key)) {
    throw new ConfigError('--jwt-jwks contains a private or secret key: use public keys only')
  }
  return data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
