// Reads the file of `--auth token`: one token per line, `NAME ROLE TOKEN`, or `NAME ROLE sha256:HEX` to avoid
// storing the token itself. Errors only show a line's number, name and role.

import { createHash } from 'node:crypto'
import { ConfigError } from '../config-error.ts'
import { type ReadFile, readText } from '../read-text.ts'

/** The role of a caller: a reader runs queries and subscriptions, power also the mutation changePower, an operator all mutations. */
export type Role = (typeof roles)[number]

export const roles = ['reader', 'power', 'operator'] as const

export interface KnownToken {
  readonly name: string
  readonly role: Role
  /** SHA-256 of the token. The token itself is not kept. */
  readonly hash: Buffer
}

/** Names are safe to print in logs and error messages. */
const namePattern = /^[\w.@-]{1,64}$/

/** Against guessing. */
const minTokenLength = 20

/** The syntax of RFC 6750, with the minimum length. */
const tokenPattern = new RegExp(`^[\\w.~+/-]{${minTokenLength},}=*$`)

const hashPattern = /^sha256:([\da-f]{64})$/i

/**
 * The value that is compared instead of the token, so that the duration of a comparison reveals nothing about
 * it.
 */
export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/**
 * Reads a token file, which may be empty.
 * @throws ConfigError that names the line
 */
export function readTokenFile(file: string, readFile: ReadFile): KnownToken[] {
  const known: (KnownToken & { readonly line: number })[] = []
  const lines = readText(file, '--token-file (TOKEN_FILE)', readFile, { minSecretLength: minTokenLength })
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  for (const [index, text] of lines.entries()) {
    if (/^\s*(#|$)/.test(text)) continue
    const line = index + 1
    const fail = (problem: string): never => {
      throw new ConfigError(`--token-file, line ${line}: ${problem}`)
    }
    const [name = '', word, token, ...rest] = text.trim().split(/\s+/)
    if (token === undefined || rest.length > 0) fail('the line must have three words: NAME ROLE TOKEN')
    if (!namePattern.test(name)) fail('the name must be at most 64 letters, digits, or _ . @ -')
    const role =
      roles.find((each) => each === word) ??
      fail(`the role must be ${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}`)
    const hash =
      readHash(token as string) ??
      fail(
        `the token must be at least ${minTokenLength} letters, digits, or - . _ ~ + /, or sha256: and 64 hexadecimal digits`,
      )
    const duplicate = known.find((each) => each.hash.equals(hash))
    if (duplicate) fail(`the token is the same as on line ${duplicate.line}`)
    // Two tokens with one name are valid, since that is how a token is rotated; but a different role on one
    // of the lines is a mistake.
    const sameName = known.find((each) => each.name === name && each.role !== role)
    if (sameName)
      fail(
        `the name ${name} has the role ${sameName.role} on line ${sameName.line}; a name can have only one role`,
      )
    known.push({ name, role, hash, line })
  }
  return known.map(({ name, role, hash }) => ({ name, role, hash }))
}

function readHash(token: string): Buffer | undefined {
  const hex = hashPattern.exec(token)?.[1]
  if (hex) return Buffer.from(hex, 'hex')
  return tokenPattern.test(token) ? hashOf(token) : undefined
}
