// Globs of filters: `*` any text, `?` one character, `[a-z]` one of a set, `[!a-z]` one not of it, `\` takes the next literally.
// Not a regular expression inside: those can take forever on a name that almost fits.

import { badInput } from '../errors/api-error.ts'

/** How arguments that take one describe it. */
export const nameGlobDescription =
  'A glob on the name as it is shown: *, ?, [a-z], [!a-z], \\ escapes; case matters.'

/** Names have at most 80 characters, three times as many with escapes. A long glob takes long on each of many names. */
const maxGlobLength = 256

/** Fits one character; undefined stands for `*`. */
type GlobToken = ((character: string) => boolean) | undefined

/**
 * A test for whole names. Case matters.
 * @throws ApiError BAD_USER_INPUT for a set that is not closed, and for one that is too long.
 */
export function globMatcher(glob: string): (name: string) => boolean {
  if (glob.length > maxGlobLength)
    throw badInput(`the glob has ${glob.length} characters, but at most ${maxGlobLength} are taken`)
  const tokens = tokenize(glob)
  return (name) => {
    const characters = [...name]
    let tokenIndex = 0
    let position = 0
    // Where to go on when what follows the last `*` did not fit: it then takes one character more.
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
          `the glob ${JSON.stringify(glob)} opens a set with [ and does not close it`,
          'Write \\[ for a bracket itself.',
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

/** Where the set that opens here closes. A `]` that comes first belongs to the set, as does one behind a `\`. */
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
