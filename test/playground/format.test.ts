// Formats of values: no rounding of exact numbers, sizes, durations, ages and labels.

import { describe, expect, it } from 'vitest'
import { declaredUnit } from '../../playground/src/results/typed/units.ts'
import {
  enumLabel,
  exactNumber,
  fieldLabel,
  formatAge,
  formatBytes,
  formatNumber,
  pathLabel,
} from '../../playground/src/results/values/format.ts'
import { toneOf } from '../../playground/src/results/values/tone.ts'

describe('numbers', () => {
  it('keep all digits up to 2^53 - 1, the largest number that the gateway sends', () => {
    // The largest number in a response, as JSON, is parsed exactly; larger ones are null with an error.
    const largest = JSON.parse('9007199254740991')
    expect(formatNumber(largest, undefined)).toBe('9,007,199,254,740,991')
    expect(exactNumber(largest, 'bytes')).toBe('9,007,199,254,740,991 bytes')
  })

  it.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [1024, '1 KiB'],
    [1536 * 2 ** 20, '1.5 GiB'],
    [1023 * 2 ** 30, '1,023 GiB'],
    [2 ** 40 - 1, '1 TiB'],
    [2 ** 40, '1 TiB'],
    [1.5 * 2 ** 40, '1.5 TiB'],
    [2 ** 51, '2,048 TiB'],
    [-(2 ** 30), '-1 GiB'],
  ])('of %d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it.each([
    [2400, 'megahertz', '2,400 MHz'],
    [12.345, 'percent', '12.3 %'],
    [0.123, 'percent', '0.12 %'],
    [0.001, 'percent', '< 0.01 %'],
    [0, 'percent', '0 %'],
    [90_061, 'seconds', '1 d 1 h'],
    [59, 'seconds', '59 s'],
    [0.25, 'seconds', '0.25 s'],
    [1500, 'milliseconds', '2 s'],
    [1000, 'megabits', '1,000 Mbit/s'],
  ] as const)('of %d in %s are %s', (value, unit, text) => {
    expect(formatNumber(value, unit)).toBe(text)
  })
})

describe('units', () => {
  it.each([
    ['Capacity, in bytes. Source: `capacityInKB`.', 'BigInt', 'bytes'],
    ['Number of bytes within areas.', 'BigInt', 'bytes'],
    ['Number of bytes in a word.', 'Int', undefined],
    ['Age in whole seconds.', 'Int', 'seconds'],
    ['A name. Source: `x in bytes`.', 'BigInt', undefined],
    [undefined, 'BigInt', undefined],
  ] as const)('of %j as %s are %s', (description, type, unit) => {
    expect(declaredUnit(description, type)).toBe(unit)
  })
})

describe('text', () => {
  it.each([
    [3 * 86_400_000 + 5, '3 d ago'],
    [-7_200_000, 'in 2 h'],
    [100, 'now'],
    [-800 * 86_400_000, 'in 2 y'],
  ])('for an age of %d ms is %s', (age, text) => {
    expect(formatAge(1e12, 1e12 + age)).toBe(text)
  })

  it('of enums and fields has words', () => {
    expect(enumLabel('POWERED_ON')).toBe('Powered on')
    expect(fieldLabel('freeSpace')).toBe('Free space')
    expect(fieldLabel('vcenters')).toBe('vCenters')
    expect(fieldLabel('__typename')).toBe('Type')
    expect(pathLabel(['guest', 'ipAddresses'])).toBe('Guest IP addresses')
    expect(pathLabel(['host', 'name'])).toBe('Host name')
    expect(pathLabel(['ageSeconds'], 'seconds')).toBe('Age')
    expect(pathLabel(['ageSeconds'])).toBe('Age seconds')
    expect(fieldLabel('inventory_path')).toBe('Inventory path')
  })

  it.each([
    ['POWERED_ON', 'good'],
    ['RED', 'bad'],
    ['NOT_RUNNING', 'warning'],
    ['DISCONNECTED', 'bad'],
    ['VMFS', 'neutral'],
  ])('of %s has the tone %s', (value, tone) => {
    expect(toneOf(value)).toBe(tone)
  })
})
