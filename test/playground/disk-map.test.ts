// The maps of disk areas: what a page covers, bins whose sum is exact, comparisons, positions and zoom.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Area,
  type AreaMap,
  estimatesOf,
  knownByPage,
  sliceStart,
} from '../../playground/src/results/disk-map/area-map.ts'
import { binsOf, prepareMap, shadeOf, touchedColumns } from '../../playground/src/results/disk-map/bins.ts'
import { formatShare, ticksOf } from '../../playground/src/results/disk-map/byte-scale.ts'
import { compareMaps, comparisonObstacle } from '../../playground/src/results/disk-map/compare.ts'
import {
  intersectRanges,
  lengthOf,
  mergeRanges,
  type Range,
  subtractRanges,
} from '../../playground/src/results/disk-map/ranges.ts'
import { describeSpot } from '../../playground/src/results/disk-map/spot.ts'
import { summaryOf } from '../../playground/src/results/disk-map/summary.ts'
import { moveTo, nextStop, wholeDisk, zoom } from '../../playground/src/results/disk-map/viewport.ts'
import { cpuMsSince } from '../cpu-time.ts'

const capacity = 1_000_003
const seed = Number(process.env.SEED ?? 42)

/** Sorted, disjoint areas of a disk, with gaps of at least one byte between them. */
const areasOf = (size: number) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: size }), { maxLength: 60 })
    .map((bounds) => bounds.sort((a, b) => a - b))
    .map((bounds) =>
      bounds.flatMap((start, index) => {
        const end = bounds[index + 1]
        return index % 2 === 0 && end !== undefined ? [{ start, length: end - start }] : []
      }),
    )

const mapOf = (areas: readonly Area[], more: Partial<AreaMap> = {}): AreaMap => ({
  name: 'areas',
  meaning: 'in use',
  capacity,
  isCapacityKnown: true,
  areas,
  known: [{ start: 0, end: capacity }],
  ...more,
})

const bytesOf = (items: readonly { readonly bytes: number }[]) =>
  items.reduce((sum, { bytes }) => sum + bytes, 0)
const lengthOfAreas = (areas: readonly Area[]) => areas.reduce((sum, { length }) => sum + length, 0)
const rangesOf = (areas: readonly Area[]): Range[] =>
  areas.map(({ start, length }) => ({ start, end: start + length }))

/** Bytes within areas in equal slices, as the gateway counts them. */
const densityOf = (areas: readonly Area[], count: number): number[] =>
  Array.from({ length: count }, (_, index) => {
    const slice = { start: sliceStart(capacity, count, index), end: sliceStart(capacity, count, index + 1) }
    return lengthOf(intersectRanges(rangesOf(areas), [slice]))
  })

describe('ranges', () => {
  const ranges = areasOf(200).map(rangesOf)

  it('intersect and subtract byte by byte', () => {
    const has = (list: readonly Range[], byte: number) =>
      list.some(({ start, end }) => start <= byte && byte < end)
    const bytes = Array.from({ length: 201 }, (_, byte) => byte)
    fc.assert(
      fc.property(ranges, ranges, (one, other) => {
        const [inOne, inOther] = [one, other].map((list) => bytes.filter((byte) => has(list, byte))) as [
          number[],
          number[],
        ]
        const [both, left] = [intersectRanges(one, other), subtractRanges(one, other)]
        expect(bytes.filter((byte) => has(both, byte))).toEqual(
          inOne.filter((byte) => inOther.includes(byte)),
        )
        expect(bytes.filter((byte) => has(left, byte))).toEqual(
          inOne.filter((byte) => !inOther.includes(byte)),
        )
      }),
      { seed, numRuns: 60 },
    )
  })

  it('merge what overlaps or touches', () => {
    const merged = mergeRanges([
      { start: 20, end: 30 },
      { start: 0, end: 10 },
      { start: 5, end: 5 },
      { start: 10, end: 12 },
      { start: 25, end: 28 },
    ])
    expect(merged).toEqual([
      { start: 0, end: 12 },
      { start: 20, end: 30 },
    ])
  })
})

