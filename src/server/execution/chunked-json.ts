// The data of a long answer as JSON, made a piece at a time, since JSON.stringify holds the event loop for as long as it takes. It is
// the same text, of what an executor makes: objects, lists, and the plain values that scalars are in JSON.

import { isHeld, nextTurn } from '../../schema/execution/event-loop.ts'

/** Shorter texts are made in one go, which takes some milliseconds; in characters. */
const longLength = 100_000

export const isLong = (data: unknown): boolean => lengthOf(data, longLength) > longLength

/**
 * Makes the text.
 * @param told is given the bytes of each piece; what it throws ends it.
 */
export async function answerText(data: unknown, told: (bytes: number) => void): Promise<string> {
  let text = ''
  for (const piece of piecesOf(data)) {
    told(Buffer.byteLength(piece))
    text += piece
    if (isHeld()) await nextTurn()
  }
  return text
}

function* piecesOf(value: unknown, before = ''): Generator<string, void> {
  if (typeof value !== 'object' || value === null || !isLong(value)) {
    yield before + JSON.stringify(value)
    return
  }
  const isList = Array.isArray(value)
  let between = before + (isList ? '[' : '{')
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    yield* piecesOf(member, isList ? between : `${between}${JSON.stringify(name)}:`)
    between = ','
  }
  yield isList ? ']' : '}'
}

/** About how long a value's text is; of one that is longer than `most`, only that it is. */
function lengthOf(value: unknown, most: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  let length = 2
  if (Array.isArray(value)) {
    for (const item of value) {
      length += 1 + lengthOf(item, most - length)
      if (length > most) break
    }
    return length
  }
  for (const name in value) {
    length += name.length + 4 + lengthOf((value as Record<string, unknown>)[name], most - length)
    if (length > most) break
  }
  return length
}
