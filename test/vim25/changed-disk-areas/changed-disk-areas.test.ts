// Tests windows of changed areas: their union is exactly what the server reported, and a response that does
// not prove its coverage is an error.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Area,
  type AreaWindow,
  CoverageError,
  changedDiskWindows,
  type DiskChangeInfo,
  mergeAreas,
} from '../../../src/vim25/changed-disk-areas/changed-disk-areas.ts'
import { connect, vmRef } from '../connect.ts'

type Reply = DiskChangeInfo

async function all(windows: AsyncIterable<AreaWindow>): Promise<AreaWindow[]> {
  const found: AreaWindow[] = []
  for await (const window of windows) found.push(window)
  return found
}

const bytesOf = (areas: readonly Area[], capacity: number): Uint8Array => {
  const bytes = new Uint8Array(capacity)
  for (const { start, length } of areas) bytes.fill(1, start, Math.min(capacity, start + length))
  return bytes
}

/** A disk in windows. The areas of each window start inside it and may extend any distance past its end. */
const disks = fc
  .array(
    fc.record({
      length: fc.integer({ min: 1, max: 40 }),
      areas: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 60 })), { maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .chain((windows) => {
    const total = windows.reduce((sum, { length }) => sum + length, 0)
    const last = windows.at(-1)?.length ?? 1
    // The last window may extend past the end of the disk.
    return fc.record({
      windows: fc.constant(windows),
      capacity: fc.integer({ min: total - last + 1, max: total }),
    })
  })
  .map(({ windows, capacity }) => {
    let startOffset = 0
    const replies = new Map<number, Reply>()
    for (const { length, areas } of windows) {
      const inside = Math.min(length, capacity - startOffset)
      const changedArea = areas.map(([at, size]) => ({ start: startOffset + (at % inside), length: size }))
      replies.set(startOffset, { startOffset, length, ...(changedArea.length > 0 && { changedArea }) })
      startOffset += length
    }
    return { replies, capacity }
  })

describe('the windows of a disk', () => {
  it('together contain exactly what was reported, in any order and with any overlaps, and are contiguous to the end', async () => {
    await fc.assert(
      fc.asyncProperty(disks, async ({ replies, capacity }) => {
        const requested: number[] = []
        const windows = await all(
          changedDiskWindows(async (offset) => {
            requested.push(offset)
            return replies.get(offset) as Reply
          }, capacity),
        )
        expect(requested).toEqual([...replies.keys()])
        expect(requested.every((offset) => offset < capacity)).toBe(true)
        let covered = 0
        for (const { startOffset, nextOffset, areas } of windows) {
          expect(startOffset).toBe(covered)
          covered = nextOffset
          let end = -1
          for (const { start, length } of areas) {
            expect(start).toBeGreaterThan(end)
            expect(start).toBeGreaterThanOrEqual(startOffset)
            expect(start).toBeLessThan(nextOffset)
            expect(length).toBeGreaterThan(0)
            end = start + length
            expect(end).toBeLessThanOrEqual(capacity)
          }
        }
        expect(covered).toBe(capacity)
        const reported = [...replies.values()].flatMap(({ changedArea }) => changedArea ?? []) as Area[]
        const found = bytesOf(
          windows.flatMap(({ areas }) => areas),
          capacity,
        )
        expect(Buffer.compare(found, bytesOf(reported, capacity))).toBe(0)
      }),
      { seed: 1, numRuns: 1000 },
    )
  })

  it('are not requested at or past the capacity', async () => {
    const never = () => Promise.reject(new Error('it was requested'))
    expect(await all(changedDiskWindows(never, 0))).toEqual([])
    expect(await all(changedDiskWindows(never, 100, 100))).toEqual([])
    expect(await all(changedDiskWindows(never, 100, 101))).toEqual([])
  })

  it('are requested one at a time, when they are consumed, and no more when the consumer stops', async () => {
    const requested: number[] = []
    const windows = changedDiskWindows(async (startOffset) => {
      requested.push(startOffset)
      return { startOffset, length: 10 }
    }, 1000)
    await new Promise(setImmediate)
    expect(requested).toEqual([])
    await windows.next()
    await new Promise(setImmediate)
    expect(requested).toEqual([0])
    await windows.next()
    await windows.return(undefined)
    expect((await windows.next()).done).toBe(true)
    expect(requested).toEqual([0, 10])
  })

  describe('prefetched windows', () => {
    /** Responses whose start and contents are delivered when the test says so. */
    function slow() {
      const requested: number[] = []
      const place = new Map<number, () => void>()
      const arrive = new Map<number, (reply?: Partial<Reply>) => void>()
      const fail = new Map<number, (error: Error) => void>()
      const windows = changedDiskWindows(
        (startOffset, onPlace) =>
          new Promise((resolve, reject) => {
            requested.push(startOffset)
            place.set(startOffset, () => onPlace({ startOffset, length: 10 }))
            arrive.set(startOffset, (reply) => resolve({ startOffset, length: 10, ...reply }))
            fail.set(startOffset, reject)
          }),
        40,
        0,
        true,
      )
      return { requested, place, arrive, fail, windows }
    }
    const now = (calls: Map<number, () => void>, offset: number) => calls.get(offset)?.()

    it('are requested one ahead of the arriving window, as soon as that one reports where it ends', async () => {
      const { requested, place, arrive, windows } = slow()
      const first = windows.next()
      expect(requested).toEqual([0])
      now(place, 0)
      expect(requested).toEqual([0, 10])
      // The window after the next one is not needed yet, although it could be requested.
      now(place, 10)
      arrive.get(10)?.()
      now(arrive as Map<number, () => void>, 0)
      expect((await first).value).toEqual({ startOffset: 0, nextOffset: 10, areas: [] })
      await new Promise(setImmediate)
      expect(requested).toEqual([0, 10])
      const second = windows.next()
      expect((await second).value).toMatchObject({ startOffset: 10, nextOffset: 20 })
      expect(requested).toEqual([0, 10, 20])
    })

    it('are requested once, and never at the capacity', async () => {
      const { requested, place, arrive, windows } = slow()
      for (const offset of [0, 10, 20, 30]) {
        const next = windows.next()
        now(place, offset)
        arrive.get(offset)?.()
        expect((await next).value).toMatchObject({ startOffset: offset })
      }
      expect((await windows.next()).done).toBe(true)
      expect(requested).toEqual([0, 10, 20, 30])
    })

    it('fail when they are consumed, and not before', async () => {
      const { place, arrive, fail, windows } = slow()
      const first = windows.next()
      now(place, 0)
      fail.get(10)?.(new Error('failed'))
      arrive.get(0)?.()
      expect((await first).value).toMatchObject({ startOffset: 0 })
      await expect(windows.next()).rejects.toThrow('failed')
    })

    it('are not requested after a window other than the requested one', async () => {
      const requested: number[] = []
      const windows = changedDiskWindows(
        async (startOffset, onPlace) => {
          requested.push(startOffset)
          onPlace({ startOffset: 5, length: 10 })
          throw new Error('onPlace did not throw')
        },
        40,
        0,
        true,
      )
      await expect(windows.next()).rejects.toThrow(CoverageError)
      expect(requested).toEqual([0])
    })
  })

  it('start at the requested offset', async () => {
    const [first] = await all(
      changedDiskWindows(async (startOffset) => ({ startOffset, length: 100 }), 100, 64),
    )
    expect(first).toEqual({ startOffset: 64, nextOffset: 100, areas: [] })
  })

  it('represent areas of petabytes exactly', async () => {
    const capacity = 2 ** 50 + 1
    const windows = await all(
      changedDiskWindows(
        async (startOffset) => ({
          startOffset,
          length: capacity,
          changedArea: [{ start: 2 ** 50, length: 65536 }],
        }),
        capacity,
      ),
    )
    expect(windows).toEqual([
      { startOffset: 0, nextOffset: capacity, areas: [{ start: 2 ** 50, length: 1 }] },
    ])
  })
})

describe('a response that does not prove its coverage', () => {
  const after: Record<string, Partial<Reply>> = {
    'begins elsewhere': { startOffset: 11 },
    'begins at the beginning again': { startOffset: 0 },
    'begins at an offset beyond exact numbers': { startOffset: 2n ** 60n },
    'does not advance': { length: 0 },
    'goes back': { length: -10 },
    'is longer than exact numbers': { length: 2n ** 60n },
    'extends past exact numbers': { length: Number.MAX_SAFE_INTEGER },
    'has no length': { length: undefined as never },
    'has no offset': { startOffset: undefined as never },
    'has an area before its window': { changedArea: [{ start: 9, length: 1 }] },
    'has an area that reaches into its window from before': { changedArea: [{ start: 5, length: 10 }] },
    'has an area past its window': { changedArea: [{ start: 20, length: 1 }] },
    'has an area past the disk': { length: 500, changedArea: [{ start: 100, length: 1 }] },
    'has an empty area': { changedArea: [{ start: 10, length: 0 }] },
    'has an area of negative length': { changedArea: [{ start: 12, length: -1 }] },
    'has an area beyond exact numbers': { changedArea: [{ start: 2n ** 60n, length: 1 }] },
    'has an area longer than exact numbers': { changedArea: [{ start: 10, length: 2n ** 60n }] },
    'has an area without a start': { changedArea: [{ start: undefined as never, length: 1 }] },
    'has an area without a length': { changedArea: [{ start: 10, length: undefined as never }] },
    'has a bad area after good ones': {
      changedArea: [
        { start: 10, length: 1 },
        { start: 14, length: 1 },
        { start: 3, length: 1 },
      ],
    },
  }

  it.each(Object.keys(after))('is an error, and no request follows it, when it %s', async (lie) => {
    const requested: number[] = []
    const windows = changedDiskWindows(async (startOffset) => {
      requested.push(startOffset)
      return startOffset === 0
        ? { startOffset: 0, length: 10 }
        : { startOffset: 10, length: 10, ...after[lie] }
    }, 100)
    await windows.next()
    await expect(windows.next()).rejects.toThrow(CoverageError)
    expect((await windows.next()).done).toBe(true)
    expect(requested).toEqual([0, 10])
  })

  it.each([1, 512, 65_535])(
    'is an error after 1000 windows of %i bytes, smaller than a grain',
    async (length) => {
      let requested = 0
      const windows = changedDiskWindows(async (startOffset) => {
        requested += 1
        return { startOffset, length, changedArea: [{ start: startOffset, length: 1 }] }
      }, 2 ** 40)
      await expect(all(windows)).rejects.toThrow(CoverageError)
      expect(requested).toBe(1_000)
    },
  )

  it('is not an error for any number of windows that hold a grain each', async () => {
    const length = 65_536
    const windows = changedDiskWindows(async (startOffset) => ({ startOffset, length }), 5_000 * length)
    expect(await all(windows)).toHaveLength(5_000)
  })

  it('is distinct from a fault, which is passed on', async () => {
    const fault = new Error('FileFault')
    await expect(changedDiskWindows(() => Promise.reject(fault), 100).next()).rejects.toBe(fault)
  })
})

describe('merging areas', () => {
  it('joins overlapping and adjacent areas, drops areas past the end, and does not modify its input', () => {
    const areas = Object.freeze([
      { start: 30, length: 10 },
      { start: 0, length: 5 },
      { start: 5, length: 5 },
      { start: 2, length: 1 },
      { start: 39, length: 20 },
      { start: 60, length: 3 },
    ])
    expect(mergeAreas(areas, 50)).toEqual([
      { start: 0, length: 10 },
      { start: 30, length: 20 },
    ])
  })
})

describe('compared with the write history of the simulator', () => {
  it('reads a disk exactly, in windows some of which are empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
            fc.integer({ min: 1, max: 5_000_000 }),
          ),
          {
            minLength: 1,
            maxLength: 60,
          },
        ),
        fc.integer({ min: 1, max: 20 }),
        async (writes, areasPerWindow) => {
          const { simulator, session, clock } = connect({ tasks: { queuedMs: 0, durationMs: 0 } })
          simulator.inventory.settings.guestsWrite = false
          simulator.inventory.settings.areasPerWindow = areasPerWindow
          simulator.inventory.settings.irregularWindows = 0.5
          const vm = vmRef(simulator, 'web-01')
          const disk = simulator.inventory.disk('web-01', 2000)
          const snapshot = async (name: string) => {
            await session.withLogin((login) =>
              login.call('CreateSnapshot_Task', vm, { name, memory: false, quiesce: false }, {}),
            )
            clock.advance(1000)
            const info = simulator.inventory.vm('web-01').get('snapshot') as { currentSnapshot: typeof vm }
            return info.currentSnapshot
          }
          await snapshot('before')
          const since = await snapshot('since')
          const config = simulator.objects.find(since)?.get('config') as {
            hardware: { device: { key: number; backing?: { changeId?: string } }[] }
          }
          const changeId = config.hardware.device.find(({ key }) => key === 2000)?.backing?.changeId as string
          for (const [at, length] of writes) {
            const offset = Math.floor(at * disk.capacity)
            disk.write(offset, Math.min(length, disk.capacity - offset))
          }
          const until = await snapshot('until')
          const windows = await all(
            changedDiskWindows(
              (startOffset) =>
                session.withLogin((login) =>
                  login.call(
                    'QueryChangedDiskAreas',
                    vm,
                    { snapshot: until, deviceKey: 2000, startOffset, changeId },
                    {},
                  ),
                ),
              disk.capacity,
            ),
          )
          const reported = mergeAreas(
            windows.flatMap(({ areas }) => areas),
            disk.capacity,
          )
          const written = disk.areas({ snapshot: since }, { snapshot: until })
          expect(reported).toEqual(
            mergeAreas(
              written.map(({ start, end }) => ({ start, length: end - start })),
              disk.capacity,
            ),
          )
          await session.close()
          expect(simulator.live.sessions).toBe(0)
        },
      ),
      { seed: 1, numRuns: 25 },
    )
  })
})
