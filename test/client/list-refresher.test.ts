// Tests when a list is read again: after each change of its members, and never twice at the same time.

import { expect, it } from 'vitest'
import { createListRefresher } from '../../src/client/index.ts'

const modified = { initial: false, changes: [{ kind: 'MODIFY' }] }
const removed = { initial: false, changes: [{ kind: 'LEAVE' }] }

/** A refresher that has started, and its readings: each ends when the test says so. */
function start() {
  const refresh = createListRefresher()
  const readings: { readonly name: string; end(error?: Error): Promise<void> }[] = []
  const receive = (batch: typeof modified, name: string) =>
    refresh(
      batch,
      () =>
        new Promise<void>((resolve, reject) => {
          readings.push({
            name,
            async end(error) {
              if (error) reject(error)
              else resolve()
              await new Promise(setImmediate)
            },
          })
        }),
    )
  return {
    receive,
    names: () => readings.map(({ name }) => name),
    end: (at: number, error?: Error) => readings[at]?.end(error),
  }
}

it('reads the list again when the state at the start is complete, and when members change', async () => {
  const { receive, names, end } = start()
  receive({ initial: true, changes: [{ kind: 'ENTER' }] }, 'initial')
  expect(names()).toEqual([])
  receive({ initial: false, changes: [] }, 'start')
  await end(0)
  receive(modified, 'modified')
  receive(removed, 'removed')
  await end(1)
  expect(names()).toEqual(['start', 'removed'])
})

it('reads it once more if members have changed during a reading, however often', async () => {
  const { receive, names, end } = start()
  receive(removed, 'first')
  for (const name of ['second', 'third', 'fourth']) receive(removed, name)
  receive(modified, 'modified')
  expect(names()).toEqual(['first'])
  await end(0)
  expect(names()).toEqual(['first', 'fourth'])
  receive(removed, 'fifth')
  await end(1)
  await end(2)
  expect(names()).toEqual(['first', 'fourth', 'fifth'])
})

it('continues after a reading that failed', async () => {
  const { receive, names, end } = start()
  receive(removed, 'first')
  receive(removed, 'second')
  await end(0, new Error('unavailable'))
  await end(1, new Error('unavailable'))
  receive(removed, 'third')
  expect(names()).toEqual(['first', 'second', 'third'])
})
