// Tests the sizes, ages and depths of snapshots, and the files of disks.

import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { snapshotsOf } from '../../../src/simulator/virtual-machine/layout.ts'
import type { Machine } from '../../../src/simulator/virtual-machine/machine.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import {
  removeSnapshots,
  revertToSnapshot,
  takeSnapshot,
} from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { startGateway } from '../../test-gateway.ts'
import {
  type ChangedAreasFixture,
  changedAreasFixture,
  GiB,
  startChangedAreasFixture,
} from '../changed-areas/changed-areas-fixture.ts'

const MiB = 1024 ** 2

interface File {
  readonly name: string
  readonly type: string
  readonly size: number
  readonly level: number
}

interface Facts {
  readonly name: string
  readonly size: number | null
  readonly depth: number
  readonly ageSeconds: number
  readonly isCurrent: boolean
  readonly disks: readonly { readonly files: readonly File[] }[]
}

const query = `query ($id: ID!, $filter: SnapshotFilter) { node(id: $id) { ... on VirtualMachine {
  disks { files { name type size level } }
  snapshots(filter: $filter) {
    name size depth ageSeconds isCurrent disks { files { name type size level } }
  }
} } }`

async function factsOf(
  fixture: ChangedAreasFixture,
  filter?: object,
): Promise<{ snapshots: Facts[]; disks: Facts['disks'] }> {
  const { data, errors } = await fixture.execute(query, { id: fixture.vmId, filter })
  expect(errors).toBeUndefined()
  return data.node
}

function take({ machine }: ChangedAreasFixture, name: string, at = new Date(), plannerCache = false): void {
  takeSnapshot(machine, { name, description: '', memory: plannerCache, quiesced: false, at })
}

const bytesOf = (files: readonly File[]) => files.reduce((sum, { size }) => sum + size, 0)

