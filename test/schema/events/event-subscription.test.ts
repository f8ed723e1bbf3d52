// Subscription.events: no event is lost or repeated, also after a cut, or the batch says that there is a gap.

import { expect, it, onTestFinished } from 'vitest'
import { eventLogOf, recordEvent } from '../../../src/simulator/history/event-log.ts'
import { decodeOpaque, encodeOpaque } from '../../../src/text/opaque-string.ts'
import { type Subscription, subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'
import { waitUntil } from '../../vim25/connect.ts'

async function start() {
  const gateway = startGateway({ pageSizeDefault: 1000 })
  onTestFinished(async () => {
    await gateway.close()
    expect(gateway.simulator.live.historyCollectors).toBe(0)
  })
  const url = await gateway.listen()
  const { simulator } = gateway
  const vm = simulator.inventory.vm('web-01').ref
  return {
    ...gateway,
    /** Records events of a type that nothing else records. */
    record: (count: number, _typeName = 'VmGuestRebootEvent') =>
      Array.from({ length: count }, () => recordEvent(simulator.objects, { _typeName, vm }).key),
    follow: (after?: string, filter = '{ types: ["VmGuestRebootEvent"] }') =>
      subscribe(
        url,
        `subscription ($after: String) { events(after: $after, filter: ${filter}) { cursor gap events { key entityName } coverage { isComplete } } }`,
        { after },
      ),
    noCollectors: () => waitUntil(() => simulator.live.historyCollectors === 0),
  }
}

async function nextBatch(subscription: Subscription) {
  const result = await subscription.next()
  expect(result?.errors).toBeUndefined()
  return result?.data.events
}

/** Reads batches until they have so many events. */
async function read(subscription: Subscription, count: number) {
  const keys: number[] = []
  let last = { cursor: '', gap: false }
  let gaps = 0
  while (keys.length < count) {
    last = await nextBatch(subscription)
    if (last.gap) gaps += 1
    keys.push(...(last as unknown as { events: { key: number }[] }).events.map(({ key }) => key))
  }
  return { keys, cursor: last.cursor, gaps }
}

it('sends an empty batch at the start, then each event, and destroys its collector at the end', async () => {
  const { record, follow, noCollectors, simulator } = await start()
  record(3)
  const subscription = await follow()
  expect(await nextBatch(subscription)).toMatchObject({
    events: [],
    gap: false,
    coverage: [{ isComplete: true }],
  })
  const [key] = record(1)
  expect(await nextBatch(subscription)).toMatchObject({ events: [{ key, entityName: 'web-01' }], gap: false })
  expect(simulator.live.historyCollectors).toBe(1)
  subscription.abortClient()
  await noCollectors()
})

it.each([0, 1, 999, 1_000, 2_500, 12_000])(
  'resumes from a cursor after %d events, and loses and repeats none',
  async (count) => {
    const { record, follow, noCollectors } = await start()
    record(5)
    const first = await follow()
    await nextBatch(first)
    const before = record(2)
    const { keys, cursor } = await read(first, 2)
    expect(keys).toEqual(before)
    first.abortClient()
    await noCollectors()
    const missed = record(count)
    const second = await follow(cursor)
    const resumed = await read(second, count)
    expect(resumed).toMatchObject({ keys: missed, gaps: 0 })
    if (count === 0) await nextBatch(second)
    const [next] = record(1)
    expect((await read(second, 1)).keys).toEqual([next])
    second.abortClient()
    await noCollectors()
  },
)

it('resumes without a gap when no event had matched before the cursor', async () => {
  const { record, follow, noCollectors } = await start()
  const first = await follow()
  const { cursor } = await nextBatch(first)
  first.abortClient()
  await noCollectors()
  const missed = record(1_500)
  const second = await follow(cursor)
  expect(await read(second, 1_500)).toMatchObject({ keys: missed, gaps: 0 })
  second.abortClient()
})

it('reports a gap when the events since the cursor were purged', async () => {
  const { record, follow, simulator, noCollectors } = await start()
  const first = await follow()
  await nextBatch(first)
  record(1)
  const { cursor } = await read(first, 1)
  first.abortClient()
  await noCollectors()
  record(1_000)
  eventLogOf(simulator.objects).settings.maxEvents = 10
  const kept = record(10)
  const second = await follow(cursor)
  expect(await read(second, 10)).toMatchObject({ keys: kept, gaps: 1 })
  second.abortClient()
})

it('reports a gap when there are more events than are read back', async () => {
  const { record, follow, noCollectors } = await start()
  const first = await follow()
  await nextBatch(first)
  record(1)
  const { cursor } = await read(first, 1)
  first.abortClient()
  await noCollectors()
  const missed = record(22_000)
  const second = await follow(cursor)
  const { keys, gaps } = await read(second, 20_000)
  expect(gaps).toBe(1)
  expect(keys.at(-1)).toBe(missed.at(-1))
  second.abortClient()
})

it('continues after its session has ended, without losing or repeating events', async () => {
  const { record, follow, simulator } = await start()
  const subscription = await follow()
  await nextBatch(subscription)
  const before = record(1)
  expect((await read(subscription, 1)).keys).toEqual(before)
  simulator.faults.expireSessions()
  const missed = record(1_200)
  expect(await read(subscription, 1_200)).toMatchObject({ keys: missed, gaps: 0 })
  subscription.abortClient()
})

it('rejects more subscriptions than the session may have collectors for', async () => {
  const { follow } = await start()
  const subscriptions = await Promise.all(Array.from({ length: 11 }, () => follow()))
  for (const each of subscriptions) await nextBatch(each)
  const rejected = await (await follow()).next()
  expect(rejected?.errors?.[0]).toMatchObject({
    extensions: { code: 'QUERY_TOO_COMPLEX', limit: 11, remedy: expect.stringContaining('End some') },
  })
  subscriptions.pop()?.abortClient()
  await expect.poll(async () => (await (await follow()).next())?.errors).toBeUndefined()
  for (const each of subscriptions) each.abortClient()
})

it('destroys its collector when the gateway stops', async () => {
  const { follow, stop, noCollectors } = await start()
  const subscription = await follow()
  await nextBatch(subscription)
  stop()
  await subscription.remaining()
  await noCollectors()
})

it.each(['since: "2026-01-01T00:00:00Z"', 'lastSeconds: 5', 'message: { contains: "x" }'])(
  'rejects the criterion %s',
  async (criterion) => {
    const { follow } = await start()
    const result = await (await follow(undefined, `{ ${criterion} }`)).next()
    expect(result?.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
  },
)

it.each([
  ['of an object that was removed', (id: string) => `{ entity: "${id}" }`, 'NOT_FOUND'],
  ['with a type that XML cannot represent', () => '{ types: ["a\\u0001"] }', 'BAD_USER_INPUT'],
])('ends a subscription %s, and leaves the others as they are', async (_, filterOf, code) => {
  const { record, follow, execute, simulator } = await start()
  const { data } = await execute('{ virtualMachine(by: { name: "wiki-01" }) { id } }')
  const other = await follow()
  await nextBatch(other)
  simulator.inventory.destroy('wiki-01')
  simulator.calls.length = 0
  const result = await (await follow(undefined, filterOf(data.virtualMachine.id))).next()
  expect(result?.errors?.[0]?.extensions?.code).toBe(code)
  const keys = record(2)
  expect(await read(other, 2)).toMatchObject({ keys, gaps: 0 })
  expect(simulator.calls.map(({ method }) => method)).not.toContain('CreatePropertyCollector')
  expect(simulator.calls.map(({ method }) => method)).not.toContain('Login')
  other.abortClient()
})

it.each([
  [8.64e15, 1],
  [-8.64e15, 1],
  [253_402_300_800_000, 1],
  [1.5, 1],
])('rejects a cursor with the time %d, which no call can hold', async (time, key) => {
  const { follow } = await start()
  const subscription = await follow()
  const { cursor } = await nextBatch(subscription)
  subscription.abortClient()
  const [kind, digest, vcenter] = decodeOpaque(cursor) as unknown[]
  const forged = encodeOpaque([kind, digest, vcenter, time, key, true])
  const result = await (await follow(forged)).next()
  expect(result?.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
})

it('resumes from a cursor of the same filter whose list is in another order', async () => {
  const { follow } = await start()
  const subscription = await follow(undefined, '{ users: ["x", "y"] }')
  const { cursor } = await nextBatch(subscription)
  subscription.abortClient()
  const resumed = await follow(cursor, '{ users: ["y", "x"] }')
  expect(await nextBatch(resumed)).toMatchObject({ events: [], gap: false })
  resumed.abortClient()
})

it('rejects a cursor of another filter', async () => {
  const { follow } = await start()
  const subscription = await follow()
  const { cursor } = await nextBatch(subscription)
  subscription.abortClient()
  const result = await (await follow(cursor, '{ users: ["x"] }')).next()
  expect(result?.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
})

it('ends when its object was removed and the stream is opened again, and leaves the others as they are', async () => {
  const { record, follow, execute, simulator } = await start()
  const { data } = await execute('{ virtualMachine(by: { name: "wiki-01" }) { id } }')
  const other = await follow()
  const ofMachine = await follow(undefined, `{ entity: "${data.virtualMachine.id}" }`)
  for (const each of [other, ofMachine]) await nextBatch(each)
  simulator.inventory.destroy('wiki-01')
  simulator.faults.expireSessions()
  const keys = record(2)
  expect(await read(other, 2)).toMatchObject({ keys, gaps: 0 })
  for (;;) {
    const result = await ofMachine.next()
    if (!result?.errors) continue
    expect(result.errors[0]?.extensions?.code).toBe('NOT_FOUND')
    break
  }
  other.abortClient()
})
