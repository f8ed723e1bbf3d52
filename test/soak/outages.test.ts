// When a vCenter was away and when callers were refused, as a soak tells it.

import { expect, it } from 'vitest'
import { outagesOf } from '../../soak/outages.ts'
import { Periods } from '../../soak/periods.ts'

function periods(...all: [from: number, to?: number][]): Periods {
  const each = new Periods()
  for (const [from, to] of all) {
    each.begin(from)
    if (to !== undefined) each.end(to)
  }
  return each
}

it('what is begun twice goes on, and what is over does not end again', () => {
  const away = periods([10], [20, 30])
  away.end(40)
  expect(away.all).toEqual([{ from: 10, to: 30 }])
})

it('times meet where they have a moment in common, also with one that goes on', () => {
  const away = periods([10, 20], [50])
  const meets = (from: number, to: number) => away.meets({ from, to })
  expect([meets(0, 9), meets(0, 10), meets(20, 30), meets(21, 49), meets(60, 70)]).toEqual([
    false,
    true,
    true,
    false,
    true,
  ])
})

it('a line says how long each lasted in the time that is looked at, and which were for nothing', () => {
  const away = periods([500, 2_000], [5_000, 6_000])
  const rejected = periods([1_500, 3_000], [4_000, 4_500], [9_000, 12_000])
  expect(outagesOf(away, rejected, 1_000, 10_000)).toBe(
    'outages        the vCenter was away 2 times, 2.0 s; callers were refused 3 times, 3.0 s (2 times without its being away)',
  )
  expect(outagesOf(away, rejected, 5_000, 8_000)).toContain('away once, 1.0 s; callers were refused 0 times')
})
