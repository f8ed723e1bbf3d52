// Events of an ESXi host, which has no pages before the latest one: a list says when there may be older events, and a subscription says
// when some have left the page.

import { expect, it, onTestFinished } from 'vitest'
import { recordEvent } from '../../../src/simulator/history/event-log.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

const filter = '{ types: ["VmGuestRebootEvent"] }'

async function startHost() {
  const gateway = startGateway({ pageSizeDefault: 1000 })
  onTestFinished(async () => {
    await gateway.close()
    expect(gateway.simulator.live.historyCollectors).toBe(0)
  })
  const { simulator } = gateway
  const content = simulator.objects
    .find({ type: 'ServiceInstance', value: 'ServiceInstance' })
    ?.get('content') as { about: { apiType: string } }
  content.about.apiType = 'HostAgent'
  const vm = simulator.inventory.vm('web-01').ref
  const url = await gateway.listen()
  return {
    ...gateway,
    record: (count: number) =>
      Array.from(
        { length: count },
        () => recordEvent(simulator.objects, { _typeName: 'VmGuestRebootEvent', vm }).key,
      ),
    reads: () => simulator.calls.filter(({ method }) => /^(Read|Reset|Rewind)/.test(method)),
    follow: (after?: string) =>
      subscribe(
        url,
        `subscription ($after: String) { events(after: $after, filter: ${filter}) { cursor gap events { key } } }`,
        { after },
      ),
  }
}

const query = (first: number) =>
  `{ events(first: ${first}, filter: ${filter}) { nodes { key } pageInfo { hasNextPage } coverage { isComplete error { code } } } }`

it('lists the events of the latest page, and is complete if they do not fill it', async () => {
  const { execute, record, reads } = await startHost()
  const keys = record(300)
  const { data, errors } = await execute(query(1000))
  expect(errors).toBeUndefined()
  expect(data.events.nodes.map(({ key }: { key: number }) => key)).toEqual(keys.toReversed())
  expect(data.events.pageInfo.hasNextPage).toBe(false)
  expect(data.events.coverage).toEqual([{ isComplete: true, error: null }])
  const part = await execute(query(10))
  expect(part.data.events.nodes).toHaveLength(10)
  expect(part.data.events.pageInfo.hasNextPage).toBe(true)
  expect(reads()).toEqual([])
})

it('says that there may be older events when the latest page is full', async () => {
  const { execute, record, reads } = await startHost()
  record(1_200)
  const { data } = await execute(query(1000))
  expect(data.events.nodes).toHaveLength(1_000)
  expect(data.events.coverage).toEqual([{ isComplete: false, error: { code: 'NOT_SUPPORTED' } }])
  expect(reads()).toEqual([])
})

it.each([
  [500, false],
  [1_500, true],
])('resumes a subscription after %d events from the latest page; a gap: %s', async (count, gap) => {
  const { record, follow, reads } = await startHost()
  record(3)
  const first = await follow()
  const { cursor } = (await first.next())?.data.events ?? {}
  first.abortClient()
  const keys = record(count)
  const second = await follow(cursor)
  const batch = (await second.next())?.data.events
  second.abortClient()
  expect(batch?.gap).toBe(gap)
  expect(batch?.events.map(({ key }: { key: number }) => key)).toEqual(keys.slice(-1_000))
  expect(reads()).toEqual([])
})
