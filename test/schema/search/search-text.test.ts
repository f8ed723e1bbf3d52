// Tests which forms of addresses and UUIDs a search recognizes, and the limits of its text.

import { describe, expect, it } from 'vitest'
import {
  canonicalIpAddress,
  macAddressDigits,
  parseSearchText,
} from '../../../src/schema/search/search-text.ts'

describe('the text of a search', () => {
  it('is in lower case, without surrounding spaces', () => {
    expect(parseSearchText('  Web-01\n').text).toBe('web-01')
  })

  it.each(['', 'a', ' a ', '\u{1f600}'])('is rejected if it has less than two characters: %j', (text) => {
    expect(() => parseSearchText(text)).toThrow('at least 2')
  })

  it('is rejected if it has more than 256 characters', () => {
    expect(parseSearchText('x'.repeat(256)).text).toHaveLength(256)
    expect(() => parseSearchText('x'.repeat(257))).toThrow('at most 256')
  })

  it.each([
    ['10.0.0.5', '10.0.0.5'],
    ['FE80:0:0:0:0:0:0:1', 'fe80::1'],
    ['fe80::0001%eth0', 'fe80::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::1:0:0:1', '2001:db8::1:0:0:1'],
    ['10.0.0', undefined],
    ['10.0.0.256', undefined],
    ['10.0.0.5/24', undefined],
    ['fe80:', undefined],
    ['web', undefined],
  ])('is an IP address: %s', (text, address) => {
    expect(canonicalIpAddress(text)).toBe(address)
    expect(parseSearchText(text).ipAddress).toBe(address)
  })

  it.each([
    ['00:50:56:9A:bc:de', '0050569abcde'],
    ['00-50-56-9a-bc-de', '0050569abcde'],
    ['0050.569a.bcde', '0050569abcde'],
    ['0050569ABCDE', '0050569abcde'],
    ['00:50-56:9a:bc:de', undefined],
    ['00:50:56:9a:bc', undefined],
    ['00:50:56:9a:bc:de:f0', undefined],
    ['0050569abcdg', undefined],
  ])('is a MAC address: %s', (text, digits) => {
    expect(macAddressDigits(text)).toBe(digits)
    expect(parseSearchText(text).macAddress).toBe(digits)
  })

  it.each([
    ['420D7EEB-E7CF-4E5B-A0A7-7F4F2D6C6B3A', '420d7eeb-e7cf-4e5b-a0a7-7f4f2d6c6b3a'],
    ['420d7eebe7cf4e5ba0a77f4f2d6c6b3a', '420d7eeb-e7cf-4e5b-a0a7-7f4f2d6c6b3a'],
    ['42 0d 7e eb e7 cf 4e 5b-a0 a7 7f 4f 2d 6c 6b 3a', '420d7eeb-e7cf-4e5b-a0a7-7f4f2d6c6b3a'],
    ['420d7eeb-e7cf-4e5b-a0a7', undefined],
    ['420d7eeb-e7cf-4e5b-a0a7-7f4f2d6c6b3', undefined],
  ])('is a UUID: %s', (text, uuid) => {
    expect(parseSearchText(text).uuid).toBe(uuid)
  })
})
