// When a vCenter was unreachable and when requests were rejected, as a soak test reports it.

import { expect, it } from 'vitest'
import { formatOutages } from '../../soak/outages.ts'
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
  const outages = periods([10], [20, 30])
  outages.end(40)
  expect(outages.all).toEqual([{ from: 10, to: 30 }])
})

it('detects overlapping periods, including open ones', () => {
  const outages = periods([10, 20], [50])
  const overlaps = (from: number, to: number) => outages.overlaps({ from, to })
  expect([overlaps(0, 9), overlaps(0, 10), overlaps(20, 30), overlaps(21, 49), overlaps(60, 70)]).toEqual([
    false,
    true,
    true,
    false,
    true,
  ])
})

it('reports the outages and rejections of a period in one line, and the rejections without an outage', () => {
  const outages = periods([500, 2_000], [5_000, 6_000])
  const rejected = periods([1_500, 3_000], [4_000, 4_500], [9_000, 12_000])
  expect(formatOutages(outages, rejected, 1_000, 10_000)).toBe(
    'outages        vCenter unreachable 2 times, 2.0 s; requests rejected 3 times, 3.0 s (2 times without an outage)',
  )
  expect(formatOutages(outages, rejected, 5_000, 8_000)).toContain(
    'unreachable once, 1.0 s; requests rejected 0 times',
  )
})
