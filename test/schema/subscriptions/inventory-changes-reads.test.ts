// Reads of inventoryChanges: the same values are the same state, whatever else was in the response that brought them.

import { expect, it, onTestFinished } from 'vitest'
import { subscribe } from '../../subscribe.ts'
import { rewriting } from '../../vim25/connect.ts'
import { begin, inventoryChanges, nextBatch, retrievalsOf, started } from './inventory-changes-fixture.ts'

it('sends no state twice when a response has characters that make V8 store its strings in another way', async () => {
  let isWide = false
  const wide = rewriting((text) => (isWide ? text.replace('<objects>', '<!--\u65e5--><objects>') : text))
  const { simulator, url, rename } = await started({ wrap: wide })
  const events = await subscribe(url, inventoryChanges('name ... on VirtualMachine { powerState }'), {
    filter: { virtualMachine: {} },
  })
  onTestFinished(() => events.abortClient())
  await begin(events)
  isWide = true
  const before = retrievalsOf(simulator).length
  // The stream is opened again, and all machines are read.
  simulator.faults.expireSessions()
  await expect.poll(() => retrievalsOf(simulator).length).toBeGreaterThan(before + 1)
  rename('db-01', 'db-renamed')
  const { changes } = await nextBatch(events)
  expect(changes.map(({ entity }) => entity?.name)).toEqual(['db-renamed'])
})
