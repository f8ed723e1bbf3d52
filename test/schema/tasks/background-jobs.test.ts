// Tests background jobs, which continue after their request ends: closing waits for them.

import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { BackgroundJobs } from '../../../src/schema/tasks/background-jobs.ts'

test('waits at close for jobs that running jobs start', async () => {
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

test('waits at close no longer than its limit for jobs that do not end', async () => {
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
