// Tests that ids, cursors and tokens are read only as they were written.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeChecked, decodeOpaque, encodeChecked, encodeOpaque } from '../../src/text/opaque-string.ts'

const parts = fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)))
const coders = [
  ['an id or a cursor', encodeOpaque, decodeOpaque],
  ['a token with a checksum', encodeChecked, decodeChecked],
] as const

describe.each(coders)('%s', (_, encode, decode) => {
  it('is decoded to the parts that it was made from', () => {
    fc.assert(
      fc.property(parts, (list) => {
        expect(decode(encode(list))).toEqual(list)
      }),
    )
  })

  it('is rejected with characters before, after or within it that base64url ignores', () => {
    const ignored = fc.constantFrom(' ', '\n', '=', '!', '.', '%', '\u00e9')
    fc.assert(
      fc.property(parts, ignored, fc.nat(), (list, junk, position) => {
        const text = encode(list)
        const at = position % (text.length + 1)
        expect(decode(`${text.slice(0, at)}${junk}${text.slice(at)}`)).toBeUndefined()
      }),
    )
  })

  it('is rejected in the alphabet of base64', () => {
    const text = encode(['\u00fb\u00ff\u00fe', '?>?>'])
    const other = text.replaceAll('-', '+').replaceAll('_', '/')
    expect(other).not.toBe(text)
    expect(decode(other)).toBeUndefined()
  })
})

it.each([
  ['no text', ''],
  ['no list', Buffer.from('null').toString('base64url')],
  ['no JSON', Buffer.from('[1').toString('base64url')],
])('is rejected if it contains %s', (_, text) => {
  expect(decodeOpaque(text)).toBeUndefined()
})