describe('the size of a snapshot', () => {
  test('includes its data and the deltas up to it; for the current one also what was written since', async () => {
    const fixture = await changedAreasFixture({ disks: [{ capacity: GiB }] })
    fixture.write(0, 100 * MiB)
    take(fixture, 'a')
    fixture.write(0, 10 * MiB)
    take(fixture, 'b')
    fixture.write(0, MiB)
    // Measured at the next read of the machine.
    take(fixture, 'c')
    const { snapshots, disks } = await factsOf(fixture)
    const [a, b, c] = snapshots.map(({ size }) => size as number)
    const data = a as number
    expect(data).toBeLessThan(MiB)
    const levels = (level: number) => bytesOf(disks[0]?.files.filter((file) => file.level === level) ?? [])
    expect(levels(1)).toBeGreaterThanOrEqual(10 * MiB)
    expect(b).toBe(data + levels(1))
    expect(c).toBe(data + levels(2) + levels(3))
  })

  test('includes its memory, and only the disks that are in it', async () => {
    const fixture = await changedAreasFixture({
      disks: [{ capacity: GiB }, { capacity: 4 * GiB, independent: true, thin: false }],
    })
    take(fixture, 'running', new Date(), true)
    const { snapshots } = await factsOf(fixture)
    expect(snapshots[0]?.size).toBeGreaterThan(fixture.machine.settings.memoryMB * MiB)
    expect(snapshots[0]?.size).toBeLessThan(fixture.machine.settings.memoryMB * MiB + MiB)
  })

  test('excludes the files that a linked clone is based on, and the first own file of the clone', async () => {
    const fixture = await changedAreasFixture({ disks: [{ capacity: GiB }] })
    const [disk] = fixture.machine.disks as [Machine['disks'][number]]
    fixture.write(0, 500 * MiB)
    const golden = {
      ...disk.head,
      name: disk.head.name.replaceAll('lab', 'golden'),
      until: disk.history.now,
    }
    fixture.write(0, 50 * MiB)
    const delta = {
      name: golden.name.replace('.vmdk', '-000001.vmdk'),
      parent: golden,
      since: golden.until,
      until: disk.history.now,
    }
    disk.head = { ...disk.head, parent: delta, since: delta.until }
    fixture.write(0, 20 * MiB)
    take(fixture, 'a')
    fixture.write(0, 10 * MiB)
    take(fixture, 'b')
    const { snapshots, disks } = await factsOf(fixture)
    expect(disks[0]?.files.map(({ level, name }) => `${level} ${name.replace(/^\S+ /, '')}`)).toEqual([
      '0 golden/golden.vmdk',
      '0 golden/golden-flat.vmdk',
      '1 golden/golden-000001.vmdk',
      '1 golden/golden-000001-sesparse.vmdk',
      '2 lab/lab.vmdk',
      '2 lab/lab-sesparse.vmdk',
      '3 lab/lab-000001.vmdk',
      '3 lab/lab-000001-sesparse.vmdk',
      '4 lab/lab-000002.vmdk',
      '4 lab/lab-000002-sesparse.vmdk',
    ])
    const [a, b] = snapshots.map(({ size }) => size as number) as [number, number]
    const levels = (level: number) => bytesOf(disks[0]?.files.filter((file) => file.level === level) ?? [])
    expect(a).toBeLessThan(MiB)
    expect(levels(3)).toBeGreaterThanOrEqual(10 * MiB)
    expect(b).toBe(a + levels(3) + levels(4))
  })

  test('excludes the base of a disk that was added after its parent', async () => {
    const fixture = await changedAreasFixture({
      disks: [
        { capacity: GiB, thin: false },
        { capacity: GiB, thin: false },
      ],
    })
    const { machine } = fixture
    const both = machine.disks
    machine.disks = both.slice(0, 1)
    take(fixture, 'a')
    machine.disks = both
    take(fixture, 'b')
    const { snapshots } = await factsOf(fixture)
    expect(snapshots[1]?.size).toBeLessThan(MiB)
  })

  test('counts each file once: in any tree the sizes add up to all space used by snapshots', async () => {
    const step = fc.record({
      act: fc.constantFrom('take', 'take', 'write', 'write', 'remove', 'revert'),
      which: fc.nat(9),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const fixture = await startChangedAreasFixture({ disks: [{ capacity: GiB }, { capacity: GiB }] })
        const { machine } = fixture
        try {
          for (const { act, which } of steps) {
            const all = snapshotsOf(machine)
            const chosen = all[which % Math.max(1, all.length)]
            if (act === 'take') take(fixture, `s${which}`, new Date(), which > 6)
            else if (act === 'write') fixture.write(which * MiB, 3 * MiB)
            else if (chosen && act === 'remove')
              removeSnapshots(machine, chosen, { withChildren: which > 6, consolidate: true, at: new Date() })
            else if (chosen && act === 'revert')
              revertToSnapshot(machine, chosen, { powerOn: true, at: new Date() })
          }
          const { snapshots, disks } = await factsOf(fixture)
          const layout = fixture.simulator.objects.find(machine.ref)?.get('layoutEx')
          const { file } = layout as { file: readonly { name: string; type: string; size: number }[] }
          const isOfSnapshots = ({ name, type }: { name: string; type: string }) =>
            /^snapshot(Data|Memory)$/.test(type) || /-\d{6}(-sesparse)?\.vmdk$/.test(name)
          const sum = snapshots.reduce((bytes, { size }) => bytes + (size ?? 0), 0)
          // When the current snapshot was removed, what was written since belongs to no snapshot.
          const ofNone = snapshots.some(({ isCurrent }) => isCurrent)
            ? []
            : disks
                .flatMap(({ files }) => files)
                .filter(({ level, name }) => level > 0 && !frozen(snapshots).has(name))
          expect(sum + bytesOf(ofNone)).toBe(
            file.filter(isOfSnapshots).reduce((bytes, { size }) => bytes + size, 0),
          )
        } finally {
          await fixture.close()
        }
      }),
      { seed: 21, numRuns: 60 },
    )
  })
})

const frozen = (snapshots: readonly Facts[]) =>
  new Set(snapshots.flatMap(({ disks }) => disks.flatMap(({ files }) => files.map(({ name }) => name))))

