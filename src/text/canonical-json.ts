// The JSON of arguments, of which digests are made.

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value instanceof Date

/**
 * Returns the same JSON for arguments that select the same: without members that are null, and with lists of scalars in a fixed order,
 * such as the operands of `in`.
 */
export const canonicalJson = (args: unknown): string =>
  JSON.stringify(args, (_key, value: unknown) =>
    Array.isArray(value) && value.every(isScalar) ? [...new Set(value)].sort() : (value ?? undefined),
  )
