// Tests scans over windows that the test supplies: what their consumers get, and when they stop requesting
// windows.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AreaScans } from '../../../src/schema/changed-areas/area-scans.ts'
import type { Area, AreaWindow } from '../../../src/vim25/changed-disk-areas/changed-disk-areas.ts'
import { closed } from './changed-areas-fixture.ts'

const TiB = 1024 ** 4

/**
 * Windows of these areas, split at these offsets. `requested` records where each pass started and how many
 * windows it consumed.
 */
function windowsOf(areas: readonly Area[], capacity: number, cuts: readonly number[]) {
  const requested: { from: number; windows: number }[] = []
  async function* windows(from: number): AsyncGenerator<AreaWindow> {
    const pass = { from, windows: 0 }
    requested.push(pass)
    let startOffset = from
    for (const nextOffset of [...cuts.filter((cut) => cut > from && cut < capacity), capacity]) {
      if (startOffset >= capacity) return
      pass.windows += 1
      yield {
        startOffset,
        nextOffset,
        areas: areas.flatMap(({ start, length }) => {
          const begin = Math.max(start, startOffset)
          const end = Math.min(start + length, nextOffset)
          return end > begin ? [{ start: begin, length: end - begin }] : []
        }),
      }
      startOffset = nextOffset
    }
  }
  return { windows, requested }
}

function scanOf(areas: readonly Area[], capacity: number, cuts: readonly number[] = [], gap = 0) {
  const { windows, requested } = windowsOf(areas, capacity, cuts)
  return { scan: new AreaScans().scan('key', { windows }, capacity, gap), requested }
}

/** Disjoint, non-adjacent areas within a capacity. */
const disks = fc
  .record({
    capacity: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 62 * TiB })),
    edges: fc.uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
    cuts: fc.uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 10 }),
  })
  .map(({ capacity, edges, cuts }) => {
    const at = (shares: number[]) =>
      [...new Set(shares.map((share) => Math.floor(share * capacity)))].sort((a, b) => a - b)
    const points = at(edges)
    const areas: Area[] = []
    for (let each = 0; each + 1 < points.length; each += 2) {
      const start = points[each] as number
      areas.push({ start, length: (points[each + 1] as number) - start })
    }
    return { capacity, areas, cuts: at(cuts) }
  })

