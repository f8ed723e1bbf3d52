// Glob matching for filters: `*` matches any characters, `?` one character, `[a-z]` one character of a set, `[!a-z]` one character
// outside a set, and `\` escapes the next character. It does not compile to a regular expression, which can backtrack for an
// exponential time on a name that almost matches.

import { formatNumber } from '../../text/format-number.ts'
import { badInput } from '../errors/api-error.ts'

/** A name has at most 80 characters, three times as many with escapes. The limit bounds the time to match many names. */
const maxGlobLength = 256

/** Matches one character; undefined represents `*`. */
type GlobToken = ((character: string) => boolean) | undefined

/**
 * Creates a case-sensitive matcher for whole names.
 *
 * @throws ApiError BAD_USER_INPUT if the glob is longer than 256 characters or a set is not closed
 */
export function globMatcher(glob: string): (name: string) => boolean {
  if (glob.length > maxGlobLength)
    throw badInput(
      `the glob has ${formatNumber(glob.length)} characters, but the limit is ${formatNumber(maxGlobLength)}`,
      'Use a shorter pattern, or several patterns in `or`.',
    )
  const tokens = tokenize(glob)
  return (name) => {
    const characters = [...name]
    let tokenIndex = 0
    let position = 0
    // The position to backtrack to if the tokens after the last `*` do not match: the `*` then matches one more character.
    let starIndex = -1
    let starPosition = 0
    while (position < characters.length) {
      const token = tokens[tokenIndex]
      if (tokenIndex < tokens.length && token === undefined) {
        starIndex = tokenIndex
        starPosition = position
        tokenIndex += 1
      } else if (token?.(characters[position] as string)) {
        tokenIndex += 1
        position += 1
      } else if (starIndex >= 0) {
        tokenIndex = starIndex + 1
        starPosition += 1
        position = starPosition
      } else return false
    }
    return tokens.slice(tokenIndex).every((token) => token === undefined)
  }
}

function tokenize(glob: string): GlobToken[] {
  const characters = [...glob]
  const tokens: GlobToken[] = []
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] as string
    if (character === '*') tokens.push(undefined)
    else if (character === '?') tokens.push(() => true)
    else if (character === '[') {
      const end = endOfSet(characters, index)
      if (end === undefined)
        throw badInput(
          `the glob ${JSON.stringify(glob)} has a set without a closing ]`,
          'Escape a literal bracket as \\[.',
        )
      tokens.push(setToken(characters.slice(index + 1, end)))
      index = end
    } else {
      if (character === '\\' && index + 1 < characters.length) index += 1
      const literal = characters[index]
      tokens.push((each) => each === literal)
    }
  }
  return tokens
}

/** Returns the index of the `]` that closes a set. A `]` directly after the opening, or after a `\`, is part of the set. */
function endOfSet(characters: readonly string[], open: number): number | undefined {
  const first = characters[open + 1] === '!' ? open + 2 : open + 1
  for (let index = first; index < characters.length; index += 1) {
    if (characters[index] === '\\') index += 1
    else if (characters[index] === ']' && index > first) return index
  }
  return undefined
}

function setToken(characters: readonly string[]): GlobToken {
  const negated = characters[0] === '!'
  const members: { readonly character: string; readonly escaped: boolean }[] = []
  for (let index = negated ? 1 : 0; index < characters.length; index += 1) {
    const escaped = characters[index] === '\\' && index + 1 < characters.length
    if (escaped) index += 1
    members.push({ character: characters[index] as string, escaped })
  }
  const ranges: [string, string][] = []
  for (let index = 0; index < members.length; index += 1) {
    const from = members[index]?.character as string
    const dash = members[index + 1]
    const to = members[index + 2]
    const isRange = dash?.character === '-' && !dash.escaped && to !== undefined
    ranges.push([from, isRange ? to.character : from])
    if (isRange) index += 2
  }
  return (character) => ranges.some(([from, to]) => character >= from && character <= to) !== negated
}
