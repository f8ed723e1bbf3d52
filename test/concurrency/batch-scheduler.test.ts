// Tests that steps of one operation that continue in different turns of the event loop share a batch.

import DataLoader from 'dataloader'
import { expect, it } from 'vitest'
import { BatchScheduler } from '../../src/concurrency/batch-scheduler.ts'

/** A loader, and the keys of each of its batches. */
function createLoader(scheduler: BatchScheduler) {
  const batches: (readonly string[])[] = []
  const loader = new DataLoader<string, string>(
    async (keys) => {
      batches.push(keys)
      return keys
    },
    { batchScheduleFn: scheduler.schedule, cache: false },
  )
  return { batches, load: (key: string) => loader.load(key) }
}

it('dispatches a batch when the last step that has yielded has added to it', async () => {
  const scheduler = new BatchScheduler()
  const { batches, load } = createLoader(scheduler)
  const step = async (key: string, yields: number) => {
    for (let each = 0; each < yields; each += 1) await scheduler.yieldToEventLoop()
    return load(key)
  }
  await Promise.all([step('a', 0), step('b', 1), step('c', 5), step('d', 2)])
  expect(batches).toEqual([['a', 'b', 'd', 'c']])
})

it('dispatches the batches of another operation meanwhile', async () => {
  const busy = new BatchScheduler()
  const { batches, load } = createLoader(new BatchScheduler())
  let isDone = false
  const steps = (async () => {
    for (let each = 0; each < 50; each += 1) await busy.yieldToEventLoop()
    isDone = true
  })()
  await load('a')
  expect(batches).toEqual([['a']])
  expect(isDone).toBe(false)
  await steps
})

it('dispatches further batches after the first', async () => {
  const scheduler = new BatchScheduler()
  const { batches, load } = createLoader(scheduler)
  const step = async (key: string) => {
    await scheduler.yieldToEventLoop()
    await load(key)
    await scheduler.yieldToEventLoop()
    await load(`${key}2`)
  }
  await Promise.all([step('a'), step('b')])
  expect(batches).toEqual([
    ['a', 'b'],
    ['a2', 'b2'],
  ])
})
