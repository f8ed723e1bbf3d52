// Tests globs against a plain definition of their meaning, and against hostile patterns.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatcher } from '../../../src/schema/core/glob.ts'
import { cpuMsSince } from '../../cpu-time.ts'

const matches = (glob: string, name: string): boolean => globMatcher(glob)(name)

describe('a glob', () => {
  it.each([
    ['web-01', 'web-01', true],
    ['web-01', 'Web-01', false],
    ['web', 'web-01', false],
    ['web*', 'web-01', true],
    ['*01', 'web-01', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['?', '', false],
    ['?', 'a', true],
    ['?', 'ab', false],
    ['w?b-*', 'web-01', true],
    ['*b*', 'web-01', true],
    ['**1', 'web-01', true],
    ['[uvw]eb', 'web', true],
    ['[a-f]*', 'db', true],
    ['[a-f]*', 'web', false],
    ['[!a-f]*', 'web', true],
    ['[!a-f]*', 'db', false],
    ['[a-]', '-', true],
    ['[]a]', ']', true],
    ['[!]a]', ']', false],
    ['[z-a]', 'm', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\?b', 'a?b', true],
    ['\\[x]', '[x]', true],
    ['[\\]x]', ']', true],
    ['[\\]x]', 'x', true],
    ['[\\]x]', '\\', false],
    ['[a\\-c]', 'b', false],
    ['[a\\-c]', '-', true],
    ['\\\\', '\\', true],
    ['a\\', 'a\\', true],
    ['a/b', 'a/b', true],
    ['?', '💾', true],
    ['[💾x]', '💾', true],
  ])('%j matches %j: %j', (glob, name, expected) => {
    expect(matches(glob, name)).toBe(expected)
  })

  it.each(['[', '[a', '[!', '[]', '[!]', 'a[b', '[a\\]'])('%j has an unclosed set', (glob) => {
    expect(() => globMatcher(glob)).toThrowError(/has a set without a closing ]/)
  })

  it('matches what its definition matches', () => {
    const character = fc.constantFrom('a', 'b', '-')
    const token = fc.oneof(character, fc.constantFrom('*', '?', '[ab]', '[!a]', '[a-b]', '\\*', '\\a'))
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 8 }),
        fc.array(character, { maxLength: 8 }),
        (tokens, name) => {
          expect(matches(tokens.join(''), name.join(''))).toBe(defined(tokens, name))
        },
      ),
      { seed: 3, numRuns: 3000 },
    )
  })

  it('accepts any string as a name and any glob as a pattern, or reports the error in the glob', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary' }), (glob, name) => {
        try {
          expect(typeof matches(glob, name)).toBe('boolean')
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_USER_INPUT' })
        }
      }),
      { seed: 4, numRuns: 1000 },
    )
  })

  it('that is too long is rejected', () => {
    expect(() => matches('*'.repeat(257), '')).toThrow('257 characters')
  })

  it('is matched fast even if it is written to take exponential time', () => {
    const name = `${'a'.repeat(2_000)}b`
    const hostile = [
      `${'*a'.repeat(127)}c`,
      `${'a*'.repeat(127)}c`,
      `${'*'.repeat(255)}c`,
      `${'*[ab]?'.repeat(42)}c`,
    ]
    const start = process.cpuUsage()
    for (const glob of hostile) expect(matches(glob, name)).toBe(false)
    expect(cpuMsSince(start)).toBeLessThan(10_000)
  })
})

/** The definition: slow and simple. */
function defined([token, ...tokens]: readonly string[], name: readonly string[]): boolean {
  if (token === undefined) return name.length === 0
  if (token === '*')
    return Array.from({ length: name.length + 1 }).some((_, at) => defined(tokens, name.slice(at)))
  const [character, ...rest] = name
  if (character === undefined) return false
  const accepted: Record<string, string> = {
    '?': 'ab-',
    '[ab]': 'ab',
    '[!a]': 'b-',
    '[a-b]': 'ab',
    '\\*': '*',
    '\\a': 'a',
  }
  return (accepted[token] ?? token).includes(character) && defined(tokens, rest)
}
