// Tests that JSON which is written piece by piece equals that of JSON.stringify.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JsonWriter } from '../../../src/schema/execution/json-text.ts'

/** Writes values as a list. */
function written(writer: JsonWriter, values: readonly unknown[]): string {
  writer.clear()
  for (const [index, value] of values.entries()) {
    writer.raw(Buffer.from(index === 0 ? '[' : ','))
    writer.value(value)
  }
  writer.raw(Buffer.from(values.length === 0 ? '[]' : ']'))
  return writer.take().text
}

const powers = Array.from({ length: 16 }, (_, power) => 10 ** power)

it('equals JSON.stringify for any values', () => {
  const writer = new JsonWriter()
  const value = fc.oneof(
    fc.maxSafeNat(),
    fc.maxSafeInteger(),
    fc.nat(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(fc.array(value, { maxLength: 50 }), (values) => {
      expect(written(writer, values)).toBe(JSON.stringify(values))
    }),
    { numRuns: 2_000 },
  )
})

it('equals JSON.stringify for integers with any number of digits', () => {
  const integers = powers.flatMap((power) => [power - 1, power, power + 1, 7 * power]).concat(-0)
  const safe = integers
    .filter(Number.isSafeInteger)
    .concat(Number.MAX_SAFE_INTEGER, 2 ** 53, 2 ** 31, 2 ** 32)
  expect(written(new JsonWriter(), safe)).toBe(JSON.stringify(safe))
})

it('writes lists of any length, one after the other', () => {
  const writer = new JsonWriter()
  for (const length of [0, 1, 10_000, 300_000, 3]) {
    const values = Array.from({ length }, (_, index) => index * 65_536 * 1_000)
    expect(written(writer, values)).toBe(JSON.stringify(values))
  }
})