describe('a page of areas', () => {
  const areas = [
    { start: 100, length: 50 },
    { start: 400, length: 100 },
  ]

  it.each<[string, Partial<Parameters<typeof knownByPage>[0]>, Range[]]>([
    ['is the whole disk without a next page', { hasNextPage: false }, [{ start: 0, end: 1000 }]],
    ['ends with its last area before a next page', { hasNextPage: true }, [{ start: 0, end: 500 }]],
    ['ends with its last area if the next page is not selected', {}, [{ start: 0, end: 500 }]],
    ['is the whole disk if it has all areas', { totalCount: 2 }, [{ start: 0, end: 1000 }]],
    [
      'begins with its first area after a cursor',
      { isFirst: false, hasNextPage: true },
      [{ start: 100, end: 500 }],
    ],
    [
      'reaches the end of the disk after the last cursor',
      { isFirst: false, hasNextPage: false },
      [{ start: 100, end: 1000 }],
    ],
    ['covers nothing if it is empty and not the last', { areas: [], hasNextPage: true }, []],
    ['covers nothing behind a cursor at the end', { areas: [], isFirst: false, hasNextPage: false }, []],
    ['covers an empty disk', { areas: [], hasNextPage: false }, [{ start: 0, end: 1000 }]],
  ])('%s', (_, page, expected) => {
    expect(knownByPage({ areas, capacity: 1000, isFirst: true, ...page })).toEqual(expected)
  })
})

describe('the bins of a strip', () => {
  it('have exactly the bytes of the areas in the view', () => {
    fc.assert(
      fc.property(
        areasOf(capacity),
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 0, max: capacity - 1 }),
        fc.integer({ min: 1, max: capacity }),
        (areas, count, start, span) => {
          const view = { start, end: Math.min(capacity, start + span) }
          const bins = binsOf(prepareMap(mapOf(areas)), view, count)
          expect(bytesOf(bins)).toBe(lengthOf(intersectRanges(rangesOf(areas), [view])))
          expect(bins[0]?.start).toBe(view.start)
          expect(bins.at(-1)?.end).toBe(view.end)
          expect(bins.filter(({ bytes, start, end }) => bytes > end - start)).toEqual([])
          expect(bins.filter(({ unknown, isEstimate }) => unknown > 0 || isEstimate)).toEqual([])
          expect(bins.slice(1).every((bin, index) => bin.start === bins[index]?.end)).toBe(true)
        },
      ),
      { seed, numRuns: 100 },
    )
  })

  it('have the bytes of the slices where areas are not loaded, and of the areas elsewhere', () => {
    fc.assert(
      fc.property(
        areasOf(capacity),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 600 }),
        (areas, loaded, slices, count) => {
          const page = areas.slice(0, loaded)
          const known = knownByPage({
            areas: page,
            capacity,
            isFirst: true,
            hasNextPage: loaded < areas.length,
          })
          const map = mapOf(page, { known, density: densityOf(areas, slices) })
          const bins = binsOf(prepareMap(map), { start: 0, end: capacity }, count)
          expect(bytesOf(bins)).toBeCloseTo(lengthOfAreas(areas), 4)
          expect(bins.every(({ unknown }) => unknown === 0)).toBe(true)
          expect(bytesOf(bins) - bytesOf(estimatesOf(map))).toBeCloseTo(lengthOfAreas(page), 4)
        },
      ),
      { seed, numRuns: 100 },
    )
  })

  it('count the bytes that are not loaded', () => {
    const map = mapOf([{ start: 0, length: 10 }], { known: [{ start: 0, end: 500_000 }] })
    const bins = binsOf(prepareMap(map), { start: 0, end: capacity }, 10)
    expect(bins.reduce((sum, { unknown }) => sum + unknown, 0)).toBe(capacity - 500_000)
    expect(bins[0]?.unknown).toBe(0)
  })

  it('stay fast for a million areas', () => {
    const areas = Array.from({ length: 1_000_000 }, (_, index) => ({
      start: index * 200_000,
      length: 65_536,
    }))
    const size = 200_000 * 1_000_000
    const start = process.cpuUsage()
    const prepared = prepareMap(mapOf(areas, { capacity: size, known: [{ start: 0, end: size }] }))
    const bins = binsOf(prepared, { start: 0, end: size }, 600)
    expect(cpuMsSince(start)).toBeLessThan(10_000)
    expect(bytesOf(bins)).toBe(65_536 * 1_000_000)
  })

  it('draw the smallest area, and nothing without areas', () => {
    expect(shadeOf({ start: 0, end: 100, bytes: 0, unknown: 0, isEstimate: false })).toBe(-1)
    expect(shadeOf({ start: 0, end: 1e12, bytes: 1, unknown: 0, isEstimate: false })).toBe(0)
    expect(shadeOf({ start: 0, end: 100, bytes: 100, unknown: 0, isEstimate: false })).toBe(4)
    expect(touchedColumns([{ start: 999, end: 1000 }], { start: 0, end: 1_000_000 }, 600)).toEqual([[0, 1]])
  })
})

