// The DateTime scalar as input: it accepts only dates and times that exist.

import fc from 'fast-check'
import type { GraphQLScalarType } from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSchema } from '../../../src/schema/schema.ts'

const dateTime = buildSchema().getType('DateTime') as GraphQLScalarType<Date>

/** Returns the parsed time, or undefined if the text is rejected. */
function parse(text: string): Date | undefined {
  try {
    return dateTime.parseValue(text)
  } catch {
    return undefined
  }
}

describe('DateTime', () => {
  it.each([
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T12:00:00+02:00',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-05T24:00:00Z',
    '2026-01-05T08:60:00Z',
    '2026-01-05T08:00:60Z',
    '2026-01-05T08:00:00+25:00',
    '2026-01-05T08:00:00',
    '2026-01-05',
  ])('rejects %s', (text) => {
    expect(() => dateTime.parseValue(text)).toThrow(`DateTime cannot represent ${JSON.stringify(text)}`)
  })

  it.each([
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2026-01-05T09:00:00+01:00', '2026-01-05T08:00:00.000Z'],
    ['2026-12-31T23:30:00-01:00', '2027-01-01T00:30:00.000Z'],
    ['2026-01-05T08:00:00.1234Z', '2026-01-05T08:00:00.123Z'],
  ])('accepts %s as %s', (text, expected) => {
    expect(parse(text)?.toISOString()).toBe(expected)
  })

  it('keeps the day and the time of each text that it accepts', () => {
    const digits = (max: number, length = 2) =>
      fc.integer({ min: 0, max }).map((number) => String(number).padStart(length, '0'))
    const local = fc
      .tuple(digits(9999, 4), digits(13), digits(32), digits(24), digits(60), digits(60))
      .map(
        ([year, month, day, hour, minute, second]) => `${year}-${month}-${day}T${hour}:${minute}:${second}`,
      )
    let accepted = 0
    fc.assert(
      fc.property(local, fc.integer({ min: -23, max: 23 }), (text, hours) => {
        const offset = `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}:00`
        const date = parse(`${text}${offset}`)
        if (!date) return
        accepted += 1
        expect(new Date(date.getTime() + hours * 3_600_000).toISOString().slice(0, 19)).toBe(text)
      }),
      { numRuns: 1_000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })
})
