// Subscriptions while their vCenter does not respond or raises faults that pass: each of them continues, reports in its coverage that it
// cannot read at present, and loses and repeats nothing.

import { expect, it, onTestFinished } from 'vitest'
import { recordEvent } from '../../../src/simulator/history/event-log.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { type Subscription, subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'
import { createTestClock } from '../../vapi/test-clock.ts'
import { waitUntil } from '../../vim25/connect.ts'

async function start() {
  let isSlow = false
  const alarmClock = createTestClock()
  const gateway = startGateway({
    alarmClock,
    reachability: { initialDelayMs: 5, maxDelayMs: 5 },
    wrap: (transport) => ({
      ...transport,
      send: async (request) => {
        if (isSlow) throw new TransportError('TIMEOUT', 'no response in time')
        return transport.send(request)
      },
    }),
  })
  gateway.simulator.inventory.settings.guestsWrite = false
  onTestFinished(() => gateway.close())
  return {
    simulator: gateway.simulator,
    url: await gateway.listen(),
    setSlow: (value: boolean) => {
      isSlow = value
    },
    nextMinute: () => alarmClock.advance(60_000),
  }
}

type Started = Awaited<ReturnType<typeof start>>

const always = { times: Number.POSITIVE_INFINITY }

/** Begins trouble with the calls that read, and with those of streams. Returns what ends it. */
const troubles: Record<string, (started: Started) => () => void> = {
  ...Object.fromEntries(
    ['SystemError', 'HostCommunication', 'RequestCanceled', 'Timedout'].map((name) => [
      `raises ${name}`,
      ({ simulator: { faults } }: Started) => {
        for (const method of ['RetrievePropertiesEx', 'WaitForUpdatesEx', 'CreateFilter'] as const)
          faults.fault(name as 'SystemError', { method, ...always })
        return () => faults.clear()
      },
    ]),
  ),
  'responds with 503': ({ simulator: { faults } }) => {
    faults.unavailable(always)
    return () => faults.clear()
  },
  'drops all connections': ({ simulator: { faults } }) => {
    faults.dropConnection('unread', always)
    return () => faults.clear()
  },
  'does not respond in time': ({ setSlow }) => {
    setSlow(true)
    return () => setSlow(false)
  },
}

const rename = ({ objects }: Simulator, ref: { value: string }, name: string) =>
  objects.find(ref as never)?.set('name', name)

const webVm = ({ inventory }: Simulator) => inventory.vm('web-01').ref

const kinds = {
  events: {
    query: `subscription { events(filter: { types: ["VmGuestRebootEvent"] }) { events { key } gap coverage { isComplete error { code } } } }`,
    change: ({ simulator }: Started, count: number) =>
      Array.from(
        { length: count },
        () => recordEvent(simulator.objects, { _typeName: 'VmGuestRebootEvent', vm: webVm(simulator) }).key,
      ),
    // biome-ignore lint/suspicious/noExplicitAny: the shape of an event
    changesOf: (batch: any) => {
      expect(batch.gap).toBe(false)
      return batch.events.map(({ key }: { key: number }) => key)
    },
  },
  alarmChanges: {
    query: `subscription { alarmChanges(filter: { name: { eq: "Virtual machine memory usage" } }) { initial changes { kind alarm { entity { name } } } coverage { isComplete error { code } } } }`,
    change: ({ simulator: { alarms, inventory } }: Started, count: number) =>
      ['web-01', 'web-02', 'db-01'].slice(0, count).map((name) => {
        alarms.trigger('Virtual machine memory usage', inventory.machine(name).ref)
        return name
      }),
    // biome-ignore lint/suspicious/noExplicitAny: the shape of an event
    changesOf: ({ changes }: any) =>
      changes.map(({ alarm }: { alarm: { entity: { name: string } } }) => alarm.entity.name),
  },
  inventoryChanges: {
    query: `subscription { inventoryChanges(filter: { virtualMachine: { name: { glob: "new-*" } } }) { initial changes { kind entity { name } } coverage { isComplete error { code } } } }`,
    change: ({ simulator }: Started, count: number) => {
      const machines = ['web-01', 'web-02', 'db-01'].slice(0, count)
      return machines.map((name) => {
        rename(simulator, simulator.inventory.vm(name).ref, `new-${name}`)
        return `new-${name}`
      })
    },
    // biome-ignore lint/suspicious/noExplicitAny: the shape of an event
    changesOf: ({ changes }: any) => changes.map(({ entity }: { entity: { name: string } }) => entity.name),
  },
} as const

// biome-ignore lint/suspicious/noExplicitAny: the shape of an event
async function batchOf(subscription: Subscription): Promise<any> {
  const result = await subscription.next()
  expect(result?.errors).toBeUndefined()
  const [batch] = Object.values(result?.data ?? {})
  return batch
}

const table = Object.keys(kinds).flatMap((kind) =>
  Object.keys(troubles).map((trouble) => [kind as keyof typeof kinds, trouble] as const),
)

it.each(table)('%s continues after a vCenter %s', async (kind, trouble) => {
  const started = await start()
  const { simulator, url, nextMinute } = started
  const { query, change, changesOf } = kinds[kind]
  const subscription = await subscribe(url, query)
  onTestFinished(() => subscription.abortClient())
  expect((await batchOf(subscription)).coverage).toEqual([{ isComplete: true, error: null }])
  if (kind === 'alarmChanges')
    await waitUntil(() => simulator.live.historyCollectors === 1 && simulator.live.waits > 0)
  const end = troubles[trouble]?.(started) as () => void
  // The long poll that waits already may report the change. The next one fails.
  const expected = change(started, 2)
  const seen: unknown[] = []
  let batch = await batchOf(subscription)
  while (batch.coverage[0].isComplete) {
    seen.push(...changesOf(batch))
    batch = await batchOf(subscription)
  }
  expect(batch.coverage[0].error.code).toMatch(/^(VSPHERE_FAULT|VCENTER_UNAVAILABLE|VCENTER_TIMEOUT)$/)
  end()
  nextMinute()
  while (seen.length < expected.length || !batch.coverage[0].isComplete) {
    batch = await batchOf(subscription)
    seen.push(...changesOf(batch))
  }
  expect(seen.toSorted()).toEqual(expected.toSorted())
})
