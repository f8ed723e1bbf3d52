// Tests the calls of clients that read page after page: the window of the next page is queried in advance, and none is queried
// twice.

import type { ExecutionResult } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { MethodArgs } from '../../../src/soap/envelope.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import {
  type AreaPage,
  type ChangedAreasFixture,
  changedAreasFixture,
  grain,
  type PageArgs,
  pageOf,
  queryAreas,
} from './changed-areas-fixture.ts'

/** A snapshot taken after every third grain was written: 20 areas, reported in windows of 5. */
async function combed(options: Parameters<typeof changedAreasFixture>[0] = {}) {
  const fixture = await changedAreasFixture(options)
  const base = await fixture.snapshot()
  for (let each = 0; each < 20; each += 1) fixture.write(each * 3 * grain, 1)
  const disk = await fixture.snapshot()
  fixture.simulator.inventory.settings.areasPerWindow = 5
  fixture.simulator.calls.length = 0
  return { fixture, disk, since: { changeId: base.changeId } }
}

const comb = Array.from({ length: 20 }, (_, each) => ({ start: each * 3 * grain, length: grain }))

/** Returns the offsets of the windows that were queried, in their order. */
const offsetsOf = ({ simulator }: ChangedAreasFixture) =>
  simulator.calls
    .filter(({ method }) => method === 'QueryChangedDiskAreas')
    .map(({ args }) => Number((args as MethodArgs<'QueryChangedDiskAreas'>).startOffset))

/** Waits until a number of windows were queried; fails if there are more. */
async function expectQueries(fixture: ChangedAreasFixture, count: number) {
  await expect.poll(() => offsetsOf(fixture).length).toBeGreaterThanOrEqual(count)
  expect(offsetsOf(fixture)).toHaveLength(count)
}

/** Fails if more windows than these are queried within the time in which a query in advance would be sent. */
async function expectNoMoreQueries(fixture: ChangedAreasFixture, count: number) {
  // A read that is sent later than the query in advance would be.
  await fixture.execute('{ virtualMachine(by: { name: "lab" }) { powerState } }')
  expect(offsetsOf(fixture)).toHaveLength(count)
}

interface AreasOfNode {
  readonly node: { readonly changedAreas: Pick<AreaPage, 'pageInfo'> }
}

interface Walked {
  readonly areas: unknown[]
  readonly pages: number
}

/** Reads all pages, one after the other. */
async function walk(
  fixture: ChangedAreasFixture,
  id: string,
  since: Parameters<typeof queryAreas>[2],
  args: PageArgs,
  between: (page: number) => void = () => {},
): Promise<Walked> {
  const areas: unknown[] = []
  for (let pages = 1, after: string | null = null; ; pages += 1) {
    const { nodes, pageInfo } = await pageOf(fixture, id, since, { ...args, after })
    areas.push(...nodes)
    if (!pageInfo.hasNextPage) return { areas, pages }
    after = pageInfo.endCursor
    between(pages)
  }
}

/** Reads the first pages. */
async function readPages({ fixture, disk, since }: Awaited<ReturnType<typeof combed>>, count: number) {
  let after: string | null = null
  for (let page = 0; page < count; page += 1)
    after = (await pageOf(fixture, disk.id, since, { first: 5, after })).pageInfo.endCursor
  return after
}

