// Tests inventory paths: names as users write them and as vSphere escapes them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeName, isSamePath, unescapeName } from '../../src/vim25/inventory-path.ts'
import { cpuMsSince } from '../cpu-time.ts'

describe('a name', () => {
  it('is the same after it was escaped any number of times', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('/', '\\', '%', '%2f', '%2F', '%5c', '%25', '%252f', '%', '2f', 'a'), {
          maxLength: 12,
        })
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(name, (text) => {
        const read = unescapeName(text)
        expect(unescapeName(escapeName(text))).toBe(read)
        expect(unescapeName(escapeName(escapeName(text)))).toBe(read)
        expect(unescapeName(read)).toBe(read)
        if (!/%(2f|5c|25)/i.test(text)) expect(read).toBe(text)
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it.each([
    ['a%2fb', 'a/b'],
    ['a%2Fb', 'a/b'],
    ['a%5cb%5Cc', 'a\\b\\c'],
    ['100%25', '100%'],
    ['%252f', '/'],
    ['%25252F', '/'],
    ['%255C%25255c', '\\\\'],
    ['%2525%2525c%252', '%%c%2'],
    ['a%2fb%252f100%25', 'a/b/100%'],
    ['100%', '100%'],
    ['%41%zz%2', '%41%zz%2'],
    ['007', '007'],
  ])('stored as %j is read as %j', (kept, read) => {
    expect(unescapeName(kept)).toBe(read)
  })

  it.each([`%${'25'.repeat(200_000)}`, '%25'.repeat(200_000), `%${'25'.repeat(200_000)}x`])(
    'is read in time proportional to its length (case %#)',
    (name) => {
      const start = process.cpuUsage()
      unescapeName(name)
      expect(cpuMsSince(start)).toBeLessThan(10_000)
    },
  )

  it('is written with every character escaped that vSphere would interpret', () => {
    expect(escapeName('a/b\\c 100% %2f')).toBe('a%2fb%5cc 100%25 %252f')
  })
})

describe('two paths', () => {
  it.each([
    ['base/a%252fb', 'base/a%2fb', true],
    ['base/a%2Fb', 'base/a%2fb', true],
    ['base/a%2fb', 'base/a/b', false],
    ['base', 'base/', false],
  ])('%j and %j are compared: same is %j', (a, b, isSame) => {
    expect(isSamePath(a, b)).toBe(isSame)
  })
})
