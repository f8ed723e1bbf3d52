// Text that others wrote (a vCenter's messages and names, what a client sent) on its way into an error or a line of the log: at most
// a thousand characters, however long it was.

const mostCharacters = 1_000

/** A stack has a line for each call. */
const mostStackCharacters = 10_000

const mostItems = 100
const deepest = 6

/** The text, with an ellipsis in place of what is too much. */
export const boundedText = (text: string, most = mostCharacters): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`

/** A value of plain objects and arrays with its texts bounded, and its arrays and its depth; errors and dates stay as they are. */
export const boundedTexts = <T>(value: T): T => bounded(value, 0) as T

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return boundedText(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    if (depth >= deepest) return []
    return value.slice(0, mostItems).map((item) => bounded(item, depth + 1))
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  if (depth >= deepest) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'stack' && typeof each === 'string'
        ? boundedText(each, mostStackCharacters)
        : bounded(each, depth + 1),
    ]),
  )
}
