// Tests Subscription.changedAreas over real connections: the batches form the whole map in order, from any
// resume point, and no windows are prefetched for a client that does not read.

import fc from 'fast-check'
import { createClient } from 'graphql-sse'
import { describe, expect, it, onTestFinished } from 'vitest'
import { setPower } from '../../../src/simulator/virtual-machine/power/power-state.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { subscribe } from '../../subscribe.ts'
import {
  type Area,
  changedAreasFixture,
  closed,
  type FrozenDisk,
  GiB,
  grain,
  pageOf,
  type Since,
  smallCapacity,
  startChangedAreasFixture,
} from '../changed-areas/changed-areas-fixture.ts'

const query = `subscription ($disk: ID!, $since: ChangedSince, $startOffset: BigInt! = 0, $mergeGapsUpTo: BigInt! = 0) {
  changedAreas(disk: $disk, since: $since, startOffset: $startOffset, mergeGapsUpTo: $mergeGapsUpTo) {
    areas { start length } startOffset nextOffset scannedBytes capacity complete changeId sinceChangeId
  }
}`

interface Batch {
  readonly areas: Area[]
  readonly startOffset: number
  readonly nextOffset: number
  readonly scannedBytes: number
  readonly capacity: number
  readonly complete: boolean
  readonly changeId: string
  readonly sinceChangeId: string | null
}

async function follow(url: string, disk: string, since?: Since, startOffset = 0, mergeGapsUpTo = 0) {
  return subscribe(url, query, { disk, startOffset, mergeGapsUpTo, ...(since && { since }) })
}

/** Returns all batches, and fails on an error. */
async function batchesOf(...args: Parameters<typeof follow>): Promise<Batch[]> {
  const results = await (await follow(...args)).remaining()
  return results.map(({ data, errors }) => {
    if (errors) throw new Error(JSON.stringify(errors))
    return data.changedAreas
  })
}

function expectWhole(batches: readonly Batch[], from: number, capacity: number): void {
  let offset = from
  for (const { startOffset, nextOffset, scannedBytes, areas, complete, ...facts } of batches) {
    expect(scannedBytes).toBeGreaterThanOrEqual(nextOffset)
    expect(scannedBytes).toBeLessThanOrEqual(capacity)
    expect(startOffset).toBe(offset)
    expect(nextOffset).toBeGreaterThanOrEqual(offset)
    for (const { start, length } of areas) {
      expect(start).toBeGreaterThanOrEqual(startOffset)
      expect(start + length).toBeLessThanOrEqual(nextOffset)
    }
    expect(complete).toBe(nextOffset === capacity)
    expect(facts.capacity).toBe(capacity)
    offset = nextOffset
  }
  expect(batches.filter(({ complete }) => complete)).toEqual([batches.at(-1)])
}

const areasOf = (batches: readonly Batch[]) => batches.flatMap(({ areas }) => areas)

const writes = fc.array(
  fc.record({ offset: fc.nat(smallCapacity - 1), length: fc.integer({ min: 1, max: 4 * grain }) }),
  { maxLength: 30 },
)

it('returns batches that match the write history, resumed from the end of any of them, for any history of writes', async () => {
  await fc.assert(
    fc.asyncProperty(
      writes,
      writes,
      fc.record({
        areasPerWindow: fc.integer({ min: 1, max: 20 }),
        irregularWindows: fc.constantFrom(0, 0.3, 0.9),
      }),
      fc.nat(),
      fc.constantFrom(0, 1, grain, 3 * grain, smallCapacity),
      async (before, after, settings, resumed, gap) => {
        const fixture = await startChangedAreasFixture()
        try {
          const url = await fixture.listen()
          Object.assign(fixture.simulator.inventory.settings, settings)
          for (const { offset, length } of before) fixture.write(offset, length)
          const base = await fixture.snapshot()
          for (const { offset, length } of after) fixture.write(offset, length)
          const disk = await fixture.snapshot()
          const cases: [Since, Area[]][] = [
            [undefined, fixture.written('beginning', disk)],
            [{ changeId: base.changeId }, fixture.written(base.changeId, disk)],
            [{ snapshot: base.snapshotId }, fixture.written(base.changeId, disk)],
          ]
          for (const [since, written] of cases) {
            const expected = closed(written, gap)
            const batches = await batchesOf(url, disk.id, since, 0, gap)
            expectWhole(batches, 0, smallCapacity)
            expect(areasOf(batches)).toEqual(expected)
            expect(batches[0]).toMatchObject({
              changeId: disk.changeId,
              sinceChangeId: since ? base.changeId : null,
            })
            const { nextOffset } = batches[resumed % batches.length] as Batch
            const rest = await batchesOf(url, disk.id, since, nextOffset, gap)
            expectWhole(rest, nextOffset, smallCapacity)
            expect(areasOf(rest)).toEqual(expected.filter(({ start }) => start >= nextOffset))
          }
        } finally {
          await fixture.close()
        }
      },
    ),
    { numRuns: 25 },
  )
})

