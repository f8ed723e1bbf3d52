// Provides a gateway with one virtual machine whose disks a test writes to, and the write history that the
// simulator keeps of them.

import { onTestFinished } from 'vitest'
import { createMachine, type MachineDescription } from '../../../src/simulator/inventory/create-machine.ts'
import type { SimulatedObject } from '../../../src/simulator/simulated-inventory.ts'
import type { Machine } from '../../../src/simulator/virtual-machine/machine.ts'
import { removeSnapshots, takeSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

const KiB = 1024
export const GiB = 1024 ** 3
/** The tracking unit of the small disks in these tests. */
export const grain = 64 * KiB
/** Not a multiple of the grain, so that the last area of a full disk extends past the end. */
export const smallCapacity = 60 * grain + 36 * KiB

export interface Area {
  readonly start: number
  readonly length: number
}

/** The only disk of a snapshot, as the API represents it. */
export interface FrozenDisk {
  /** The id of the disk. */
  readonly id: string
  readonly snapshotId: string
  readonly changeId: string
  readonly moid: string
}

export interface ChangedAreasFixture extends TestGateway {
  readonly machine: Machine
  readonly vmId: string
  /** The id of the live disk. */
  readonly diskId: string
  write(offset: number, length: number): void
  snapshot(): Promise<FrozenDisk>
  /** Removes a snapshot as another client would. */
  remove(snapshot: FrozenDisk): void
  /** Returns what was written between two points, in whole grains, clipped to the capacity. */
  written(since: string | 'beginning', until: FrozenDisk): Area[]
  /** Returns the number of QueryChangedDiskAreas calls since this was last called. */
  queries(): number
}

type Options = Parameters<typeof startGateway>[0] &
  Partial<Pick<MachineDescription, 'disks' | 'changeTracking' | 'powerState'>>

/**
 * Creates the virtual machine `lab`, whose guest writes nothing by itself. The caller closes it, or it
 * closes with the test.
 */
export async function startChangedAreasFixture(options: Options = {}): Promise<ChangedAreasFixture> {
  const {
    disks = [{ capacity: smallCapacity }],
    changeTracking = 'active',
    powerState = 'poweredOn',
    ...gatewayOptions
  } = options
  const gateway = startGateway({ vms: 1, ...gatewayOptions })
  const { simulator } = gateway
  simulator.inventory.settings.guestsWrite = false
  simulator.inventory.settings.irregularWindows = 0
  const machine = addMachine(simulator, 'lab', { disks, changeTracking, powerState })
  const disk = simulator.inventory.disk(machine.ref, 2000)
  const { data } = await gateway.execute('{ virtualMachine(by: { name: "lab" }) { id disks { id } } }')
  return {
    ...gateway,
    machine,
    vmId: data.virtualMachine.id,
    diskId: data.virtualMachine.disks?.[0].id,
    write: (offset, length) => disk.write(offset, Math.min(length, disk.capacity - offset)),
    async snapshot() {
      const { ref } = takeSnapshot(machine, snapshotRequest)
      const result = await gateway.execute(
        '{ virtualMachine(by: { name: "lab" }) { snapshots { id moid disks { id changeId } } } }',
      )
      const found = result.data.virtualMachine.snapshots.find((each: FrozenDisk) => each.moid === ref.value)
      const [{ id, changeId }] = found.disks
      return { id, changeId, snapshotId: found.id, moid: ref.value }
    },
    remove({ moid }) {
      const removal = { withChildren: false, consolidate: true, at: new Date() }
      const visit = (all: Machine['rootSnapshots']): void => {
        for (const each of [...all]) {
          if (each.ref.value === moid) removeSnapshots(machine, each, removal)
          else visit(each.children)
        }
      }
      visit(machine.rootSnapshots)
    },
    written(since, until) {
      const from = since === 'beginning' ? since : { changeId: since }
      const writes = disk.writes(from, { changeId: until.changeId })
      return grainsAsAreas(writes, disk.grain, disk.capacity)
    },
    queries() {
      const count = simulator.calls.filter(({ method }) => method === 'QueryChangedDiskAreas').length
      simulator.calls.length = 0
      return count
    },
  }
}

/** The same, closed when the test ends. */
export async function changedAreasFixture(options: Options = {}): Promise<ChangedAreasFixture> {
  const fixture = await startChangedAreasFixture(options)
  onTestFinished(() => fixture.close())
  return fixture
}

const snapshotRequest = { name: 'point', description: '', memory: false, quiesced: false, at: new Date(0) }

/** Adds another virtual machine beside web-01. */
export function addMachine(
  { inventory, objects }: Pick<TestGateway['simulator'], 'inventory' | 'objects'>,
  name: string,
  description: Pick<MachineDescription, 'disks'> & Partial<MachineDescription>,
): Machine {
  const { context, folder, host, pool, home } = inventory.machine('web-01')
  const object = (ref: Machine['host'] | undefined) => objects.find(ref as Machine['host']) as SimulatedObject
  const [network] = inventory.machine('web-01').settings.networkCards
  if (!network) throw new TypeError('web-01 has no network')
  return createMachine(context, {
    name,
    system: 'ubuntu',
    cpus: 1,
    memoryMB: 512,
    folder: object(folder),
    host: object(host),
    pool: object(pool),
    storage: home,
    network: network.network,
    ...description,
  })
}

interface Write {
  readonly offset: number
  readonly length: number
}

/** Computes areas from a plain set of grains, independently of how the simulator and the gateway merge. */
export function grainsAsAreas(writes: readonly Write[], size: number, capacity: number): Area[] {
  const grains = new Set<number>()
  for (const { offset, length } of writes)
    for (let each = Math.floor(offset / size); each * size < offset + length; each += 1) grains.add(each)
  const areas: Area[] = []
  for (let each = 0; each * size < capacity; each += 1) {
    if (!grains.has(each)) continue
    const start = each * size
    let end = each
    while (grains.has(end + 1)) end += 1
    areas.push({ start, length: Math.min((end + 1) * size, capacity) - start })
    each = end
  }
  return areas
}

/** Merges areas with at most this many bytes between them. */
export function closed(areas: readonly Area[], gap: number): Area[] {
  const result: Area[] = []
  for (const area of areas) {
    const last = result.at(-1)
    if (last && area.start - last.start - last.length <= gap)
      result.splice(-1, 1, { start: last.start, length: area.start + area.length - last.start })
    else result.push(area)
  }
  return result
}

export interface AreaPage {
  readonly nodes: Area[]
  readonly edges: { readonly cursor: string; readonly node: Area }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

/** Selects the areas of a disk: all allocated ones, or those changed since a point. */
export type Since = undefined | { readonly changeId: string } | { readonly snapshot: string }

export interface PageArgs {
  readonly first?: number | null
  readonly after?: string | null
  readonly mergeGapsUpTo?: number | string
}

const pageFields = `
  nodes { start length }
  edges { cursor node { start length } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`

/** Queries the areas of a disk with these fields of the connection. */
export function queryAreas(
  gateway: Pick<TestGateway, 'execute'>,
  id: string,
  since: Since,
  { first = 2000, after = null, mergeGapsUpTo = 0 }: PageArgs = {},
  fields = pageFields,
) {
  const field = since ? 'areas: changedAreas(since: $since, ' : 'areas: allocatedAreas('
  return gateway.execute(
    `query ($id: ID!, $first: Int, $after: String, $mergeGapsUpTo: BigInt${since ? ', $since: ChangedSince!' : ''}) {
      node(id: $id) { id ... on VirtualDisk { ${field}first: $first, after: $after, mergeGapsUpTo: $mergeGapsUpTo) { ${fields} } } }
    }`,
    { id, first, after, mergeGapsUpTo, ...(since && { since }) },
  )
}

/** Returns the page, and fails when there is none. */
export async function pageOf(...args: Parameters<typeof queryAreas>): Promise<AreaPage> {
  const { data, errors } = await queryAreas(...args)
  if (errors) throw new Error(JSON.stringify(errors))
  return data.node.areas
}

/** Rewrites the responses of a server. */
export async function* rewritten(body: AsyncIterable<Uint8Array>, rewrite: (text: string) => string) {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  yield Buffer.from(rewrite(Buffer.concat(chunks).toString()))
}
