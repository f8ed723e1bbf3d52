// The unit of a number, as the description of its field declares it.

export type Unit = 'bytes' | 'megahertz' | 'percent' | 'seconds' | 'milliseconds' | 'megabits'

const patterns: readonly (readonly [Unit, RegExp])[] = [
  ['megahertz', /\bin MHz\b/],
  ['percent', /\bin percent\b/],
  ['milliseconds', /\bin (?:whole )?milliseconds\b/],
  ['seconds', /\bin (?:whole )?seconds\b/],
  ['megabits', /\bin Mbit/],
  ['bytes', /\bin bytes\b/],
]

/**
 * Returns the unit that a description declares before its source.
 * @param typeName The name of the scalar type. Only a BigInt is in bytes because its description merely speaks of bytes.
 */
export function declaredUnit(
  description: string | null | undefined,
  typeName: string | undefined,
): Unit | undefined {
  const meaning = (description ?? '').split('Source:', 1)[0] as string
  const found = patterns.find(([, pattern]) => pattern.test(meaning))
  if (found) return found[0]
  return typeName === 'BigInt' && /\bbytes?\b/.test(meaning) ? 'bytes' : undefined
}
