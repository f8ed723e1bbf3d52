// Text that others wrote (a vCenter's messages and names, what a client sent) on its way into an error or a line of the log: at most
// a thousand characters, however long it was.

const maxLength = 1_000

/** A stack has a line for each call. */
const maxStackLength = 10_000

const maxItems = 100
const maxDepth = 6

/** The text, with an ellipsis in place of what is too much. */
export const truncate = (text: string, max = maxLength): string =>
  text.length <= max ? text : `${text.slice(0, max - 1)}…`

/** A value of plain objects and arrays with its texts bounded, and its arrays and its depth; errors and dates stay as they are. */
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
