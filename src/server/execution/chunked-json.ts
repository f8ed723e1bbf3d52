// The data of a long answer as JSON, made a piece at a time, since JSON.stringify holds the event loop for as long as it takes. It is
// the same text, of what an executor makes: objects, lists, and the plain values that scalars are in JSON.

import { isOverBudget, yieldToEventLoop } from '../../schema/execution/event-loop.ts'

/** Shorter texts are made in one go, which takes some milliseconds; in characters. */
const largeLength = 100_000

export const isLarge = (data: unknown): boolean => estimateLength(data, largeLength) > largeLength

/**
 * Makes the text.
 * @param onChunk is given the bytes of each piece; what it throws ends it.
 */
export async function stringifyInChunks(data: unknown, onChunk: (bytes: number) => void): Promise<string> {
  let text = ''
  for (const chunk of jsonChunks(data)) {
    onChunk(Buffer.byteLength(chunk))
    text += chunk
    if (isOverBudget()) await yieldToEventLoop()
  }
  return text
}

function* jsonChunks(value: unknown, prefix = ''): Generator<string, void> {
  if (typeof value !== 'object' || value === null || !isLarge(value)) {
    yield prefix + JSON.stringify(value)
    return
  }
  const isList = Array.isArray(value)
  let separator = prefix + (isList ? '[' : '{')
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue
    yield* jsonChunks(item, isList ? separator : `${separator}${JSON.stringify(name)}:`)
    separator = ','
  }
  yield isList ? ']' : '}'
}

/** About how long a value's text is; of one that is longer than `most`, only that it is. */
function estimateLength(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  let length = 2
  if (Array.isArray(value)) {
    for (const item of value) {
      length += 1 + estimateLength(item, limit - length)
      if (length > limit) break
    }
    return length
  }
  for (const name in value) {
    length += name.length + 4 + estimateLength((value as Record<string, unknown>)[name], limit - length)
    if (length > limit) break
  }
  return length
}
