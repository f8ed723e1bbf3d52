// attachTag and detachTag in an operation that exceeds a limit after the call was sent: the client learns what became of each object.

import { expect, it, onTestFinished } from 'vitest'
import { controlLongWaits } from '../../long-waits.ts'
import { startGateway } from '../../test-gateway.ts'
import { mutate } from './mutate.ts'

const timeoutMs = 30_000

/** A gateway whose vCenter responds to changes of tags after the time limit of the operation. */
async function start(options: Parameters<typeof startGateway>[0] = {}) {
  const waits = controlLongWaits()
  const gateway = startGateway({
    limits: { timeoutMs },
    wrap: (transport) => ({
      ...transport,
      async send(request) {
        const response = await transport.send(request)
        if (request.path?.includes('multiple-objects')) waits.advance(timeoutMs)
        return response
      },
    }),
    ...options,
  })
  onTestFinished(() => gateway.close())
  const { data } = await gateway.execute('{ virtualMachines { nodes { id name } } }')
  // Reads the definitions of the tags in advance.
  await gateway.execute('{ tags { nodes { name category { name } } } }')
  const idOf = (name: string) =>
    data.virtualMachines.nodes.find((each: { name: string }) => each.name === name).id as string
  return { gateway, idOf }
}

const weekly = { name: { category: 'backup', name: 'weekly' } }

it('reports the result of each object, of which some were changed', async () => {
  const { gateway, idOf } = await start()
  const entities = [idOf('web-01'), idOf('007')]
  const { payload, reported } = await mutate(
    gateway,
    'attachTag',
    { tag: weekly, entities },
    'results { entityId entity { name } error { code message retryable } }',
  )
  expect(payload.results).toEqual([
    {
      entityId: entities[0],
      entity: null,
      error: {
        code: 'CONFLICT',
        message: expect.stringContaining('weekly was not attached'),
        retryable: false,
      },
    },
    { entityId: entities[1], entity: null, error: null },
  ])
  expect(reported.map(({ path, code }) => `${path} ${code}`)).toEqual([
    'attachTag.results.0.entity OPERATION_TIMEOUT',
    'attachTag.results.1.entity OPERATION_TIMEOUT',
  ])
  expect(gateway.audit[0]).toMatchObject({ outcome: 'partial' })
})

it('reports the results also when the response was lost', async () => {
  const { gateway, idOf } = await start()
  gateway.simulator.rest.inject({ status: 200, drop: 'midBody' }, /attach-tag/)
  const entities = [idOf('web-01'), idOf('007')]
  const { payload, reported } = await mutate(
    gateway,
    'attachTag',
    { tag: weekly, entities },
    'results { entityId error { code } }',
  )
  expect(reported).toEqual([])
  expect(payload.results).toEqual([
    { entityId: entities[0], error: { code: 'OUTCOME_UNKNOWN' } },
    { entityId: entities[1], error: null },
  ])
})