/** A disk with an area in every other grain since a point, reported in windows of this size. */
async function striped(
  areas: number,
  areasPerWindow: number,
  options: Parameters<typeof changedAreasFixture>[0] = {},
) {
  const fixture = await changedAreasFixture({ disks: [{ capacity: GiB }], ...options })
  fixture.simulator.inventory.settings.areasPerWindow = areasPerWindow
  const { changeId } = await fixture.snapshot()
  for (let each = 0; each < areas; each += 1) fixture.write(2 * each * grain, grain)
  const disk = await fixture.snapshot()
  const url = await fixture.listen()
  fixture.queries()
  return { fixture, disk, url, since: { changeId } }
}

describe('the areas of a disk in a subscription', () => {
  it('are those of the field, with no additional calls', async () => {
    const { fixture, disk, url, since } = await striped(400, 50)
    const batches = await batchesOf(url, disk.id, since)
    expect(fixture.queries()).toBe(8)
    const { nodes } = await pageOf(fixture, disk.id, since, { first: 10_000 })
    expect(areasOf(batches)).toEqual(nodes)
    expect(nodes).toHaveLength(400)
  })

  it('are prefetched by one window at most', async () => {
    const windows = 12
    const { fixture, disk, since } = await striped(2000 * windows, 2000, { disks: [{ capacity: 4 * GiB }] })
    const response = await fixture.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query, variables: { disk: disk.id, since } }),
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const settled = async () => {
      for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate)
      return fixture.queries()
    }
    let requested = await settled()
    let taken = 0
    // More windows of this size than the buffers of a stream hold.
    while (taken < 4) {
      const { value } = await reader.read()
      taken +=
        Buffer.from(value as Uint8Array)
          .toString()
          .split('"complete"').length - 1
      requested += await settled()
      expect(requested).toBeLessThanOrEqual(taken + 2)
    }
    await reader.cancel()
    expect(await settled()).toBe(0)
  })

  it('are no longer requested when the client has disconnected', async () => {
    const { fixture, disk, url, since } = await striped(400, 10)
    const hold = fixture.simulator.faults.pause({ method: 'QueryChangedDiskAreas' })
    const events = await follow(url, disk.id, since)
    await hold.waitFor()
    events.abortClient()
    await expect.poll(() => hold.waiting, { interval: 5 }).toBe(0)
    hold.release()
    expect(fixture.queries()).toBe(1)
    expect(fixture.lines).toEqual([])
  })

  it('end where the map was already complete', async () => {
    const { fixture, disk, url, since } = await striped(2, 10)
    expect(await batchesOf(url, disk.id, since, GiB)).toMatchObject([
      { areas: [], startOffset: GiB, nextOffset: GiB, complete: true },
    ])
    expect(fixture.queries()).toBe(0)
  })

  it('end with an error in the middle, without being marked complete', async () => {
    const { fixture, disk, url, since } = await striped(40, 10)
    const events = await follow(url, disk.id, since)
    const first = await events.next()
    fixture.simulator.faults.fault('SystemError', { method: 'QueryChangedDiskAreas', times: 9 })
    const rest = await events.remaining()
    const batches = [first, ...rest.slice(0, -1)].map((each) => each?.data.changedAreas as Batch)
    expect(batches.some(({ complete }) => complete)).toBe(false)
    expect(rest.at(-1)).toMatchObject({
      errors: [{ extensions: { code: 'VSPHERE_FAULT', fault: 'SystemError', retryable: true } }],
    })
    fixture.simulator.faults.clear()
    const resumed = await batchesOf(url, disk.id, since, batches.at(-1)?.nextOffset)
    expect([...areasOf(batches), ...areasOf(resumed)]).toHaveLength(40)
  })

  it('continue when the session has ended in the middle', async () => {
    const { fixture, disk, url, since } = await striped(40, 10)
    const events = await follow(url, disk.id, since)
    const first = await events.next()
    fixture.simulator.faults.expireSessions()
    const rest = await events.remaining()
    expect(areasOf([first, ...rest].map((each) => each?.data.changedAreas))).toHaveLength(40)
  })

  it('may exceed the limit of one event in total, but not in a single event', async () => {
    const { fixture, disk, url, since } = await striped(2000, 500, { limits: { objects: 100 } })
    expect(areasOf(await batchesOf(url, disk.id, since))).toHaveLength(2000)
    fixture.simulator.inventory.settings.areasPerWindow = 1500
    expect(await (await follow(url, disk.id, since)).remaining()).toMatchObject([
      { errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX', limit: 100 } }] },
    ])
  })

  it('work with graphql-sse', async () => {
    const { disk, url, since } = await striped(40, 10)
    const client = createClient({ url, retryAttempts: 0 })
    onTestFinished(() => client.dispose())
    const batches: Batch[] = []
    for await (const { data } of client.iterate({ query, variables: { disk: disk.id, since } }))
      batches.push(data?.changedAreas as Batch)
    expectWhole(batches, 0, GiB)
    expect(areasOf(batches)).toHaveLength(40)
  })
})