describe('a walk through the pages of a disk in a snapshot', () => {
  test.each([1, 3, 5, 7, 20])('queries each window once, for pages of %i', async (first) => {
    const { fixture, disk, since } = await combed()
    const { areas } = await walk(fixture, disk.id, since, { first })
    expect(areas).toEqual(comb)
    const offsets = offsetsOf(fixture)
    expect(new Set(offsets).size).toBe(offsets.length)
    // The same as without a query in advance: each page starts with a window of its own.
    const needed = await combed({ maxConcurrentCalls: 1 })
    await walk(needed.fixture, needed.disk.id, needed.since, { first })
    expect(offsets).toEqual(offsetsOf(needed.fixture))
  })

  test('queries the next window before its page is requested, from the second page on', async () => {
    const started = await combed()
    const after = await readPages(started, 1)
    await expectQueries(started.fixture, 1)
    const { pageInfo } = await pageOf(started.fixture, started.disk.id, started.since, { first: 5, after })
    await expectQueries(started.fixture, 3)
    expect(offsetsOf(started.fixture)).toEqual([0, 10 * grain, 22 * grain])
    const third = await pageOf(started.fixture, started.disk.id, started.since, {
      first: 5,
      after: pageInfo.endCursor,
    })
    expect(third.nodes).toEqual(comb.slice(8, 12))
    await expectQueries(started.fixture, 4)
  })

  test('reports each call in the trace of the page that uses it', async () => {
    const { fixture, disk, since } = await combed()
    const roundTrips: unknown[] = []
    let after: string | null = null
    for (let more = true; more; ) {
      const { data, extensions }: ExecutionResult<AreasOfNode> = await fixture.execute(
        `query ($id: ID!, $since: ChangedSince!, $after: String) { node(id: $id) { ... on VirtualDisk {
          changedAreas(since: $since, first: 5, after: $after) { pageInfo { hasNextPage endCursor } } } } }`,
        { id: disk.id, since, after },
        { 'x-vsphere-trace': '1' },
      )
      const { calls } = (extensions as { vsphere: { calls: { method: string }[] } }).vsphere
      roundTrips.push(calls.map(({ method }) => method))
      ;({ hasNextPage: more = false, endCursor: after = null } = data?.node.changedAreas.pageInfo ?? {})
    }
    expect(roundTrips).toEqual(Array(5).fill(['RetrievePropertiesEx', 'QueryChangedDiskAreas']))
  })

  test('queries at most one window that is not used, when the client stops', async () => {
    const started = await combed()
    await readPages(started, 2)
    await expectQueries(started.fixture, 3)
    // A client that starts again does not get another unused window, because the first one still waits.
    await readPages(started, 2)
    await expectQueries(started.fixture, 5)
  })

  test('queries a window again when its query in advance failed, and none in advance after that', async () => {
    let queries = 0
    const failThird = (transport: Transport): Transport => ({
      ...transport,
      send(request) {
        const { body: sent = '' } = request
        if (!sent.includes('<QueryChangedDiskAreas ') || ++queries !== 3) return transport.send(request)
        const body = sent.replace(/<changeId>[^<]*/, '<changeId>nonsense')
        return transport.send({ ...request, body })
      },
    })
    const { fixture, disk, since } = await combed({ wrap: failThird })
    const { areas, pages } = await walk(fixture, disk.id, since, { first: 5 })
    expect(areas).toEqual(comb)
    expect(pages).toBe(5)
    expect(offsetsOf(fixture).map((offset) => offset / grain)).toEqual([0, 10, 22, 22, 34, 46])
    expect(fixture.operations.map(({ code }) => code)).not.toContain('CHANGE_ID_INVALID')
  })

  test('reads the disk before it uses a window that was queried in advance', async () => {
    const started = await combed()
    const after = await readPages(started, 2)
    await expectQueries(started.fixture, 3)
    started.fixture.remove(started.disk)
    const { data } = await queryAreas(started.fixture, started.disk.id, started.since, { after })
    expect(data.node).toBeNull()
  })
})

describe('no window is queried in advance', () => {
  test('for the current disk of a virtual machine', async () => {
    const { fixture, since } = await combed({ powerState: 'poweredOff' })
    const { areas, pages } = await walk(fixture, fixture.diskId, since, { first: 5 }, (page) =>
      expect(offsetsOf(fixture)).toHaveLength(page),
    )
    expect(areas).toEqual(comb)
    await expectNoMoreQueries(fixture, pages)
  })

  test('for a page with totals, whose scan starts at the beginning of the disk', async () => {
    const started = await combed()
    const { fixture, disk, since } = started
    const after = await readPages(started, 1)
    fixture.queries()
    await queryAreas(fixture, disk.id, since, { first: 5, after }, 'nodes { start } totalCount')
    await expectNoMoreQueries(fixture, 4)
    fixture.queries()
    await queryAreas(fixture, disk.id, since, { first: 0, after })
    await expectNoMoreQueries(fixture, 0)
  })

  test('for two pages in one request', async () => {
    const started = await combed()
    const { fixture, disk, since } = started
    const after = await readPages(started, 1)
    fixture.queries()
    const { data } = await fixture.execute(
      `query ($id: ID!, $since: ChangedSince!, $after: String) { node(id: $id) { ... on VirtualDisk {
        first: changedAreas(since: $since, first: 1) { nodes { start } }
        later: changedAreas(since: $since, first: 1, after: $after) { nodes { start } } } } }`,
      { id: disk.id, since, after },
    )
    expect(data.node).toEqual({ first: { nodes: [{ start: 0 }] }, later: { nodes: [{ start: 12 * grain }] } })
    await expectNoMoreQueries(fixture, 2)
  })

  test('when the client has disconnected', async () => {
    const started = await combed()
    const after = await readPages(started, 1)
    const { fixture, disk, since } = started
    const hold = fixture.simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
    const client = new AbortController()
    const page = fixture
      .fetch('/graphql', {
        method: 'POST',
        signal: client.signal,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: `query ($id: ID!, $since: ChangedSince!, $after: String) { node(id: $id) { ... on VirtualDisk {
            changedAreas(since: $since, first: 5, after: $after) { nodes { start } } } } }`,
          variables: { id: disk.id, since, after },
        }),
      })
      .then(
        (response) => response.text(),
        () => 'aborted',
      )
    await hold.waitFor()
    client.abort()
    await page
    hold.release()
    await expect.poll(() => hold.waiting).toBe(0)
    expect(offsetsOf(fixture)).toHaveLength(2)
  })
})
