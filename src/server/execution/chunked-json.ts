// Serializes the data of a large response in chunks, since JSON.stringify would block the event loop. The
// output is identical for an executor's data: objects, lists and JSON scalars.

import { isOverBudget, yieldToEventLoop } from '../../schema/execution/event-loop.ts'

/** Shorter output is serialized in one go, which takes a few milliseconds. In characters. */
const largeLength = 100_000

export const isLarge = (data: unknown): boolean => estimateLength(data, largeLength) > largeLength

/**
 * Serializes the data.
 * @param onChunk receives the byte length of each chunk; an error it throws stops the serialization
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

/** Estimates the length of a value's JSON. Stops counting once the length exceeds `limit`. */
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
