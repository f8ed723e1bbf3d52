// Tests the cost, the paging and the rejected arguments of a connection of changed areas.

import type { ExecutionResult } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { Transport } from '../../../src/transport/transport.ts'
import { useUpTimeSlices } from '../../time-slices.ts'
import {
  changedAreasFixture,
  GiB,
  grain,
  pageOf,
  queryAreas,
  rewritten,
  smallCapacity,
} from './changed-areas-fixture.ts'

/** A snapshot taken after every third grain was written, 20 areas in all, reported in windows of 5. */
async function combed(options: Parameters<typeof changedAreasFixture>[0] = {}) {
  const fixture = await changedAreasFixture(options)
  const base = await fixture.snapshot()
  for (let each = 0; each < 20; each += 1) fixture.write(each * 3 * grain, 1)
  const disk = await fixture.snapshot()
  fixture.simulator.inventory.settings.areasPerWindow = 5
  fixture.simulator.calls.length = 0
  return { fixture, disk, base, since: { changeId: base.changeId } }
}

const comb = Array.from({ length: 20 }, (_, each) => ({ start: each * 3 * grain, length: grain }))

const codesOf = ({ errors }: ExecutionResult) => errors?.map(({ extensions }) => extensions.code)

describe('the calls for changed areas', () => {
  test.each([
    ['fields known without a call', 'capacity changeId sinceChangeId', {}, 0],
    ['a first page', 'nodes { start }', { first: 3 }, 1],
    ['a page that the second window fills', 'nodes { start } pageInfo { hasNextPage }', { first: 8 }, 2],
    // The fifth area ends where its window ends. Only the next window shows whether the area continues, so
    // it moves to the next page.
    ['a page as large as a window', 'nodes { start }', { first: 5 }, 1],
    ['a page as large as two windows', 'nodes { start }', { first: 10 }, 2],
    ['a page of one area, which must not be empty', 'nodes { start }', { first: 1 }, 1],
    [
      'a page and its edges and its cursors',
      'nodes { start } edges { cursor } pageInfo { endCursor }',
      {},
      4,
    ],
    ['an empty page', 'nodes { start } pageInfo { hasNextPage }', { first: 0 }, 0],
    ['the totals', 'totalCount totalLength', {}, 4],
    ['page, totals and density together', 'nodes { start } totalCount totalLength density', { first: 1 }, 4],
    ['several densities', 'density a: density(buckets: 3) b: density(buckets: 4096)', {}, 4],
    ['excluded fields', 'nodes @skip(if: true) { start } totalCount @include(if: false) capacity', {}, 0],
  ])('are minimal for %s', async (_, fields, args, calls) => {
    const { fixture, disk, since } = await combed()
    const { errors } = await queryAreas(fixture, disk.id, since, args, fields)
    expect(errors).toBeUndefined()
    expect(fixture.queries()).toBe(calls)
  })

  test.each([
    ['', undefined],
    [', also if each is resolved in a turn of the event loop of its own', 1],
    [', also if they are resolved in several turns of the event loop', 4],
  ])('use one scan for all selections of a disk in one request%s', async (_, every) => {
    const { fixture, disk, base, since } = await combed()
    if (every) useUpTimeSlices(every)
    const { data, errors } = await fixture.execute(
      `query ($id: ID!, $changeId: String!, $snapshot: ID!) {
        node(id: $id) { ... on VirtualDisk {
          a: changedAreas(since: { changeId: $changeId }) { totalCount }
          b: changedAreas(since: { changeId: $changeId }, first: 7) { nodes { start } }
        } }
        again: node(id: $id) { ... on VirtualDisk {
          c: changedAreas(since: { changeId: $changeId }) { totalLength density(buckets: 2) }
          d: changedAreas(since: { snapshot: $snapshot }) { capacity }
        } }
      }`,
      { id: disk.id, ...since, snapshot: base.snapshotId },
    )
    expect(errors).toBeUndefined()
    expect(data.node.a.totalCount).toBe(20)
    expect(data.again.c.totalLength).toBe(20 * grain)
    expect(fixture.queries()).toBe(4)
  })

  test('does not read the areas between two distant pages', async () => {
    const { fixture, disk, since } = await combed()
    const { edges } = await pageOf(fixture, disk.id, since)
    fixture.queries()
    const { data } = await fixture.execute(
      `query ($id: ID!, $changeId: String!, $after: String) { node(id: $id) { ... on VirtualDisk {
        first: changedAreas(since: { changeId: $changeId }, first: 2) { nodes { start } }
        later: changedAreas(since: { changeId: $changeId }, first: 2, after: $after) { nodes { start } }
      } } }`,
      { id: disk.id, ...since, after: edges[15]?.cursor },
    )
    const starts = (page: { nodes: { start: number }[] }) => page.nodes.map(({ start }) => start)
    expect(starts(data.node.first)).toEqual([comb[0]?.start, comb[1]?.start])
    expect(starts(data.node.later)).toEqual([comb[16]?.start, comb[17]?.start])
    expect(fixture.queries()).toBe(2)
  })

  test('uses separate scans for another starting point and for another disk', async () => {
    const fixture = await changedAreasFixture({
      disks: [{ capacity: smallCapacity }, { capacity: smallCapacity }],
    })
    const { changeId } = await fixture.snapshot()
    fixture.simulator.calls.length = 0
    const { errors } = await fixture.execute(
      `query ($id: ID!, $changeId: String!) {
        virtualMachine(by: { id: $id }) { snapshots { disks { allocatedAreas { totalCount } }
          disk(by: { key: 2000 }) { changedAreas(since: { changeId: $changeId }) { totalCount } } } }
      }`,
      { id: fixture.vmId, changeId },
    )
    expect(errors).toBeUndefined()
    expect(fixture.queries()).toBe(3)
  })

  test('stops sending queries when the client disconnects', async () => {
    const { fixture, disk, since } = await combed()
    const hold = fixture.simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
    const client = new AbortController()
    const result = fixture
      .fetch('/graphql', {
        method: 'POST',
        signal: client.signal,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query:
            'query ($id: ID!, $since: ChangedSince!) { node(id: $id) { ... on VirtualDisk { changedAreas(since: $since) { totalCount } } } }',
          variables: { id: disk.id, since },
        }),
      })
      .then(
        (response) => response.text(),
        () => 'aborted',
      )
    await hold.waitFor()
    client.abort()
    await result
    hold.release()
    await expect.poll(() => hold.waiting).toBe(0)
    expect(fixture.queries()).toBe(1)
    expect(fixture.lines).toEqual([])
  })
})

