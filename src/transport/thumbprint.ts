// Parses SHA-256 certificate thumbprints and normalizes them for comparison.

const hexPairs = /^[0-9a-f]{2}(?::?[0-9a-f]{2}){31}$/i

/**
 * Accepts `aabb..`, `AA:BB:..` and mixed forms.
 * @returns the thumbprint as `AA:BB:..`, or undefined if the text is not 32 bytes in hexadecimal
 */
export function parseThumbprint(text: string): string | undefined {
  if (!hexPairs.test(text)) return undefined
  return text.toUpperCase().replaceAll(':', '').match(/../g)?.join(':')
}
