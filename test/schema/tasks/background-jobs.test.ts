// Work that goes on when its request is over: what closes waits for.

import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { BackgroundJobs } from '../../../src/schema/tasks/background-jobs.ts'

test('close waits for work that running work begins', async () => {
  const background = new BackgroundJobs(() => {})
  let isDone = false
  const later = async () => {
    await setImmediate()
    isDone = true
  }
  void background.run(async () => {
    await background.delay(60_000)
    void background.run(later)
  })
  await background.close(5_000)
  expect(isDone).toBe(true)
})

test('close waits no longer than its limit for work that does not end', async () => {
  const background = new BackgroundJobs(() => {})
  let isOver = false
  const again = async (): Promise<void> => {
    await setImmediate()
    if (!isOver) void background.run(again)
  }
  void background.run(again)
  await background.close(20)
  expect(background.isBusy).toBe(true)
  isOver = true
})