describe('a page', () => {
  test('that is full before the end has a next page, and a page that reaches the capacity has none', async () => {
    const { fixture, disk, since } = await combed()
    const first = await pageOf(fixture, disk.id, since, { first: 4 })
    expect(first.nodes).toEqual(comb.slice(0, 4))
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    const rest = await pageOf(fixture, disk.id, since, { first: 16, after: first.pageInfo.endCursor })
    expect(rest.nodes).toEqual(comb.slice(4))
    expect(rest.pageInfo.hasPreviousPage).toBe(true)
    const all = await pageOf(fixture, disk.id, since, { first: 10_000 })
    expect(all.nodes).toEqual(comb)
    expect(all.pageInfo).toMatchObject({ hasNextPage: false, endCursor: all.edges.at(-1)?.cursor })
  })

  test('leaves the last area of its last window to the next page, which starts with it', async () => {
    // With one call at a time, no window is queried in advance.
    const { fixture, disk, since } = await combed({ maxConcurrentCalls: 1 })
    const first = await pageOf(fixture, disk.id, since, { first: 5 })
    expect(first.nodes).toEqual(comb.slice(0, 4))
    expect(first.pageInfo.hasNextPage).toBe(true)
    const second = await pageOf(fixture, disk.id, since, { first: 5, after: first.pageInfo.endCursor })
    expect(second.nodes).toEqual(comb.slice(4, 8))
    expect(fixture.queries()).toBe(2)
  })

  test('after the last area is empty and the last one', async () => {
    const { fixture, disk, since } = await combed()
    const { pageInfo } = await pageOf(fixture, disk.id, since)
    const beyond = await pageOf(fixture, disk.id, since, { after: pageInfo.endCursor })
    expect(beyond).toEqual({
      nodes: [],
      edges: [],
      pageInfo: {
        hasNextPage: false,
        hasPreviousPage: true,
        startCursor: null,
        endCursor: pageInfo.endCursor,
      },
    })
  })

  test('after an area that ends at the capacity sends no query, since vSphere rejects that offset', async () => {
    const fixture = await changedAreasFixture()
    const base = await fixture.snapshot()
    fixture.write(smallCapacity - 1, 1)
    const disk = await fixture.snapshot()
    const since = { changeId: base.changeId }
    const { nodes, pageInfo } = await pageOf(fixture, disk.id, since)
    expect(nodes).toEqual([{ start: 60 * grain, length: smallCapacity - 60 * grain }])
    fixture.queries()
    const beyond = await pageOf(fixture, disk.id, since, { after: pageInfo.endCursor })
    expect(beyond.nodes).toEqual([])
    expect(beyond.pageInfo.hasNextPage).toBe(false)
    expect(fixture.queries()).toBe(0)
  })

  test('with no areas may have a next page', async () => {
    const { fixture, disk, since } = await combed()
    const page = await pageOf(fixture, disk.id, since, { first: 0 })
    expect(page.nodes).toEqual([])
    expect(page.pageInfo).toMatchObject({ hasNextPage: true, endCursor: null })
  })

  test('without a size has 2000 areas, and null counts as no size', async () => {
    const fixture = await changedAreasFixture({ disks: [{ capacity: GiB }] })
    fixture.simulator.inventory.settings.areasPerWindow = 2400
    const base = await fixture.snapshot()
    for (let each = 0; each < 2500; each += 1) fixture.write(each * 2 * grain, 1)
    const disk = await fixture.snapshot()
    const since = { changeId: base.changeId }
    for (const first of ['', ', first: null']) {
      const { data } = await fixture.execute(
        `query ($id: ID!, $since: ChangedSince!) { node(id: $id) { ... on VirtualDisk { changedAreas(since: $since${first}) {
          nodes { start } pageInfo { hasNextPage } totalCount } } } }`,
        { id: disk.id, since },
      )
      expect(data.node.changedAreas.nodes).toHaveLength(2000)
      expect(data.node.changedAreas).toMatchObject({ totalCount: 2500, pageInfo: { hasNextPage: true } })
    }
  })
})