test('lists the files of a disk as its chain, base first; those of a snapshot are the ones below', async () => {
  const fixture = await changedAreasFixture({ disks: [{ capacity: GiB }] })
  take(fixture, 'a')
  take(fixture, 'b')
  const { snapshots, disks } = await factsOf(fixture)
  const named = (files: readonly File[] = []) =>
    files.map(({ name, level }) => `${level} ${name.replace(/^.*\//, '')}`)
  const chain = ['0 lab.vmdk', '0 lab-flat.vmdk', '1 lab-000001.vmdk', '1 lab-000001-sesparse.vmdk']
  expect(named(disks[0]?.files)).toEqual([...chain, '2 lab-000002.vmdk', '2 lab-000002-sesparse.vmdk'])
  expect(named(snapshots[1]?.disks[0]?.files)).toEqual(chain)
  expect(named(snapshots[0]?.disks[0]?.files)).toEqual(chain.slice(0, 2))
  expect(disks[0]?.files.map(({ type }) => type).slice(0, 2)).toEqual(['diskDescriptor', 'diskExtent'])
})

test('derives age and depth from the tree, and a filter by date selects old snapshots', async () => {
  const fixture = await changedAreasFixture()
  const hours = (ago: number) => new Date(Date.now() - ago * 3_600_000)
  take(fixture, 'nightly-1', hours(48))
  take(fixture, 'nightly-2', hours(24))
  take(fixture, 'test', hours(23))
  take(fixture, 'from a host whose clock is fast', hours(-1))
  const { snapshots } = await factsOf(fixture)
  expect(snapshots.map(({ depth }) => depth)).toEqual([1, 2, 3, 4])
  expect(snapshots.map(({ ageSeconds }) => Math.round(ageSeconds / 3600))).toEqual([48, 24, 23, 0])
  const names = async (filter: object) => (await factsOf(fixture, filter)).snapshots.map(({ name }) => name)
  expect(await names({ createdAt: { lt: hours(23.5).toISOString() } })).toEqual(['nightly-1', 'nightly-2'])
  expect(await names({ createdAt: { lt: hours(23.5).toISOString() }, name: { glob: '*-2' } })).toEqual([
    'nightly-2',
  ])
  expect(await names({ createdAt: null })).toHaveLength(4)
})

test('returns null for sizes and files only, when vCenter does not report the layout', async () => {
  const fixture = await changedAreasFixture()
  take(fixture, 'a')
  fixture.simulator.objects.find(fixture.machine.ref)?.set('layoutEx', undefined)
  const { snapshots, disks } = await factsOf(fixture)
  expect(snapshots[0]).toMatchObject({ name: 'a', size: null, depth: 1, disks: [{ files: null }] })
  expect(disks).toEqual([{ files: null }])
})

test('displays, filters and finds a name that was escaped twice in its unescaped form', async () => {
  const fixture = await changedAreasFixture()
  take(fixture, 'a%252fb')
  take(fixture, '100%2525')
  reconfigure(fixture.machine, { name: 'x%255cy' }, new Date())
  const { data, errors } = await fixture.execute(`{
    virtualMachine(by: { name: "x\\\\y" }) {
      name
      snapshots(filter: { name: { eq: "a/b" } }) { name path }
      once: snapshot(by: { path: "a%2fb" }) { name }
      asStored: snapshot(by: { path: "a%252fb/100%2525" }) { name }
      other: snapshot(by: { path: "a/b" }) { name }
    }
    virtualMachines(filter: { name: { eq: "x\\\\y" } }) { totalCount }
  }`)
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    virtualMachine: {
      name: 'x\\y',
      snapshots: [{ name: 'a/b', path: 'a%252fb' }],
      once: { name: 'a/b' },
      asStored: { name: '100%' },
      other: null,
    },
    virtualMachines: { totalCount: 1 },
  })
})

test('concurrent operations each read their own objects, although they share a retrieval', async () => {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  const list = (fields: string) =>
    `{ virtualMachines(first: 1, filter: { snapshots: { some: {} } }) { nodes { snapshots { ${fields} } } } }`
  const operations = [list('name'), list('name size'), list('name virtualMachine { cpuCount }')]
  const results = await Promise.all(operations.map((operation) => gateway.execute(operation)))
  for (const { errors } of results) expect(errors).toBeUndefined()
  expect(results[2]?.data.virtualMachines.nodes[0].snapshots[0].virtualMachine.cpuCount).toBeGreaterThan(0)
})