describe('a live disk', () => {
  const offline = (options: Parameters<typeof changedAreasFixture>[0] = {}) =>
    striped(400, 50, { powerState: 'poweredOff', ...options })

  it('is checked before each batch is delivered, and reported completely', async () => {
    const { fixture, url, since } = await offline()
    fixture.simulator.calls.length = 0
    const batches = await batchesOf(url, fixture.diskId, since)
    expectWhole(batches, 0, GiB)
    const methods = fixture.simulator.calls.map(({ method }) => method)
    expect(methods).toEqual([
      'RetrievePropertiesEx',
      ...batches.flatMap(() => ['QueryChangedDiskAreas', 'RetrievePropertiesEx']),
    ])
    const { nodes } = await pageOf(fixture, fixture.diskId, since, { first: 10_000 })
    expect(areasOf(batches)).toEqual(nodes)
  })

  it.each([
    ['powers on', 'poweredOn', ['poweredOn']],
    ['powers on and off again', 'changed', ['poweredOn', 'poweredOff']],
  ] as const)('that %s gets no further batch, but a CONFLICT', async (_what, state, powers) => {
    let queries = 0
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      async send(request) {
        const response = await transport.send(request)
        if (!request.body?.includes('<QueryChangedDiskAreas ')) return response
        queries += 1
        // The response describes the disk as it was; only another check shows the change.
        if (queries === 3) for (const power of powers) setPower(fixture.machine, power, new Date())
        return response
      },
    })
    const { fixture, url, since } = await offline({ wrap })
    const reported = await (await follow(url, fixture.diskId, since)).remaining()
    expect(reported.slice(0, -1).map(({ data }) => data.changedAreas.complete)).toEqual([false, false])
    expect(reported.at(-1)).toMatchObject({
      errors: [{ extensions: { code: 'CONFLICT', state, remedy: expect.any(String) } }],
    })
    expect(queries).toBe(3)
  })

  it('cannot be resumed: its map must be read from the start', async () => {
    const { fixture, url, since } = await offline()
    const [rejected] = await (await follow(url, fixture.diskId, since, grain)).remaining()
    expect(rejected).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
    expect(fixture.queries()).toBe(0)
  })
})

describe('invalid arguments are rejected before any query', () => {
  const cases: [string, string, (disk: FrozenDisk, vmDisk: string) => Parameters<typeof follow>][] = [
    ['an offset beyond the disk', 'BAD_USER_INPUT', ({ id }) => ['', id, undefined, GiB + 1]],
    ['a negative gap', 'BAD_USER_INPUT', ({ id }) => ['', id, undefined, 0, -1]],
    ['a negative offset', 'BAD_USER_INPUT', ({ id }) => ['', id, undefined, -1]],
    ['an id of another type', 'BAD_USER_INPUT', ({ snapshotId }) => ['', snapshotId]],
    ['a disk of a running machine', 'CONFLICT', (_, id) => ['', id]],
    ['a malformed changeId', 'CHANGE_ID_INVALID', ({ id }) => ['', id, { changeId: 'x' }]],
    [
      'a changeId of another epoch',
      'CHANGE_ID_STALE',
      ({ id }) => ['', id, { changeId: '00 00 00 00 00 00 00 00-00 00 00 00 00 00 00 00/1' }],
    ],
    ['its own snapshot', 'BAD_USER_INPUT', ({ id, snapshotId }) => ['', id, { snapshot: snapshotId }]],
  ]
  it.each(cases)('%s: %s', async (_what, code, argsOf) => {
    const { fixture, disk, url } = await striped(2, 10)
    const [, ...args] = argsOf(disk, fixture.diskId)
    const results = await (await follow(url, ...args)).remaining()
    expect(results).toMatchObject([{ errors: [{ path: ['changedAreas'], extensions: { code } }] }])
    expect(fixture.queries()).toBe(0)
  })

  it('a removed disk: NOT_FOUND', async () => {
    const { fixture, disk, url } = await striped(2, 10)
    fixture.remove(disk)
    const results = await (await follow(url, disk.id)).remaining()
    expect(results).toMatchObject([{ errors: [{ extensions: { code: 'NOT_FOUND' } }] }])
    expect(fixture.queries()).toBe(0)
  })
})
