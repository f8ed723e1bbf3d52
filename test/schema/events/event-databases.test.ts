// Cursors of Subscription.events after the database of the events was replaced: the batch says that there is a gap, never that it is
// complete. Cursors of an earlier version of the gateway can still be used.

import { expect, it, onTestFinished } from 'vitest'
import { recordEvent } from '../../../src/simulator/history/event-log.ts'
import { decodeOpaque, encodeOpaque } from '../../../src/text/opaque-string.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

async function start(seed = 1) {
  const gateway = startGateway({ pageSizeDefault: 1000, seed })
  onTestFinished(() => gateway.close())
  const url = await gateway.listen()
  const { simulator } = gateway
  const vm = simulator.inventory.vm('web-01').ref
  return {
    record: (count: number, createdTime = new Date()) =>
      Array.from(
        { length: count },
        () => recordEvent(simulator.objects, { _typeName: 'VmGuestRebootEvent', vm, createdTime }).key,
      ),
    async first(after?: string) {
      const subscription = await subscribe(
        url,
        'subscription ($after: String) { events(after: $after, filter: { types: ["VmGuestRebootEvent"] }) { cursor gap events { key } coverage { isComplete error { code } } } }',
        { after },
      )
      const result = await subscription.next()
      subscription.abortClient()
      return { ...result?.data?.events, errors: result?.errors } as {
        cursor: string
        gap: boolean
        events: { key: number }[]
        coverage: object[]
        errors?: { extensions: object }[]
      }
    },
  }
}

/** Changes a cursor: [kind, digest, vCenter, time, key, whether an event has matched, identity of the vCenter]. */
function forge(cursor: string, change: (parts: unknown[]) => unknown[]): string {
  return encodeOpaque(change(decodeOpaque(cursor) ?? []))
}

const hour = 3_600_000

const gapped = {
  gap: true,
  coverage: [{ isComplete: false, error: { code: 'NOT_FOUND' } }],
}

it('reports a gap when the vCenter was installed again, also with higher keys', async () => {
  const old = await start()
  old.record(3)
  const { cursor } = await old.first()
  const replaced = await start(2)
  replaced.record(20, new Date(Date.now() - hour))
  const [key] = replaced.record(1, new Date(Date.now() + hour))
  const { events, ...batch } = await replaced.first(cursor)
  expect(batch).toMatchObject(gapped)
  expect(events).toEqual([{ key }])
  // The position is one of the new database.
  expect(await replaced.first(batch.cursor)).toMatchObject({ gap: false, events: [] })
})

it.each([
  ['that matched', true],
  ['that did not match the filter', false],
])('reports a gap when the event of the cursor, %s, has another time', async (_, hasMatched) => {
  const { record, first } = await start()
  if (hasMatched) record(3)
  const { cursor } = await first()
  const keys = record(2)
  expect(await first(cursor)).toMatchObject({ gap: false, events: keys.map((key) => ({ key })) })
  const restored = forge(cursor, (parts) => parts.with(3, (parts[3] as number) - 1))
  const batch = await first(restored)
  expect(batch).toMatchObject(gapped)
  expect(batch.events).toEqual(expect.arrayContaining(keys.map((key) => ({ key }))))
})

it('resumes from a cursor of an earlier version, which has no identity', async () => {
  const { record, first } = await start()
  record(3)
  const { cursor } = await first()
  const earlier = forge(cursor, (parts) => parts.slice(0, 6))
  const [key] = record(1)
  expect(await first(earlier)).toMatchObject({ gap: false, events: [{ key }] })
})

it('resumes when the vCenter was renamed in the gateway, and rejects a cursor of another vCenter', async () => {
  const { record, first } = await start()
  record(1)
  const { cursor } = await first()
  const [key] = record(1)
  expect(await first(forge(cursor, (parts) => parts.with(2, 'old-name')))).toMatchObject({
    gap: false,
    events: [{ key }],
  })
  for (const identity of ['x', undefined]) {
    const other = forge(cursor, (parts) => [
      ...parts.slice(0, 6).with(2, 'other'),
      ...(identity ? [identity] : []),
    ])
    expect((await first(other)).errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' })
  }
  expect((await first(forge(cursor, (parts) => parts.with(6, 5)))).errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
  })
})
