// Queries of the history succeed although one call of theirs gets no response, whichever it is, and read everything.

import { expect, it, onTestFinished } from 'vitest'
import { recordEvent } from '../../../src/simulator/history/event-log.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { waitUntil } from '../../vim25/connect.ts'

const matches = 11
const needles =
  '{ events(first: 100, filter: { message: { contains: "needle" }, since: "2001-01-01T00:00:00Z" }) { nodes { key } coverage { isComplete } } }'

const calls: readonly (readonly [MethodName, string])[] = [
  ['CreateCollectorForEvents', needles],
  ['ReadPreviousEvents', needles],
  ['ResetCollector', needles],
  ['ReadNextEvents', '{ events(first: 100, filter: { until: "2001-01-01T00:00:00Z" }) { nodes { key } } }'],
  ['CreateCollectorForTasks', '{ tasks(first: 1) { nodes { moid } } }'],
  ['SetCollectorPageSize', '{ tasks(first: 1) { nodes { moid } } }'],
  ['CreateCollectorForTasks', '{ virtualMachine(by: { name: "web-01" }) { snapshots { createdBy } } }'],
  ['CurrentTime', '{ events(first: 1, filter: { lastSeconds: 600 }) { nodes { key } } }'],
]

function start() {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  const { objects, inventory } = gateway.simulator
  const vm = inventory.machine('web-01').ref
  for (let index = 0; index < matches * 100; index += 1)
    recordEvent(objects, {
      _typeName: 'VmGuestRebootEvent',
      vm,
      fullFormattedMessage: index % 100 === 0 ? 'needle' : 'hay',
    })
  return gateway
}

/** Runs a query, and counts the calls that begin a read, also those that did not arrive. */
async function traced(execute: TestGateway['execute'], query: string) {
  const { data, errors, extensions } = await execute(query, {}, { 'x-vsphere-trace': '1' })
  expect(errors).toBeUndefined()
  const { calls } = (extensions as { vsphere: { calls: { method: string }[] } }).vsphere
  return { data, started: calls.filter(({ method }) => /^(CurrentTime|CreateCollector)/.test(method)).length }
}

it.each(
  calls.flatMap(([method, query]) =>
    (['unread', 'unanswered', '503'] as const).map((how) => [method, how, query] as const),
  ),
)('%s, %s: %s', async (method, how, query) => {
  const { simulator, execute } = start()
  const complete = await traced(execute, query)
  expect(simulator.calls.map((call) => call.method)).toContain(method)
  if (how === '503') simulator.faults.unavailable({ method })
  else simulator.faults.dropConnection(how, { method })
  const disturbed = await traced(execute, query)
  expect(disturbed.data).toEqual(complete.data)
  expect(disturbed.started).toBe(complete.started + 1)
  await waitUntil(() => simulator.live.historyCollectors === 0)
})
