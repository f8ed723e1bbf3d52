// Encodes lists of JSON values as strings that are opaque to clients: global ids, cursors and tokens. Each of them checks its own parts.

import { createHash } from 'node:crypto'

/** Encodes a list of JSON values. */
export const encodeOpaque = (parts: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** Decodes a string of `encodeOpaque`; undefined if it does not contain a list. A client may have written any list. */
export function decodeOpaque(text: string): unknown[] | undefined {
  const bytes = bytesOf(text)
  return bytes && listIn(bytes)
}

/** Length of a checksum, in bytes. It protects from accidents, not from a client that computes it. */
const checksumLength = 8

const checksumOf = (bytes: Buffer): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, checksumLength)

/** Encodes a list of JSON values with a checksum, for strings that clients store. */
export function encodeChecked(parts: readonly unknown[]): string {
  const json = Buffer.from(JSON.stringify(parts))
  return Buffer.concat([checksumOf(json), json]).toString('base64url')
}

/** Decodes a string of `encodeChecked`; undefined if any character of it was changed, added or lost. */
export function decodeChecked(text: string): unknown[] | undefined {
  const bytes = bytesOf(text)
  if (!bytes) return undefined
  const json = bytes.subarray(checksumLength)
  return checksumOf(json).equals(bytes.subarray(0, checksumLength)) ? listIn(json) : undefined
}

/** Decodes base64url. The decoder of Node.js ignores characters that do not belong to it, so that many strings would be one id. */
function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

function listIn(json: Buffer): unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(json.toString())
    return Array.isArray(parts) ? parts : undefined
  } catch {
    return undefined
  }
}
