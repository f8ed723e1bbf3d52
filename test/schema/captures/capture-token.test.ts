// Tests that a token is accepted only unchanged.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTokens, encodeToken } from '../../../src/schema/captures/capture-token.ts'
import { encodeOpaque } from '../../../src/text/opaque-string.ts'

const token = {
  identity: 'vcenter',
  instanceUuid: '5012-ab',
  key: 2000,
  uuid: '6000c290',
  capacity: 1_048_576,
  changeId: '52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63/81',
  task: { moid: 'task-7', queuedAt: 1_796_000_000_000 },
}
const text = encodeToken(token)

const rejects = (changed: string) =>
  expect(() => decodeTokens([changed]), JSON.stringify(changed)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT' }),
  )

describe('a token', () => {
  test('is decoded to what was encoded', () => {
    expect(decodeTokens([text])).toEqual([token])
    const withoutTask = { ...token, task: undefined }
    expect(decodeTokens([encodeToken(withoutTask)])).toEqual([withoutTask])
  })

  test.each([
    ['a character at its end', `${text}A`],
    ['padding', `${text}=`],
    ['a space', `${text} `],
    ['a space before it', ` ${text}`],
    ['a line break', `${text}\n`],
    ['another case', text.toUpperCase()],
    ['no text', ''],
    ['half of it', text.slice(0, text.length / 2)],
    ['it twice', text + text],
  ])('with %s is rejected', (_what, changed) => rejects(changed))

  test('is rejected after any change of one character', () => {
    const character = fc.constantFrom(...'AZaz09-_=+/ \n\t.')
    fc.assert(
      fc.property(fc.nat(text.length - 1), character, fc.nat(2), (at, other, kind) => {
        const replaced = kind === 0 ? '' : kind === 1 ? other : other + text.charAt(at)
        const changed = text.slice(0, at) + replaced + text.slice(at + 1)
        fc.pre(changed !== text)
        rejects(changed)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  test('is rejected without its checksum, and with everything in use as its changeId', () => {
    rejects(encodeOpaque(['capture-2', ...Object.values({ ...token, task: undefined }).slice(0, 6)]))
    rejects(encodeToken({ ...token, changeId: '*' }))
  })
})
