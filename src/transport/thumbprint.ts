// SHA-256 certificate thumbprints as people write them, in the one form that they are compared in.

const hexPairs = /^[0-9a-f]{2}(?::?[0-9a-f]{2}){31}$/i

/** `aabb..`, `AA:BB:..` and the like as `AA:BB:..`; undefined when it is not 32 bytes in hexadecimal. */
export function parseThumbprint(text: string): string | undefined {
  if (!hexPairs.test(text)) return undefined
  return text.toUpperCase().replaceAll(':', '').match(/../g)?.join(':')
}
