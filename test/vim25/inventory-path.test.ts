// Names as people write them and as vSphere keeps them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeName, unescapeName } from '../../src/vim25/inventory-path.ts'

describe('a name', () => {
  it('comes back as it was', () => {
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
        expect(unescapeName(escapeName(text))).toBe(text)
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it.each([
    ['a%2fb', 'a/b'],
    ['a%2Fb', 'a/b'],
    ['a%5cb%5Cc', 'a\\b\\c'],
    ['100%25', '100%'],
    ['%252f', '%2f'],
    ['a%2fb%252f100%25', 'a/b%2f100%'],
    ['100%', '100%'],
    ['%41%zz%2', '%41%zz%2'],
    ['007', '007'],
  ])('kept as %j is read as %j', (kept, read) => {
    expect(unescapeName(kept)).toBe(read)
  })

  it('that is written has nothing bare that vSphere reads otherwise', () => {
    expect(escapeName('a/b\\c 100% %2f')).toBe('a%2fb%5cc 100%25 %252f')
  })
})
