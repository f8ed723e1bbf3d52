// Tests docs/changed-area-loops.md: runs its loops on the simulator, beside the gateway, and compares the outcomes with its table.

import { expect, test } from 'vitest'
import type { MethodResult } from '../../src/soap/envelope.ts'
import {
  type Area,
  type ChangedAreasFixture,
  changedAreasFixture,
  type FrozenDisk,
  grain,
  smallCapacity,
} from '../schema/changed-areas/changed-areas-fixture.ts'
import { SoapConnection } from '../simulator/soap-connection.ts'
import { blocks, deadLinksOf, read, rowsOf } from './markdown.ts'

const docs = read('docs/changed-area-loops.md')

interface Window {
  readonly startOffset: number
  readonly length: number
  readonly changedArea: readonly Area[]
}

type Query = (offset: number) => Promise<Window>

interface Interrupted {
  readonly areas: readonly Area[]
  readonly offset: number
}

type Loop = (query: Query, capacity: number, interrupted: Interrupted) => Promise<readonly Area[]>

/** The loops of the page, in the order of its table. */
const loops = blocks(docs, 'js').map((code) => new Function(`${code}\nreturn loop`)() as Loop)

/** A disk with 20 changed areas in windows of 5. */
async function disk() {
  const fixture = await changedAreasFixture()
  const base = await fixture.snapshot()
  for (let each = 0; each < 20; each += 1) fixture.write(each * 3 * grain, 1)
  const frozen = await fixture.snapshot()
  const { settings } = fixture.simulator.inventory
  settings.areasPerWindow = 5
  // Windows are shortened or empty at random points, the same ones in each run.
  settings.irregularWindows = 1
  const connection = new SoapConnection(fixture.simulator.transport())
  await connection.login()
  return { fixture, base, frozen, connection }
}

/** Queries the windows of a snapshot's disk, as a program without the gateway does. */
const queryOf =
  (
    connection: SoapConnection,
    { machine }: ChangedAreasFixture,
    base: FrozenDisk,
    { moid }: FrozenDisk,
  ): Query =>
  async (startOffset) => {
    const window = (await connection.call('QueryChangedDiskAreas', machine.ref, {
      snapshot: { type: 'VirtualMachineSnapshot', value: moid },
      deviceKey: 2000,
      startOffset,
      changeId: base.changeId,
    })) as MethodResult<'QueryChangedDiskAreas'>
    return {
      startOffset: Number(window.startOffset),
      length: Number(window.length),
      changedArea: (window.changedArea ?? []).map(({ start, length }) => ({
        start: Number(start),
        length: Number(length),
      })),
    }
  }

/** Rounds windows up to whole grains. */
const roundedUp =
  (query: Query): Query =>
  async (offset) => {
    const window = await query(offset)
    const end = Math.ceil((window.startOffset + window.length) / grain) * grain
    return { ...window, length: end - window.startOffset }
  }

/** The bytes of `written` that are in none of the areas. */
function lostBytes(written: readonly Area[], areas: readonly Area[]): number {
  let lost = 0
  for (const { start, length } of written)
    for (let at = start; at < start + length; at += 4096)
      if (!areas.some((area) => area.start <= at && at < area.start + area.length))
        lost += Math.min(4096, start + length - at)
  return lost
}

/** The same list from the gateway. */
async function gatewayAreas(fixture: ChangedAreasFixture, { changeId }: FrozenDisk, { id }: FrozenDisk) {
  const { data } = await fixture.execute(
    `query ($id: ID!, $changeId: String!) {
      node(id: $id) { ... on VirtualDisk { changedAreas(since: { changeId: $changeId }) { nodes { start length } pageInfo { hasNextPage } } } }
    }`,
    { id, changeId },
  )
  expect(data.node.changedAreas.pageInfo.hasNextPage).toBe(false)
  return data.node.changedAreas.nodes as readonly Area[]
}

const outcomeOf = async (areas: Promise<readonly Area[]>, written: readonly Area[]): Promise<string> =>
  areas.then(
    (found) => `${lostBytes(written, found).toLocaleString('en-US')} bytes lost`,
    (error: { detail?: { _typeName?: string } }) => `fails with ${error.detail?._typeName}`,
  )

test('each loop has the outcome of the table, and the gateway loses nothing', async () => {
  const outcomes: (readonly [loop: string, gateway: string])[] = []
  for (const [index, loop] of loops.entries()) {
    const { fixture, base, frozen, connection } = await disk()
    let target = frozen
    let interrupted: Interrupted = { areas: [], offset: 0 }
    if (index === 4) {
      // Yesterday's run copied the first two windows. Meanwhile, the beginning of the disk was written.
      const query = queryOf(connection, fixture, base, frozen)
      const first = await query(0)
      const second = await query(first.length)
      interrupted = {
        areas: [...first.changedArea, ...second.changedArea],
        offset: second.startOffset + second.length,
      }
      fixture.write(grain, 2 * grain)
      target = await fixture.snapshot()
    }
    const written = fixture.written(base.changeId, target)
    const query = queryOf(connection, fixture, base, target)
    const own = await outcomeOf(
      loop(index === 3 ? roundedUp(query) : query, smallCapacity, interrupted),
      written,
    )
    outcomes.push([own, await outcomeOf(gatewayAreas(fixture, base, target), written)])
  }
  const names = rowsOf(docs).map(([name]) => name as string)
  const table = names.map((name, index) => [name, ...(outcomes[index] ?? [])])
  console.info(table.map((row) => row.join(': ')).join('\n'))
  expect(table).toEqual(rowsOf(docs))
})

test('the command of the page runs this file', () => {
  const { scripts } = JSON.parse(read('package.json'))
  const [, script] = /^npm run ([\w:]+)$/.exec(blocks(docs, 'sh').join('').trim()) ?? []
  expect(scripts[script as string]).toBe('vitest run test/docs/changed-area-loops.test.ts')
})

test('the page has no broken links', () => {
  expect(deadLinksOf('changed-area-loops.md')).toEqual([])
})
