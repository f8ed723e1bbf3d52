// When a vCenter was unavailable and when callers were rejected, as a soak test reports it.

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

it('continues an outage that is started twice, and does not end one that is over', () => {
  const away = periods([10], [20, 30])
  away.end(40)
  expect(away.all).toEqual([{ from: 10, to: 30 }])
})

it('detects overlapping periods, including open ones', () => {
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

it('reports the outages and rejections of a period in one line, and the rejections without an outage', () => {
  const away = periods([500, 2_000], [5_000, 6_000])
  const rejected = periods([1_500, 3_000], [4_000, 4_500], [9_000, 12_000])
  expect(outagesOf(away, rejected, 1_000, 10_000)).toBe(
    'outages        the vCenter was away 2 times, 2.0 s; callers were refused 3 times, 3.0 s (2 times without its being away)',
  )
  expect(outagesOf(away, rejected, 5_000, 8_000)).toContain('away once, 1.0 s; callers were refused 0 times')
})