describe('a comparison of two maps', () => {
  it('accounts for each byte of both, once', () => {
    fc.assert(
      fc.property(areasOf(capacity), areasOf(capacity), (one, other) => {
        const { both, onlyFirst, onlySecond } = compareMaps(mapOf(one), mapOf(other))
        expect(lengthOf(both) + lengthOf(onlyFirst)).toBe(lengthOfAreas(one))
        expect(lengthOf(both) + lengthOf(onlySecond)).toBe(lengthOfAreas(other))
        expect(intersectRanges(onlyFirst, onlySecond)).toEqual([])
      }),
      { seed, numRuns: 100 },
    )
  })

  it('leaves out what is loaded of only one', () => {
    const page = mapOf([{ start: 0, length: 100 }], { known: [{ start: 0, end: 100 }] })
    const { both, onlySecond, compared } = compareMaps(page, mapOf([{ start: 50, length: 500 }]))
    expect(compared).toEqual([{ start: 0, end: 100 }])
    expect(both).toEqual([{ start: 50, end: 100 }])
    expect(onlySecond).toEqual([])
  })

  it('needs areas, and the same size of the disk', () => {
    const slices = mapOf([], { known: [], density: [1, 2] })
    expect(comparisonObstacle(slices, mapOf([]))).toMatch(/select nodes/)
    expect(comparisonObstacle(mapOf([], { capacity: 5 }), mapOf([]))).toMatch(/another size/)
    expect(comparisonObstacle(mapOf([]), mapOf([]))).toBeUndefined()
  })
})

