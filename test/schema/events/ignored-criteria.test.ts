// A server that ignores severities and users, as vcsim: the gateway returns only what meets the filter.

import { expect, it, onTestFinished } from 'vitest'
import { recordEvent } from '../../../src/simulator/history/event-log.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

function start() {
  const gateway = startGateway({
    wrap: (transport) => ({
      ...transport,
      close: () => transport.close(),
      send: ({ body, ...request }) =>
        transport.send({
          ...request,
          ...(body !== undefined && {
            body: body.includes('<CreateCollectorFor')
              ? body
                  .replace(/<category[ >].*?<\/category>/gs, '')
                  .replace(/<userName[ >].*?<\/userName>/gs, '')
              : body,
          }),
        }),
    }),
  })
  onTestFinished(() => gateway.close())
  return gateway
}

it.each([
  ['events', '{ severities: [ERROR] }', 'severity', ['ERROR']],
  ['events', '{ severities: [WARNING, ERROR] }', 'severity', ['ERROR', 'WARNING']],
  ['events', '{ users: ["corp\\\\ANN"] }', 'userName', ['CORP\\ann']],
  [
    'tasks',
    '{ users: ["CORP\\\\svc-backup"] }',
    'startedBy { userName }',
    [{ userName: 'CORP\\svc-backup' }],
  ],
])('%s with the filter %s has no others', async (field, filter, selection, expected) => {
  const { data, errors } = await start().execute(
    `{ ${field}(first: 100, filter: ${filter}) { nodes { ${selection} } pageInfo { hasNextPage } coverage { isComplete } } }`,
  )
  expect(errors).toBeUndefined()
  const { nodes, coverage } = data[field]
  const [name] = selection.split(' ') as [string]
  const values = nodes.map((node: Record<string, unknown>) => JSON.stringify(node[name]))
  expect([...new Set(values)].sort()).toEqual(expected.map((each) => JSON.stringify(each)))
  expect(coverage).toEqual([{ isComplete: true }])
})

it('sends no batch of events by another user, or of another severity', async () => {
  const { listen, simulator } = start()
  const events = await subscribe(
    await listen(),
    'subscription { events(filter: { users: ["CORP\\\\ann"], severities: [INFO] }) { events { key } } }',
  )
  expect((await events.next())?.data.events).toEqual({ events: [] })
  const vm = simulator.inventory.vm('web-01').ref
  const record = (_typeName: string, userName: string) =>
    recordEvent(simulator.objects, { _typeName, vm, userName }).key
  record('VmGuestRebootEvent', 'CORP\\bob')
  record('VmFailedToPowerOnEvent', 'CORP\\ann')
  const key = record('VmGuestRebootEvent', 'CORP\\ann')
  expect((await events.next())?.data.events).toEqual({ events: [{ key }] })
  events.abortClient()
})
