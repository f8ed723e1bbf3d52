// Truncates strings from outside (a vCenter's messages and names, a client's input) for error messages and
// log lines: at most a thousand characters.

const maxLength = 1_000

/** A stack has one line per call. */
const maxStackLength = 10_000

const maxItems = 100
const maxDepth = 6

/** Returns the text, with an ellipsis in place of excess characters. */
export const truncate = (text: string, max = maxLength): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`

/**
 * Truncates the strings, arrays and depth of a value of plain objects and arrays. Errors and dates are
 * unchanged.
 */
export const truncateDeep = <T>(value: T): T => truncateAt(value, 0) as T

function truncateAt(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return truncate(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    if (depth >= maxDepth) return []
    return value.slice(0, maxItems).map((item) => truncateAt(item, depth + 1))
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  if (depth >= maxDepth) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'stack' && typeof each === 'string'
        ? truncate(each, maxStackLength)
        : truncateAt(each, depth + 1),
    ]),
  )
}