describe('rejected arguments', () => {
  test.each([
    [{ first: -1 }, 'first is -1, but must not be negative'],
    [{ first: 10_001 }, 'first is 10,001, but must be at most 10,000'],
    [{ after: 'nonsense' }, 'after is not a cursor of changed areas'],
    [{ after: '' }, 'after is not a cursor of changed areas'],
    [{ after: Buffer.from('["x",-1]').toString('base64url') }, 'after is not a cursor of changed areas'],
    [{ after: Buffer.from('[1,2]').toString('base64url') }, 'after is not a cursor of changed areas'],
    [{ after: Buffer.from('null').toString('base64url') }, 'after is not a cursor of changed areas'],
  ])('include %j', async (args, message) => {
    const { fixture, disk, since } = await combed()
    const result = await queryAreas(fixture, disk.id, since, args)
    expect(result.errors).toMatchObject([
      {
        message,
        path: ['node', 'areas'],
        extensions: {
          code: 'BAD_USER_INPUT',
          retryable: false,
          remedy: expect.stringMatching(/\.$/),
          requestId: expect.any(String),
        },
      },
    ])
    // The disk itself is still returned.
    expect(result.data.node).toEqual({ id: disk.id, areas: null })
    expect(fixture.queries()).toBe(0)
  })

  test('include a cursor of another disk, of another starting point, and of another state of a live disk', async () => {
    const { fixture, disk, base, since } = await combed({ powerState: 'poweredOff' })
    const cursorOf = async (id: string, from: Parameters<typeof queryAreas>[2]) =>
      (await pageOf(fixture, id, from, { first: 1 })).pageInfo.endCursor
    const cursor = await cursorOf(disk.id, since)
    fixture.queries()
    const foreign = [
      await queryAreas(fixture, disk.id, undefined, { after: cursor }),
      await queryAreas(fixture, base.id, undefined, { after: cursor }),
      await queryAreas(fixture, fixture.diskId, since, { after: cursor }),
    ]
    for (const result of foreign) {
      expect(codesOf(result)).toEqual(['BAD_USER_INPUT'])
      expect(result.errors?.[0]?.extensions.remedy).toBe('Start again without after.')
    }
    expect(fixture.queries()).toBe(0)
    const live = await cursorOf(fixture.diskId, since)
    expect(codesOf(await queryAreas(fixture, fixture.diskId, since, { after: live }))).toBeUndefined()
    await fixture.snapshot()
    expect(codesOf(await queryAreas(fixture, fixture.diskId, since, { after: live }))).toEqual(['CONFLICT'])
  })

  test('include a cursor of areas that were merged differently, and a negative gap', async () => {
    const { fixture, disk, since } = await combed()
    const { pageInfo } = await pageOf(fixture, disk.id, since, { first: 3 })
    const merged = { first: 3, after: pageInfo.endCursor, mergeGapsUpTo: grain }
    expect(codesOf(await queryAreas(fixture, disk.id, since, merged))).toEqual(['BAD_USER_INPUT'])
    const result = await queryAreas(fixture, disk.id, since, { mergeGapsUpTo: -1 })
    expect(result.errors).toMatchObject([
      {
        message: 'mergeGapsUpTo is -1, but must not be negative',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ])
  })

  test('do not include a cursor of the same starting point given in another form', async () => {
    const { fixture, disk, base, since } = await combed()
    const { pageInfo } = await pageOf(fixture, disk.id, since, { first: 8 })
    const rest = await pageOf(fixture, disk.id, { snapshot: base.snapshotId }, { after: pageInfo.endCursor })
    expect(rest.nodes).toEqual(comb.slice(8))
    const all = await pageOf(fixture, disk.id, { changeId: '*' }, { first: 1 })
    await pageOf(fixture, disk.id, undefined, { after: all.pageInfo.endCursor })
  })

  test.each([0, -1, 4097])('include %i buckets, while the page is still returned', async (buckets) => {
    const { fixture, disk, since } = await combed()
    const result = await queryAreas(
      fixture,
      disk.id,
      since,
      {},
      `density(buckets: ${buckets}) nodes { start length }`,
    )
    expect(result.data.node.areas).toEqual({ density: null, nodes: comb })
    expect(result.errors).toMatchObject([
      {
        message: `buckets is ${buckets}, but must be from 1 to 4096`,
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ])
  })

  test('include a disk that is too large for exact offsets', async () => {
    const { fixture, disk, since } = await combed({
      wrap: rewriting(/<capacityInBytes>\d+/, '<capacityInBytes>9007199254740993'),
    })
    const result = await fixture.execute(
      'query ($id: ID!, $since: ChangedSince!) { node(id: $id) { ... on VirtualDisk { key capacity changedAreas(since: $since) { totalCount } } } }',
      { id: disk.id, since },
    )
    expect(result.data.node).toEqual({ key: 2000, capacity: null, changedAreas: null })
    expect(codesOf(result)).toEqual(['VSPHERE_FAULT', 'VSPHERE_FAULT'])
    expect(fixture.queries()).toBe(0)
  })
})

describe('merged areas', () => {
  const execute = (
    { fixture, disk, since }: Awaited<ReturnType<typeof combed>>,
    mergeGapsUpTo: number | string,
  ) =>
    queryAreas(
      fixture,
      disk.id,
      since,
      { mergeGapsUpTo },
      'nodes { start length } totalCount totalLength density(buckets: 1)',
    )

  test.each([
    [0, 20],
    [2 * grain - 1, 20],
    [2 * grain, 1],
    [`${2 ** 53 - 1}`, 1],
  ])('with gaps up to %s bytes are %i, and list, totals and density agree', async (gap, count) => {
    const combined = await combed()
    const { data } = await execute(combined, gap)
    const { nodes, totalCount, totalLength, density } = data.node.areas
    expect(nodes).toEqual(count === 1 ? [{ start: 0, length: 58 * grain }] : comb)
    expect(totalCount).toBe(count)
    expect(totalLength).toBe(nodes.reduce((sum: number, { length }: { length: number }) => sum + length, 0))
    expect(density).toEqual([totalLength])
  })
})

test('of all disks of several virtual machines are read in parallel, within the limit of calls', async () => {
  const fixture = await changedAreasFixture({
    maxConcurrentCalls: 3,
    disks: Array.from({ length: 6 }, () => ({ capacity: smallCapacity })),
  })
  await fixture.snapshot()
  const hold = fixture.simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
  const result = fixture.execute(
    `query ($id: ID!) {
      virtualMachine(by: { id: $id }) { snapshots { disks { allocatedAreas { totalCount } } } }
      other: virtualMachine(by: { name: "web-01" }) { snapshots { disks { allocatedAreas { totalCount } } } }
    }`,
    { id: fixture.vmId },
  )
  await hold.waitFor(3)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(hold.waiting).toBe(3)
  hold.release()
  const { data, errors } = await result
  expect(errors).toBeUndefined()
  expect(data.virtualMachine.snapshots[0].disks).toHaveLength(6)
  expect(data.other.snapshots[0].disks[0].allocatedAreas.totalCount).toBeGreaterThan(0)
})

describe('a scan that fails midway', () => {
  test('does not affect a page that already has all its areas', async () => {
    const nth = failingCall(3)
    const { fixture, disk, since } = await combed({ wrap: nth.wrap })
    nth.arm()
    const result = await queryAreas(
      fixture,
      disk.id,
      since,
      { first: 4 },
      'capacity nodes { start length } pageInfo { hasNextPage } totalCount totalLength density',
    )
    expect(result.data.node.areas).toEqual({
      capacity: smallCapacity,
      nodes: comb.slice(0, 4),
      pageInfo: { hasNextPage: true },
      totalCount: null,
      totalLength: null,
      density: null,
    })
    expect(codesOf(result)).toEqual(['VSPHERE_FAULT', 'VSPHERE_FAULT', 'VSPHERE_FAULT'])
    expect(fixture.queries()).toBe(2)
  })

  test('is an error of a page that needs the failed window, never a partial page', async () => {
    const nth = failingCall(2)
    const { fixture, disk, since } = await combed({ wrap: nth.wrap })
    nth.arm()
    const result = await queryAreas(fixture, disk.id, since, { first: 7 })
    expect(result.data.node.areas).toBeNull()
    expect(new Set(codesOf(result))).toEqual(new Set(['VSPHERE_FAULT']))
  })

  test('does not affect a page that starts after the failure', async () => {
    const nth = failingCall(1)
    const { fixture, disk, since } = await combed({ wrap: nth.wrap })
    const { edges } = await pageOf(fixture, disk.id, since)
    nth.arm()
    const result = await queryAreas(
      fixture,
      disk.id,
      since,
      { first: 2, after: edges[9]?.cursor ?? null },
      'totalCount nodes { start length }',
    )
    expect(result.data.node.areas).toEqual({ totalCount: null, nodes: comb.slice(10, 12) })
    expect(codesOf(result)).toEqual(['VSPHERE_FAULT'])
  })
})

describe('an inconsistent server', () => {
  const reply = (body: string) => `<returnval>${body}</returnval>`
  const window = (startOffset: number, length: number | string, ...areas: [number, number][]) =>
    reply(
      `<startOffset>${startOffset}</startOffset><length>${length}</length>${areas
        .map(([start, size]) => `<changedArea><start>${start}</start><length>${size}</length></changedArea>`)
        .join('')}`,
    )

  test.each([
    ['reports another offset', window(grain, smallCapacity)],
    ['reports an empty window', window(0, 0)],
    ['reports a window backwards', window(0, -1)],
    ['reports an area before its window', window(0, grain, [-1, 10])],
    ['reports an area past its window', window(0, grain, [grain, 10])],
    ['reports an area past the end of the disk', window(0, smallCapacity + grain, [smallCapacity, 10])],
    ['reports an empty area', window(0, smallCapacity, [0, 0])],
    ['reports an area of negative length', window(0, smallCapacity, [grain, -5])],
    ['reports a length that is not a number', window(0, 'much')],
    ['reports a length beyond all numbers', window(0, '9223372036854775807')],
    ['omits the length', reply('<startOffset>0</startOffset>')],
    ['omits the offset', reply(`<length>${smallCapacity}</length>`)],
    [
      'omits the length of an area',
      reply(
        `<startOffset>0</startOffset><length>${smallCapacity}</length><changedArea><start>0</start></changedArea>`,
      ),
    ],
    ['returns nothing', ''],
    ['returns another type', '<returnval xsi:type="xsd:string">all is well</returnval>'],
  ])('that %s causes an error, never a shorter map', async (_, lie) => {
    const lying = rewriting(/<returnval>.*<\/returnval>/s, lie, 'QueryChangedDiskAreas')
    const { fixture, disk } = await combed({ wrap: lying })
    const result = await queryAreas(fixture, disk.id, undefined, {}, 'totalCount nodes { start }')
    expect(result.data.node).toEqual({ id: disk.id, areas: null })
    expect(codesOf(result)?.every((code) => code === 'VSPHERE_FAULT')).toBe(true)
    expect(result.errors?.[0]?.extensions.remedy).toContain('The response was discarded.')
    expect(fixture.lines).toEqual([])
  })

  test('that repeats its first window forever causes an error at the second window', async () => {
    const lie = window(0, grain, [0, 1])
    const { fixture, disk } = await combed({
      wrap: rewriting(/<returnval>.*<\/returnval>/s, lie, 'QueryChangedDiskAreas'),
    })
    const result = await queryAreas(fixture, disk.id, undefined, {}, 'totalCount')
    expect(result.data.node.areas.totalCount).toBeNull()
    expect(fixture.queries()).toBe(2)
  })

  test.each(['unavailable', 'cut'] as const)(
    'whose response is incomplete (%s) causes an error',
    async (how) => {
      const { fixture, disk, since } = await combed()
      if (how === 'cut')
        fixture.simulator.faults.dropConnection('midBody', { method: 'QueryChangedDiskAreas', times: 3 })
      else fixture.simulator.faults.unavailable({ method: 'QueryChangedDiskAreas', times: 3 })
      const result = await queryAreas(fixture, disk.id, since)
      expect(result.data.node.areas).toBeNull()
      expect(new Set(codesOf(result))).toEqual(new Set(['VCENTER_UNAVAILABLE']))
      expect(result.errors?.[0]?.extensions).toMatchObject({ retryable: true })
      // The failures opened the circuit, which closes by itself.
      await expect.poll(async () => (await queryAreas(fixture, disk.id, since)).errors).toBeUndefined()
      expect((await pageOf(fixture, disk.id, since)).nodes).toEqual(comb)
    },
  )

  test('that reports areas out of order, overlapping and past the end still yields the same map', async () => {
    const lie = window(
      0,
      smallCapacity + grain,
      [40 * grain, 3 * grain],
      [0, grain],
      [10, grain],
      [41 * grain, grain],
      [60 * grain, 5 * grain],
    )
    const { fixture, disk } = await combed({
      wrap: rewriting(/<returnval>.*<\/returnval>/s, lie, 'QueryChangedDiskAreas'),
    })
    expect((await pageOf(fixture, disk.id, undefined)).nodes).toEqual([
      { start: 0, length: grain + 10 },
      { start: 40 * grain, length: 3 * grain },
      { start: 60 * grain, length: smallCapacity - 60 * grain },
    ])
  })
})

test('renews a session that ends between two windows, and returns the whole map', async () => {
  const { fixture, disk, since } = await combed()
  const hold = fixture.simulator.faults.pause({ method: 'QueryChangedDiskAreas', times: 1 })
  const page = pageOf(fixture, disk.id, since)
  await hold.waitFor()
  fixture.simulator.faults.expireSessions()
  hold.release()
  expect((await page).nodes).toEqual(comb)
  expect(fixture.simulator.calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
})

/** Rewrites the vCenter's responses to one method. */
function rewriting(pattern: RegExp, replacement: string, method?: string) {
  return (transport: Transport): Transport => ({
    ...transport,
    async send(request) {
      const response = await transport.send(request)
      if (method && !request.body?.includes(`<${method} `)) return response
      return {
        ...response,
        body: rewritten(response.body, (text) => text.replaceAll(new RegExp(pattern, 'gs'), replacement)),
      }
    },
  })
}

/** Makes the nth QueryChangedDiskAreas after `arm` return a fault. */
function failingCall(n: number) {
  let left = Number.POSITIVE_INFINITY
  return {
    arm: () => {
      left = n
    },
    wrap: (transport: Transport): Transport => ({
      ...transport,
      async send(request) {
        if (request.body?.includes('<QueryChangedDiskAreas ')) {
          left -= 1
          if (left === 0) {
            const fault =
              '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>broken</faultstring><detail><SystemErrorFault xsi:type="SystemError"><reason>x</reason></SystemErrorFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>'
            return { status: 500, headers: {}, body: rewritten(empty(), () => fault) }
          }
        }
        return transport.send(request)
      },
    }),
  }
}

async function* empty(): AsyncGenerator<Uint8Array> {}
