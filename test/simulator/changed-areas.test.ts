// Checks QueryChangedDiskAreas against the write history: the windows together return exactly the written bytes.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { grainOf } from '../../src/simulator/disk/ranges.ts'
import { WriteHistory } from '../../src/simulator/disk/write-history.ts'
import type { PointInTime } from '../../src/simulator/virtual-machine/disk-record.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { cpuMsSince } from '../cpu-time.ts'
import { createModel, faultOf, type Model } from './write-model.ts'

const KiB = 1024
const GiB = 1024 ** 3

interface Query {
  readonly vm: ManagedObjectReference
  readonly snapshot?: ManagedObjectReference
  readonly deviceKey?: number
  readonly changeId: string
}

const execute = (model: Model, { vm, snapshot, deviceKey = 2000, changeId }: Query, startOffset = 0) =>
  model.call('QueryChangedDiskAreas', vm, {
    snapshot,
    deviceKey,
    startOffset,
    changeId,
  }) as DataObject<'DiskChangeInfo'>

/** All windows of a disk, each checked for the properties that a client relies on. */
function queryAllWindows(
  model: Model,
  query: Query,
  capacity: number,
): { windows: DataObject<'DiskChangeInfo'>[]; areas: [number, number][] } {
  const windows: DataObject<'DiskChangeInfo'>[] = []
  const areas: [number, number][] = []
  for (let offset = 0; offset < capacity; ) {
    const window = execute(model, query, offset)
    const end = Number(window.startOffset) + Number(window.length)
    expect(window.startOffset).toBe(offset)
    expect(end).toBeGreaterThan(offset)
    expect(end).toBeLessThanOrEqual(capacity)
    for (const area of window.changedArea ?? []) {
      const start = Number(area.start)
      const areaEnd = start + Number(area.length)
      expect(start).toBeGreaterThanOrEqual(offset)
      expect(start).toBeLessThan(end)
      if (end < capacity) expect(areaEnd).toBeLessThanOrEqual(end)
      const last = areas.at(-1)
      if (last?.[1] === start) last[1] = areaEnd
      else areas.push([start, areaEnd])
    }
    windows.push(window)
    offset = end
  }
  return { windows, areas }
}

/** The expected areas, from plain sets of grains instead of the write history's own merging. */
function grainsWritten(
  model: Model,
  vm: string,
  since: PointInTime | 'beginning',
  until: PointInTime,
  deviceKey = 2000,
): Set<number> {
  const { grain, ...record } = model.inventory.disk(vm, deviceKey)
  const grains = new Set<number>()
  for (const { offset, length } of record.writes(since, until)) {
    for (let each = Math.floor(offset / grain); each * grain < offset + length; each += 1) grains.add(each)
  }
  return grains
}

function grainsOf(areas: readonly (readonly [number, number])[], grain: number): Set<number> {
  const grains = new Set<number>()
  for (const [start, end] of areas) {
    expect([start % grain, end % grain]).toEqual([0, 0])
    for (let each = start / grain; each * grain < end; each += 1) grains.add(each)
  }
  return grains
}

