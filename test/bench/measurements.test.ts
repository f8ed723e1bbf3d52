// Tests the arithmetic of the benchmark: spreads, ratios within a round, and met bounds.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  atLeast,
  atMost,
  below,
  isInRange,
  type Measurement,
  quantile,
  ratios,
  spreadOf,
} from '../../bench/measurements.ts'

const samples = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 50 })

describe('a spread', () => {
  it('has the minimum, median and maximum of unordered samples', () => {
    expect(spreadOf([30, 10, 20])).toEqual({ samples: 3, min: 10, median: 20, max: 30 })
    expect(spreadOf([7])).toEqual({ samples: 1, min: 7, median: 7, max: 7 })
  })

  it('averages the two middle samples when their number is even', () => {
    expect(spreadOf([1, 2, 4, 100]).median).toBe(3)
  })

  it('cannot be computed without samples', () => {
    expect(() => spreadOf([])).toThrow('no samples')
  })
})

describe('a quantile', () => {
  it('grows from the smallest to the largest sample and leaves the samples unchanged', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const given = [...values]
        const at = [0, 0.25, 0.5, 0.99, 1].map((share) => quantile(values, share))
        expect(values).toEqual(given)
        expect(at[0]).toBe(Math.min(...values))
        expect(at.at(-1)).toBe(Math.max(...values))
        for (const [index, value] of at.entries())
          if (index > 0) expect(value).toBeGreaterThanOrEqual((at[index - 1] as number) * (1 - 1e-12))
      }),
    )
  })

  it('is the second largest of 101 samples at the 99th percentile', () => {
    expect(
      quantile(
        Array.from({ length: 101 }, (_, nth) => nth),
        0.99,
      ),
    ).toBe(99)
  })
})

describe('ratios', () => {
  it('are computed within each round', () => {
    // The ratio of the medians would be 1, which no round has.
    expect(ratios([10, 20, 30], [5, 20, 60])).toEqual([2, 1, 0.5])
  })

  it('are rejected for measurements from different rounds', () => {
    expect(() => ratios([1, 2], [1])).toThrow('series of different lengths cannot be compared')
  })
})

describe('a bound', () => {
  const measurement = (median: number, range?: Measurement['range']): Measurement => ({
    server: 'x',
    name: 'x',
    unit: '×',
    spread: { samples: 3, min: 0, median, max: 1_000 },
    range,
  })

  it.each([
    { range: atMost(1.5), met: [1.4, 1.5], short: [1.51] },
    { range: below(0.6), met: [0.59], short: [0.6, 0.7] },
    { range: atLeast(0.5), met: [0.6, 0.5], short: [0.49] },
  ])('is judged by the median alone: $reach.bound $reach.value', ({ range, met, short }) => {
    expect(met.map((median) => isInRange(measurement(median, range)))).toEqual(met.map(() => true))
    expect(short.map((median) => isInRange(measurement(median, range)))).toEqual(short.map(() => false))
  })

  it('is neither met nor missed when nothing was measured', () => {
    expect(isInRange(measurement(1))).toBeUndefined()
  })
})