describe('a position', () => {
  const gib = 2 ** 30
  const disk = { capacity: 40 * gib, known: [{ start: 0, end: 40 * gib }] }
  const prepared = prepareMap(mapOf([{ start: gib, length: 65_536 }], disk))

  it('is described by its only area, with offset, length and share', () => {
    expect(describeSpot(prepared, { start: gib - 10, end: gib + 10 })).toBe(
      '1 area: start 1 GiB (1,073,741,824 bytes), length 64 KiB (65,536 bytes), share < 0.01 % of the disk',
    )
  })

  it('is described by the gap that it is in', () => {
    expect(describeSpot(prepared, { start: 5, end: 10 })).toBe('nothing in use from 0 B to 1 GiB (1 GiB)')
    expect(describeSpot(prepared, { start: 2 * gib, end: 3 * gib })).toMatch(
      /^nothing in use from 1 GiB to 40 GiB/,
    )
  })

  it('counts several areas', () => {
    const many = prepareMap(
      mapOf(
        [
          { start: 0, length: 10 },
          { start: 20, length: 10 },
        ],
        disk,
      ),
    )
    expect(describeSpot(many, { start: 0, end: 25 })).toMatch(
      /^2 areas within 25 B: start 0 B \(0 bytes\), length 15 B together \(60 %\), share < 0.01 % of the disk$/,
    )
  })

  it('is described by its slice, or as not loaded', () => {
    const slices = { ...disk, known: [], density: [gib, 0, 0, 0] }
    expect(describeSpot(prepareMap(mapOf([], slices)), { start: gib, end: gib + 1 })).toMatch(
      /^slice from 0 B to 10 GiB: 1 GiB \(10 % of the slice/,
    )
    const nothing = prepareMap(mapOf([], { ...disk, known: [] }))
    expect(describeSpot(nothing, { start: gib, end: gib + 1 })).toBe('not loaded')
  })
})

describe('a summary', () => {
  it('is of the whole disk if the response has the totals', () => {
    const page = {
      known: [{ start: 0, end: 10 }],
      totalLength: 500_000,
      totalCount: 1200,
      meaning: 'changed' as const,
    }
    expect(summaryOf(mapOf([{ start: 0, length: 10 }], page))).toBe(
      '488.3 KiB of 976.6 KiB changed (50 %), 1,200 areas, 1 area loaded',
    )
  })

  it('is a lower bound if there may be more', () => {
    const page = { known: [{ start: 0, end: 1024 }] }
    expect(summaryOf(mapOf([{ start: 0, length: 1024 }], page))).toBe(
      'at least 1 KiB of 976.6 KiB in use (0.1 %), 1 area loaded, there may be more',
    )
  })

  it('is exact if all areas are loaded', () => {
    expect(summaryOf(mapOf([]))).toBe('0 B of 976.6 KiB in use (0 %), 0 areas')
  })
})

describe('the view', () => {
  const start = wholeDisk(capacity)

  it('stays on the disk, and keeps the position where it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -10, max: capacity + 10 }),
        fc.array(fc.constantFrom(0.25, 4), { maxLength: 12 }),
        (offset, factors) => {
          let viewport = moveTo(start, offset, capacity)
          for (const factor of factors) {
            viewport = zoom(viewport, factor, capacity)
            const { view, offset: at } = viewport
            expect(view.start).toBeGreaterThanOrEqual(0)
            expect(view.end).toBeLessThanOrEqual(capacity)
            expect(view.end).toBeGreaterThan(view.start)
            expect(at).toBeGreaterThanOrEqual(view.start)
            expect(at).toBeLessThanOrEqual(view.end)
          }
        },
      ),
      { seed, numRuns: 100 },
    )
  })

  it('moves from area to area, and in steps where there is none', () => {
    const areas = [
      { start: 100, length: 50 },
      { start: 400, length: 100 },
    ]
    expect(nextStop(areas, 0, 1, 7)).toBe(100)
    expect(nextStop(areas, 100, 1, 7)).toBe(400)
    expect(nextStop(areas, 400, 1, 7)).toBe(407)
    expect(nextStop(areas, 450, -1, 7)).toBe(400)
    expect(nextStop(areas, 400, -1, 7)).toBe(100)
    expect(nextStop(areas, 100, -1, 7)).toBe(93)
  })

  it('has round ticks in one unit', () => {
    expect(ticksOf({ start: 0, end: 40 * 2 ** 30 }, 4).map(({ label }) => label)).toEqual([
      '0 GiB',
      '10 GiB',
      '20 GiB',
      '30 GiB',
      '40 GiB',
    ])
    expect(ticksOf({ start: 0, end: 2 ** 41 }, 4).map(({ label }) => label)).toEqual([
      '0.0 TiB',
      '0.5 TiB',
      '1.0 TiB',
      '1.5 TiB',
      '2.0 TiB',
    ])
    // Zoomed in, offsets of the disk differ in their small digits.
    expect(
      ticksOf({ start: 2 ** 40, end: 2 ** 40 + 2 ** 30 }, 4).every(({ label }) => label.endsWith('MiB')),
    ).toBe(true)
    expect(ticksOf({ start: 0, end: 4096 }, 4).every(({ label }) => label.endsWith('KiB'))).toBe(true)
  })

  it('has shares that are not rounded to nothing', () => {
    expect([
      formatShare(1, 1e9),
      formatShare(5, 1000),
      formatShare(1, 3),
      formatShare(0, 5),
      formatShare(1, 0),
    ]).toEqual(['< 0.01 %', '0.5 %', '33.3 %', '0 %', '–'])
  })
})