describe('the write history', () => {
  const capacity = 64 * KiB * 50 + 1536
  const writes = fc.array(
    fc.record({
      offset: fc.nat(capacity - 1),
      length: fc.integer({ min: 1, max: 300 * KiB }),
      back: fc.nat(9),
    }),
    { maxLength: 40 },
  )

  test('returns the same bytes between any two points as a plain array', () => {
    fc.assert(
      fc.property(writes, fc.nat(), fc.nat(), (history, a, b) => {
        const book = new WriteHistory(capacity)
        const points = [book.now]
        const bytes: { start: number; end: number }[][] = [[]]
        for (const { offset, length } of history) {
          const end = Math.min(capacity, offset + length)
          book.record(offset, end - offset, 0)
          points.push(book.now)
          bytes.push([...(bytes.at(-1) ?? []), { start: offset, end }])
        }
        const [from, to] = [a % points.length, b % points.length].sort((x, y) => x - y) as [number, number]
        const expected = new Uint8Array(capacity)
        for (const { start, end } of bytes[to]?.slice(from) ?? []) expected.fill(1, start, end)
        const reported = new Uint8Array(capacity)
        for (const { start, end } of book.ranges(points[from], points[to] as never)) {
          expect(reported.indexOf(1, start)).toBe(-1)
          reported.fill(1, start, end)
        }
        expect(Buffer.compare(reported, expected)).toBe(0)
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  test('forgets exactly the later writes when it is reverted', () => {
    const book = new WriteHistory(GiB)
    book.record(0, 100, 0)
    const point = book.now
    book.record(500, 100, 0)
    const other = book.now
    book.revertTo(point)
    book.record(900, 100, 0)
    expect(book.ranges(undefined, book.now)).toEqual([
      { start: 0, end: 100 },
      { start: 900, end: 1000 },
    ])
    expect(book.ranges(point, other)).toEqual([{ start: 500, end: 600 }])
    expect(() => book.ranges(other, book.now)).toThrow(RangeError)
  })

  test('rejects writes beyond the disk', () => {
    const book = new WriteHistory(1024)
    for (const [offset, length] of [
      [-1, 1],
      [0, 0],
      [1000, 25],
      [0.5, 1],
    ] as const) {
      expect(() => book.record(offset, length, 0)).toThrow(RangeError)
    }
  })

  test('has a grain of 64 KiB that grows with the disk', () => {
    expect([GiB, 128 * GiB, 128 * GiB + 1, 2048 * GiB].map((size) => grainOf(size) / KiB)).toEqual([
      64, 64, 128, 1024,
    ])
  })
})

describe('a guest', () => {
  test('makes the same writes over time, however often it is read', () => {
    const writesAfter = (times: number) => {
      const model = createModel()
      for (let index = 0; index < times; index += 1) {
        model.clock.advance(600_000 / times)
        model.inventory.disk('web-01', 2000).writes('beginning', 'now')
      }
      return model.inventory.disk('web-01', 2000).writes('beginning', 'now')
    }
    expect(writesAfter(1).length).toBeGreaterThan(
      writesAfter(1).filter(({ time }) => time < Date.parse('2026-01-05T08:00Z')).length,
    )
    expect(writesAfter(125)).toEqual(writesAfter(1))
  })

  test('writes only while its machine is powered on, within its disk', () => {
    const model = createModel()
    const disk = model.inventory.disk('mail-01', 2000)
    const before = disk.writes('beginning', 'now').length
    model.clock.advance(3_600_000)
    expect(disk.writes('beginning', 'now')).toHaveLength(before)
    model.run('PowerOnVM_Task', model.vm('mail-01'), {})
    model.clock.advance(3_600_000)
    const writes = disk.writes('beginning', 'now')
    expect(writes.length).toBeGreaterThan(before + 700)
    expect(writes.every(({ offset, length }) => offset >= 0 && offset + length <= disk.capacity)).toBe(true)
  })

  test('catches up on a year quickly', () => {
    const model = createModel()
    model.clock.advance(365 * 24 * 3_600_000)
    const start = process.cpuUsage()
    model.snapshot(model.vm('web-01'))
    expect(cpuMsSince(start)).toBeLessThan(10_000)
  })
})

describe('QueryChangedDiskAreas', () => {
  test('returns the write history for any writes, snapshots and reverts, between every pair of points', () => {
    const capacity = 10 * GiB
    const write = fc.record({
      offset: fc.nat(capacity - 1),
      length: fc.integer({ min: 1, max: 3 * 1024 * KiB }),
    })
    const step = fc.oneof(
      { weight: 6, arbitrary: write },
      { weight: 3, arbitrary: fc.constantFrom('snapshot' as const, 'time' as const) },
      { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('remove', 'revert'), which: fc.nat(9) }) },
    )
    const settings = fc.record({
      areasPerWindow: fc.integer({ min: 1, max: 6 }),
      irregularWindows: fc.constantFrom(0, 0.25, 0.9),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), settings, (steps, chosen) => {
        const model = createModel({ vms: 6, settings: chosen })
        const vm = model.vm('a%2fb')
        const disk = model.inventory.disk('a%2fb', 2000)
        const changeIds = new Set<string>()
        let snapshots: ManagedObjectReference[] = []
        for (const each of [...steps, 'snapshot' as const]) {
          if (each === 'time') model.clock.advance(17_000)
          else if (each === 'snapshot') {
            if (snapshots.length < 8) snapshots.push(model.snapshot(vm))
            for (const snapshot of snapshots) changeIds.add(model.changeId(snapshot) as string)
          } else if ('offset' in each) disk.write(each.offset, Math.min(each.length, capacity - each.offset))
          else {
            const found = snapshots[each.which % Math.max(1, snapshots.length)]
            if (!found) continue
            if (each.act === 'revert') model.run('RevertToSnapshot_Task', found, {})
            else model.run('RemoveSnapshot_Task', found, { removeChildren: false })
            if (each.act === 'remove') snapshots = snapshots.filter((other) => other !== found)
          }
        }
        const reported = (snapshot: ManagedObjectReference, changeId: string) =>
          queryAllWindows(model, { vm, snapshot, changeId }, capacity).areas
        for (const snapshot of snapshots) {
          const own = (model.changeId(snapshot) as string).split('/')
          expect(grainsOf(reported(snapshot, '*'), disk.grain)).toEqual(
            grainsWritten(model, 'a%2fb', 'beginning', { snapshot }),
          )
          for (const changeId of changeIds) {
            const [uuid, number] = changeId.split('/')
            if (uuid === own[0] && Number(number) <= Number(own[1])) {
              const expected = grainsWritten(model, 'a%2fb', { changeId }, { snapshot })
              expect(grainsOf(reported(snapshot, changeId), disk.grain)).toEqual(expected)
            } else {
              const key = 'vim.hostd.vmsvc.cbt.cannotGetChanges'
              const fault = faultOf(() => reported(snapshot, changeId))
              expect(fault).toMatchObject({ _typeName: 'FileFault', faultMessage: [{ key }] })
            }
          }
        }
      }),
      { seed: 2, numRuns: 40 },
    )
  })

  test('returns all areas ever written for "*", in windows that may be empty', () => {
    const model = createModel({ settings: { areasPerWindow: 5, irregularWindows: 0.5 } })
    const vm = model.vm('web-01')
    const snapshot = model.snapshot(vm)
    const { windows, areas } = queryAllWindows(model, { vm, snapshot, changeId: '*' }, 40 * GiB)
    expect(windows.some(({ changedArea }) => changedArea?.length === 0)).toBe(true)
    expect(grainsOf(areas, 64 * KiB)).toEqual(grainsWritten(model, 'web-01', 'beginning', { snapshot }))
  })

  test('returns at most 2000 areas in a window by default', () => {
    const model = createModel()
    const vm = model.vm('web-01')
    const disk = model.inventory.disk('web-01', 2000)
    const before = model.snapshot(vm)
    for (let index = 0; index < 5000; index += 1) disk.write(index * 4 * 1024 * KiB, 512)
    const snapshot = model.snapshot(vm)
    const changeId = model.changeId(before) as string
    const { windows, areas } = queryAllWindows(model, { vm, snapshot, changeId }, disk.capacity)
    expect(Math.max(...windows.map(({ changedArea }) => changedArea?.length ?? 0))).toBeLessThanOrEqual(2000)
    expect(areas.length).toBeGreaterThanOrEqual(4900)
    expect(areas).toEqual(disk.areas({ changeId }, { snapshot }).map(({ start, end }) => [start, end]))
  })

  test('returns a last area beyond the end when the capacity is not a multiple of the grain', () => {
    const model = createModel()
    const vm = model.vm('db-01')
    const disk = model.inventory.disk('db-01', 2001)
    const small = model.inventory.disk('db-01', 2002)
    const before = model.snapshot(vm)
    small.write(small.capacity - 1, 1)
    disk.write(disk.capacity - 1, 1)
    const snapshot = model.snapshot(vm)
    const changeId = model.changeId(before, 2002) as string
    const { areas } = queryAllWindows(model, { vm, snapshot, deviceKey: 2002, changeId }, small.capacity)
    expect(areas.at(-1)?.[1]).toBeGreaterThan(small.capacity)
    expect((areas.at(-1)?.[1] ?? 0) - small.grain).toBeLessThan(small.capacity)
  })

  test('returns the whole disk as one extent for "*" on NFS and on a thick disk', () => {
    const model = createModel()
    const vm = model.vm('backup-01')
    const { areas } = queryAllWindows(model, { vm, snapshot: model.snapshot(vm), changeId: '*' }, 100 * GiB)
    expect(areas).toEqual([[0, 100 * GiB]])
    const db = model.vm('db-01')
    const { capacity } = model.inventory.disk('db-01', 2002)
    const thick = queryAllWindows(
      model,
      { vm: db, snapshot: model.snapshot(db), deviceKey: 2002, changeId: '*' },
      capacity,
    )
    expect(thick.areas).toEqual([[0, capacity]])
  })

  test('reads a powered-off machine without a snapshot, and reports a disk of a running one as untracked', () => {
    const model = createModel()
    const mail = model.vm('mail-01')
    const changeId = model.changeId(mail) as string
    model.inventory.disk('mail-01', 2000).write(5 * GiB, 4096)
    expect(queryAllWindows(model, { vm: mail, changeId }, 40 * GiB).areas).toEqual([
      [5 * GiB, 5 * GiB + 64 * KiB],
    ])
    const untracked = faultOf(() =>
      execute(model, { vm: model.vm('web-02'), snapshot: model.snapshot(model.vm('web-02')), changeId: '*' }),
    )
    const running = faultOf(() => execute(model, { vm: model.vm('app-01'), changeId: '*' }))
    expect(running).toMatchObject({
      _typeName: 'FileFault',
      faultMessage: [{ key: 'vim.hostd.vmsvc.cbt.noTrack' }],
    })
    expect(untracked).toMatchObject({
      _typeName: 'FileFault',
      faultMessage: [{ key: 'vim.hostd.vmsvc.cbt.noTrack' }],
    })
    expect(running.file).toMatch(/^\/vmfs\/volumes\/.*\/app-01\/app-01\.vmdk$/)
  })

  describe('QueryChangedDiskAreas with faults', () => {
    const prepared = () => {
      const model = createModel()
      const vm = model.vm('web-01')
      const first = model.snapshot(vm)
      const second = model.snapshot(vm)
      return { model, vm, first, second, changeId: model.changeId(first) as string }
    }

    test.each([
      ['a startOffset at the end', { startOffset: 40 * GiB }, 'startOffset'],
      ['a negative startOffset', { startOffset: -1 }, 'startOffset'],
      ['an invalid changeId', { changeId: 'nonsense' }, 'changeId'],
      ['an empty changeId', { changeId: '' }, 'changeId'],
      ['a deviceKey that is not a disk', { deviceKey: 4000 }, 'deviceKey'],
      ['an unknown deviceKey', { deviceKey: 2015 }, 'deviceKey'],
    ])('returns InvalidArgument for %s', (_, change, invalidProperty) => {
      const { model, vm, second, changeId } = prepared()
      const args = { snapshot: second, deviceKey: 2000, startOffset: 0, changeId, ...change }
      const fault = faultOf(() => model.call('QueryChangedDiskAreas', vm, args))
      expect(fault).toMatchObject({ _typeName: 'InvalidArgument', invalidProperty })
    })

    test('fails for an independent disk, which is not in the snapshot', () => {
      const { model } = prepared()
      const vm = model.vm('file-01')
      const fault = faultOf(() =>
        execute(model, { vm, snapshot: model.snapshot(vm), deviceKey: 2001, changeId: '*' }),
      )
      expect(fault).toMatchObject({ _typeName: 'InvalidArgument', invalidProperty: 'deviceKey' })
    })

    test('fails for a deleted snapshot, and for one of another machine', () => {
      const { model, vm, first, second } = prepared()
      model.run('RemoveSnapshot_Task', second, { removeChildren: false })
      expect(faultOf(() => execute(model, { vm, snapshot: second, changeId: '*' }))).toEqual({
        _typeName: 'ManagedObjectNotFound',
        obj: second,
      })
      const other = faultOf(() => execute(model, { vm: model.vm('db-01'), snapshot: first, changeId: '*' }))
      expect(other._typeName).toBe('NotFound')
    })

    test('accepts a changeId whose snapshot is deleted', () => {
      const { model, vm, first, second, changeId } = prepared()
      model.run('RemoveSnapshot_Task', first, { removeChildren: false })
      expect(execute(model, { vm, snapshot: second, changeId }).startOffset).toBe(0)
    })

    test('rejects a changeId that is later than the snapshot, of another epoch, or of another disk', () => {
      const { model, vm, first, second } = prepared()
      const stale = {
        _typeName: 'FileFault',
        faultMessage: [{ key: 'vim.hostd.vmsvc.cbt.cannotGetChanges' }],
      }
      const later = model.changeId(second) as string
      expect(faultOf(() => execute(model, { vm, snapshot: first, changeId: later }))).toMatchObject(stale)
      const foreign = model.changeId(model.vm('app-01')) as string
      expect(faultOf(() => execute(model, { vm, snapshot: second, changeId: foreign }))).toMatchObject(stale)

      model.run('ReconfigVM_Task', vm, { spec: { changeTrackingEnabled: false } })
      expect(model.changeId(vm)).toBeUndefined()
      model.run('ReconfigVM_Task', vm, { spec: { changeTrackingEnabled: true } })
      expect(model.changeId(vm)).toBeUndefined()
      const third = model.snapshot(vm)
      expect(model.changeId(third)?.split('/')[0]).not.toBe(later.split('/')[0])
      expect(faultOf(() => execute(model, { vm, snapshot: third, changeId: later }))).toMatchObject(stale)
    })

    test('has no epoch for tracking that is enabled but not active', () => {
      const model = createModel()
      const vm = model.vm('web-02')
      const snapshot = model.snapshot(vm)
      model.run('ReconfigVM_Task', vm, { spec: { changeTrackingEnabled: true } })
      const fault = faultOf(() => execute(model, { vm, snapshot, changeId: '*' }))
      expect(fault).toMatchObject({
        _typeName: 'FileFault',
        faultMessage: [{ key: 'vim.hostd.vmsvc.cbt.noEpoch' }],
      })
    })

    test('fails for an inaccessible machine', () => {
      const model = createModel()
      expect(faultOf(() => execute(model, { vm: model.vm('legacy-01'), changeId: '*' }))._typeName).toBe(
        'InvalidState',
      )
    })
  })
})
