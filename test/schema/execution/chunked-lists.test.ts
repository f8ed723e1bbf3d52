// Tests that a long list does not block the event loop longer than other requests may wait, and that the
// loads of its items are still batched.

import DataLoader from 'dataloader'
import { beforeEach, expect, it, vi } from 'vitest'
import { BatchScheduler } from '../../../src/concurrency/batch-scheduler.ts'
import { ChunkedLists } from '../../../src/schema/execution/chunked-lists.ts'
import { startGateway } from '../../test-gateway.ts'

/** Milliseconds that pass each time the clock is read. */
let pace = 0

beforeEach(() => {
  let now = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    now += pace
    return now
  })
  return () => clock.mockRestore()
})

const createLists = () => new ChunkedLists(new BatchScheduler())
const numbers = (length: number) => Array.from({ length }, (_, index) => index)

/** Iterates a list as an executor does; `seen` is called with each item. */
async function iterate(list: Iterable<number> | AsyncIterable<number>, seen: (item: number) => void) {
  for await (const item of list) seen(item)
}

/** Counts how many turns of the event loop others get meanwhile. */
async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0
  let on = true
  const turn = () => {
    turns += 1
    if (on) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  on = false
  return turns
}

it('yields whenever a long list has blocked the event loop for its time slice', async () => {
  pace = 30
  const seen: number[] = []
  const list = createLists().chunk(numbers(200))
  expect(await turnsDuring(() => iterate(list, (item) => seen.push(item)))).toBeGreaterThan(90)
  expect(seen).toEqual(numbers(200))
})

it('does not yield for a fast list, and does not wrap a short one', async () => {
  pace = 0
  const list = createLists().chunk(numbers(200))
  expect(await turnsDuring(() => iterate(list, () => {}))).toBeLessThanOrEqual(1)
  const short = numbers(100)
  expect(createLists().chunk(short)).toBe(short)
})

it('interleaves the lists of several operations, so that none waits for the end of another', async () => {
  pace = 30
  const order: string[] = []
  const one = iterate(createLists().chunk(numbers(200)), () => order.push('one'))
  const other = iterate(createLists().chunk(numbers(200)), () => order.push('other'))
  await Promise.all([one, other])
  const half = order.slice(0, 200)
  expect(half.filter((each) => each === 'one').length).toBeGreaterThan(80)
  expect(half.filter((each) => each === 'other').length).toBeGreaterThan(80)
})

it('batches the loads of all items of a list, at the end of the list', async () => {
  pace = 30
  const scheduler = new BatchScheduler()
  const lists = new ChunkedLists(scheduler)
  const batches: number[] = []
  const loader = new DataLoader<number, number>(
    async (keys) => {
      batches.push(keys.length)
      return keys
    },
    { batchScheduleFn: scheduler.schedule },
  )
  const requested: Promise<number>[] = []
  await iterate(lists.chunk(numbers(200)), (item) => requested.push(loader.load(item)))
  await Promise.all(requested)
  expect(batches).toEqual([200])
})

it('gives the same result and makes the same calls for an operation that is executed in many slices', async () => {
  const gateway = startGateway({ vms: 300 })
  const query =
    '{ virtualMachines(first: 300) { nodes { name host { name } } } datastores { nodes { name hostMounts { host { name } } } } }'
  pace = 0
  const unchunked = await gateway.execute(query)
  const calls = gateway.simulator.calls.splice(0).length
  const again = await gateway.execute(query)
  const callsAgain = gateway.simulator.calls.splice(0).length
  pace = 30
  const chunkedResult = await gateway.execute(query)
  const callsChunked = gateway.simulator.calls.splice(0).length
  await gateway.close()
  expect(unchunked.errors).toBeUndefined()
  expect(calls).toBeGreaterThan(callsAgain)
  expect(again).toEqual(unchunked)
  expect(chunkedResult).toEqual(unchunked)
  expect(callsChunked).toBe(callsAgain)
})

it('does not block other lists when its executor abandons it midway', async () => {
  const scheduler = new BatchScheduler()
  const lists = new ChunkedLists(scheduler)
  const list = lists.chunk(numbers(200)) as AsyncIterable<number>
  const executor = list[Symbol.asyncIterator]()
  expect(await executor.next()).toEqual({ done: false, value: 0 })
  await new Promise<void>((resolve) => scheduler.schedule(resolve))
})

it('ends at once when its executor abandons it, so that items which fail are handled', async () => {
  pace = 30
  const list = createLists().chunk(numbers(200)) as AsyncIterable<number>
  const executor = list[Symbol.asyncIterator]()
  await executor.next()
  let turns = 0
  const turn = setImmediate(() => {
    turns += 1
  })
  const pending = executor.next()
  void executor.return?.()
  expect(await pending).toEqual({ done: true, value: undefined })
  expect(await executor.next()).toEqual({ done: true, value: undefined })
  expect(turns).toBe(0)
  clearImmediate(turn)
})
