// Encodes lists of JSON values as strings that are opaque to clients: global ids and cursors. Each of them checks its own parts.

/** Encodes a list of JSON values. */
export const encodeOpaque = (parts: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url')

/** Decodes a string of `encodeOpaque`; undefined if it does not contain a list. A client may have written any list. */
export function decodeOpaque(text: string): unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return Array.isArray(parts) ? parts : undefined
  } catch {
    return undefined
  }
}