describe('a scan', () => {
  test('counts each area once, wherever the windows split it', async () => {
    await fc.assert(
      fc.asyncProperty(disks, async ({ capacity, areas, cuts }) => {
        const { scan, requested } = scanOf(areas, capacity, cuts)
        const [totals, page] = await Promise.all([scan.totals(), scan.page(0, 10_000)])
        expect(page).toEqual({ areas, hasNextPage: false })
        expect(totals).toEqual({
          count: areas.length,
          length: areas.reduce((sum, { length }) => sum + length, 0),
        })
        expect(requested).toHaveLength(1)
      }),
      { seed: 11, numRuns: 300 },
    )
  })

  test('returns the areas after any offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        disks,
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        async ({ capacity, areas, cuts }, where, size) => {
          const { scan } = scanOf(areas, capacity, cuts)
          const from = where % (capacity + 1)
          const behind = areas.flatMap(({ start, length }) => {
            const begin = Math.max(start, from)
            return start + length > begin ? [{ start: begin, length: start + length - begin }] : []
          })
          const page = await scan.page(from, size)
          // A page may leave one area to the next page when a window ends with that area.
          expect(page.areas).toEqual(behind.slice(0, page.areas.length))
          const least = page.hasNextPage ? Math.max(1, size - 1) : Math.min(size, behind.length)
          expect(page.areas.length).toBeGreaterThanOrEqual(least)
          expect(page.areas.length).toBeLessThanOrEqual(size)
          if (!page.hasNextPage) expect(page.areas).toHaveLength(behind.length)
        },
      ),
      { seed: 12, numRuns: 300 },
    )
  })

  test('merges areas with at most the gap between them, wherever windows and pages end, consistently in all results', async () => {
    await fc.assert(
      fc.asyncProperty(
        disks,
        fc.oneof(fc.nat(5000), fc.double({ min: 0, max: 1.1, noNaN: true })),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        async ({ capacity, areas, cuts }, bytesOrShare, sizes, buckets) => {
          const gap = Number.isInteger(bytesOrShare) ? bytesOrShare : Math.floor(bytesOrShare * capacity)
          const expected = closed(areas, gap)
          const { scan } = scanOf(areas, capacity, cuts, gap)
          const paged: Area[] = []
          for (let from = 0, turn = 0, more = true; more; turn += 1) {
            const page = await scan.page(from, sizes[turn % sizes.length] as number)
            paged.push(...page.areas)
            const last = page.areas.at(-1)
            more = page.hasNextPage
            if (more && !last) throw new Error('a page that has a next one gives no cursor')
            from = last ? last.start + last.length : capacity
          }
          expect(paged).toEqual(expected)
          const length = expected.reduce((sum, each) => sum + each.length, 0)
          expect(await scan.totals()).toEqual({ count: expected.length, length })
          expect((await scan.density(buckets)).reduce((sum, bytes) => sum + bytes, 0)).toBe(length)
          for (const { start, length } of expected.slice(0, 5)) {
            const behind = expected.filter((each) => each.start > start)
            expect((await scan.page(start + length, 10_000)).areas).toEqual(behind)
          }
        },
      ),
      { seed: 14, numRuns: 1000 },
    )
  })

  test('confirms its state before it returns a result, and returns no unconfirmed page', async () => {
    const areas = [10, 30, 50, 70].map((start) => ({ start, length: 1 }))
    const { windows } = windowsOf(areas, 100, [20, 40, 60])
    let confirmed = 0
    const confirm = async () => {
      confirmed += 1
    }
    const scan = new AreaScans().scan('key', { windows, confirm }, 100)
    await Promise.all([scan.page(0, 2), scan.page(0, 2), scan.totals(), scan.density(2)])
    expect(confirmed).toBe(2)
    const failConfirmation = async () => {
      throw new Error('it has moved')
    }
    const moving = new AreaScans().scan('key', { windows, confirm: failConfirmation }, 100)
    const given = await Promise.allSettled([moving.page(0, 2), moving.page(60, 1), moving.totals()])
    expect(given.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  })

  test('returns a page that is one area short rather than query where its last area ends, but never one without a cursor', async () => {
    const areas = [0, 20, 40, 60, 80].map((start) => ({ start, length: 10 }))
    const { scan, requested } = scanOf(areas, 100, [50])
    expect(await scan.page(0, 3)).toEqual({ areas: areas.slice(0, 2), hasNextPage: true })
    expect(requested.at(-1)).toEqual({ from: 0, windows: 1 })
    expect(await scan.page(30, 1)).toEqual({ areas: [areas[2]], hasNextPage: true })
    expect(requested.at(-1)).toEqual({ from: 30, windows: 2 })
    expect(await scan.page(0, 2)).toEqual({ areas: areas.slice(0, 2), hasNextPage: true })
  })

  test('of a disk of zero bytes has no areas and is complete', async () => {
    const { scan } = scanOf([], 0)
    expect(await scan.page(0, 10)).toEqual({ areas: [], hasNextPage: false })
    expect(await scan.totals()).toEqual({ count: 0, length: 0 })
    expect(await scan.density(3)).toEqual([0, 0, 0])
  })

  test('whose windows end before the disk ends is an error and does not hang', async () => {
    const scan = new AreaScans().scan('key', { async *windows() {} }, 100)
    await expect(scan.totals()).rejects.toThrow('the areas end at offset 0, before the capacity of 100 bytes')
    await expect(scan.page(50, 1)).rejects.toMatchObject({ name: 'CoverageError' })
  })

  test('skips to the next needed offset when no consumer needs the earlier ones', async () => {
    const areas = [10, 30, 50, 70, 90].map((start) => ({ start, length: 1 }))
    const { scan, requested } = scanOf(areas, 100, [20, 40, 60, 80])
    const [near, far] = await Promise.all([scan.page(0, 1), scan.page(85, 1)])
    expect([near.areas, far.areas]).toEqual([[areas[0]], [areas[4]]])
    expect(requested).toEqual([
      { from: 0, windows: 1 },
      { from: 85, windows: 1 },
    ])
  })

  test('is shared for one key and separate for another', () => {
    const scans = new AreaScans()
    const source = { async *windows() {} }
    expect(scans.scan('a', source, 1)).toBe(scans.scan('a', source, 1))
    expect(scans.scan('a', source, 1)).not.toBe(scans.scan('b', source, 1))
  })
})

describe('a density', () => {
  test('adds up to the total length, and no slice exceeds its own bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        disks,
        fc.integer({ min: 1, max: 4096 }),
        async ({ capacity, areas, cuts }, buckets) => {
          const { scan } = scanOf(areas, capacity, cuts)
          const density = await scan.density(buckets)
          expect(density).toHaveLength(buckets)
          expect(density.reduce((sum, bytes) => sum + bytes, 0)).toBe((await scan.totals()).length)
          const bound = (index: number) => Number((BigInt(index) * BigInt(capacity)) / BigInt(buckets))
          density.forEach((bytes, index) => {
            const [from, to] = [bound(index), bound(index + 1)]
            const exact = areas.reduce(
              (sum, { start, length }) =>
                sum + Math.max(0, Math.min(to, start + length) - Math.max(from, start)),
              0,
            )
            if (bytes !== exact) throw new Error(`slice ${index} has ${bytes}, not ${exact}`)
          })
        },
      ),
      { seed: 13, numRuns: 100 },
    )
  })

  test('of 4096 slices on a disk of 100 bytes reports each byte in a slice of its own', async () => {
    const { scan } = scanOf([{ start: 0, length: 100 }], 100)
    const density = await scan.density(4096)
    expect(density.filter((bytes) => bytes === 1)).toHaveLength(100)
    expect(density.filter((bytes) => bytes === 0)).toHaveLength(3996)
  })

  test('of a full disk of 62 TB is exact', async () => {
    const capacity = 62 * TiB
    const { scan } = scanOf([{ start: 0, length: capacity }], capacity, [TiB, 40 * TiB])
    for (const buckets of [1, 3, 64, 4095, 4096]) {
      const density = await scan.density(buckets)
      expect(density.reduce((sum, bytes) => sum + BigInt(bytes), 0n)).toBe(BigInt(capacity))
      expect(Math.max(...density) - Math.min(...density)).toBeLessThanOrEqual(1)
    }
  })
})
