// Tests the path from the simulated server's windows to pages, without GraphQL and SOAP between them, so
// that thousands of cases run in time: for any history, windows, pages and faults, the pages together match
// the write history.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AreaScans } from '../../../src/schema/changed-areas/area-scans.ts'
import { destroyMachine } from '../../../src/simulator/inventory/create-machine.ts'
import { VimFault } from '../../../src/simulator/vim-fault.ts'
import { queryChangedDiskAreas } from '../../../src/simulator/virtual-machine/changed-areas.ts'
import type { Machine } from '../../../src/simulator/virtual-machine/machine.ts'
import { changedDiskWindows } from '../../../src/vim25/changed-disk-areas/changed-disk-areas.ts'
import { createModel } from '../../simulator/write-model.ts'
import { areasInVariant } from './cbt-variants.ts'
import { type Area, addMachine, grain, smallCapacity } from './changed-areas-fixture.ts'
import {
  cases,
  expectedAreas,
  history,
  type Played,
  play,
  type Reading,
  reading,
  type Taken,
  written,
} from './write-history.ts'

/**
 * Reads the map while other things happen. Returns whether it was read to its end, or ended with the
 * removal of its snapshot.
 */
async function expectPages(
  machine: Machine,
  played: Played,
  until: Taken,
  since: string,
  chosen: Reading,
  reported: readonly Area[],
): Promise<'whole' | 'removed'> {
  Object.assign(machine.context.settings, chosen)
  const expected = expectedAreas(reported, chosen)
  const { capacity } = played.record
  let queries = 0
  const { snapshot } = until
  const query = async (startOffset: number) => {
    queries += 1
    if (queries - 1 === chosen.failing) throw new Error('the connection was lost')
    const reply = queryChangedDiskAreas(machine, {
      snapshot: snapshot.ref,
      deviceKey: 2000,
      startOffset,
      changeId: since,
    })
    const nextOffset = startOffset + Number(reply.length)
    return {
      ...reply,
      changedArea: areasInVariant(chosen.variant, (reply.changedArea ?? []) as Area[], nextOffset, reported),
    }
  }
  const windows = (startOffset: number) => changedDiskWindows(query, capacity, startOffset)
  const scan = () => new AreaScans().scan('key', { windows }, capacity, chosen.mergeGapsUpTo)
  const afterFault = async <T>(read: () => Promise<T>): Promise<T> => {
    const before = queries
    try {
      return await read()
    } catch (error) {
      if (error instanceof VimFault) throw error
      expect(chosen.failing).toBeGreaterThanOrEqual(before)
      expect((error as Error).message).toBe('the connection was lost')
      return read()
    }
  }
  const areas: Area[] = []
  const cursors: number[] = []
  for (let from = 0, turn = 0, more = true; more; turn += 1) {
    const size = chosen.pageSizes[turn % chosen.pageSizes.length] as number
    const page = await afterFault(() => scan().page(from, size))
    areas.push(...page.areas)
    cursors.push(...page.areas.map(({ start, length }) => start + length))
    more = page.hasNextPage
    if (more) expect(page.areas.length).toBeGreaterThanOrEqual(Math.max(1, size - 1))
    from = cursors.at(-1) ?? 0
    const next = chosen.meanwhile[turn]
    if (next) played.happen(next)
    if (!played.left.includes(until)) {
      if (from < capacity)
        await expect(afterFault(() => scan().page(from, size))).rejects.toMatchObject({
          detail: { _typeName: 'ManagedObjectNotFound' },
        })
      expect(areas).toEqual(expected.slice(0, areas.length))
      return 'removed'
    }
  }
  expect(areas).toEqual(expected)
  const at = chosen.resumed % Math.max(1, cursors.length)
  if (cursors.length > 0) {
    const rest = await afterFault(() => scan().page(cursors[at] as number, 10_000))
    expect(rest).toEqual({ areas: expected.slice(at + 1), hasNextPage: false })
  }
  const both = scan()
  const [totals, density] = await afterFault(() => Promise.all([both.totals(), both.density(chosen.buckets)]))
  const length = expected.reduce((sum, each) => sum + each.length, 0)
  expect(totals).toEqual({ count: expected.length, length })
  expect(density.reduce((sum, bytes) => sum + bytes, 0)).toBe(length)
  return 'whole'
}

test(
  'never loses or repeats an area for any history, windows, pages, cursors and faults',
  async () => {
    const model = createModel({ vms: 1, settings: { guestsWrite: false } })
    const seen = { whole: 0, removed: 0, rejected: 0 }
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(reading, { minLength: 3, maxLength: 3 }),
        async (happened, readings) => {
          const machine = addMachine(model, 'lab', {
            disks: [{ capacity: smallCapacity }],
            changeTracking: 'active',
          })
          try {
            const played: Played = play(machine, happened)
            for (const chosen of readings) {
              const until = played.left[chosen.until % Math.max(1, played.left.length)]
              if (!until) continue
              const points = ['*', ...played.taken.map(({ changeId }) => changeId)]
              const since = points[chosen.since % points.length] as string
              const areas = written(played, since, until.changeId)
              if (areas) {
                seen[await expectPages(machine, played, until, since, chosen, areas)] += 1
              } else {
                seen.rejected += 1
                expect(() =>
                  queryChangedDiskAreas(machine, {
                    snapshot: until.snapshot.ref,
                    deviceKey: 2000,
                    startOffset: 0,
                    changeId: since,
                  }),
                ).toThrow(/Error caused by file/)
              }
            }
          } finally {
            destroyMachine(machine)
          }
        },
      ),
      { seed: 2026, numRuns: cases(2500) },
    )
    expect(seen.whole).toBeGreaterThan(cases(2500))
    expect(seen.removed).toBeGreaterThan(cases(100))
    expect(seen.rejected).toBeGreaterThan(cases(200))
  },
  cases(120_000),
)

test('is as exact for a disk of 62 TB, whose grains are larger', async () => {
  const capacity = 62 * 1024 ** 4
  const model = createModel({
    vms: 1,
    settings: { guestsWrite: false, areasPerWindow: 7, irregularWindows: 0.5 },
  })
  const machine = addMachine(model, 'huge', {
    disks: [{ capacity }],
    changeTracking: 'active',
    powerState: 'poweredOff',
  })
  const { write, grain: unit } = model.inventory.disk(machine.ref, 2000)
  expect(unit).toBeGreaterThan(grain)
  for (let each = 0; each < 500; each += 1) write(Math.floor((each * capacity) / 500), 1)
  write(capacity - 1, 1)
  const query = async (startOffset: number) =>
    queryChangedDiskAreas(machine, { deviceKey: 2000, startOffset, changeId: '*' })
  const windows = (startOffset: number) => changedDiskWindows(query, capacity, startOffset)
  const { areas } = await new AreaScans().scan('key', { windows }, capacity).page(0, 10_000)
  const reported = model.inventory.disk(machine.ref, 2000).areas('beginning', 'now')
  expect(areas).toEqual(
    reported.map(({ start, end }) => ({ start, length: Math.min(end, capacity) - start })),
  )
  expect(areas.length).toBeGreaterThan(300)
})
