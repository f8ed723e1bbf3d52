// Limits all operations together: operations over the limit are queued, and rejected when the queue is full.

import { describe, expect, onTestFinished, test } from 'vitest'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'
import { startAuthenticatedGateway, temporaryFiles } from '../auth/authenticated-gateway.ts'

function gateway(options: Parameters<typeof startGateway>[0] = {}) {
  const metrics = createMetrics()
  const started = startGateway({ metrics, ...options })
  onTestFinished(() => started.close())
  const metric = async (name: string) =>
    Number(new RegExp(`^vsphere_graphql_${name} (\\d+)`, 'm').exec(await metrics.read())?.[1])
  return { ...started, metric }
}

/** Operations of different shapes, which share no retrieval. */
const queries = ['name', 'id', 'moid'].map((field) => `{ virtualMachines { nodes { ${field} } } }`)
const post = (query: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
})

const introduction = '{ vcenters { name } }'

describe('queries and mutations', () => {
  test('have a weight by the possible size of their response, so that small ones can overtake', async () => {
    const { execute, metric, simulator } = gateway({
      concurrency: { operations: 20 },
      limits: { objects: 10_000 },
    })
    await execute(introduction)
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    // Each could return nine tenths of the maximum number of objects: nine of twenty slots.
    const large = ['name', 'moid', 'path'].map((field) =>
      execute(`{ datacenters(first: 9) { nodes { virtualMachines(first: 1000) { nodes { ${field} } } } } }`),
    )
    await expect.poll(() => metric('operations_queued')).toBe(1)
    expect(await metric('operations_in_flight')).toBe(2)
    expect((await execute(introduction)).errors).toBeUndefined()
    expect(await metric('operations_queued')).toBe(1)
    pause.release()
    for (const { errors } of await Promise.all(large)) expect(errors).toBeUndefined()
  })

  test('do not queue when they are rejected by validation', async () => {
    const { execute, simulator } = gateway({ concurrency: { operations: 1 } })
    await execute(introduction)
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const first = execute(queries[0] as string)
    await pause.waitFor()
    const { errors } = await execute(
      '{ datacenters(first: 1000) { nodes { virtualMachines(first: 1000) { nodes { name } } } } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', retryable: false } }])
    pause.release()
    await first
  })

  test('are queued, and rejected with 503 before any vCenter call when the queue is full', async () => {
    const { execute, fetch, metric, simulator, operations } = gateway({ concurrency: { operations: 1 } })
    await execute(introduction)
    const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const first = execute(queries[0] as string)
    await pause.waitFor()
    const second = execute(queries[1] as string)
    await expect.poll(() => metric('operations_queued')).toBe(1)
    expect(await metric('operations_in_flight')).toBe(1)
    const calls = simulator.calls.length
    const rejected = await fetch('/graphql', post(queries[2] as string))
    expect(rejected.status).toBe(503)
    expect(rejected.headers.get('retry-after')).toBe('5')
    expect(await rejected.json()).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('(limit 1)'),
          extensions: {
            code: 'OVERLOADED',
            retryable: true,
            limit: 1,
            remedy: expect.stringContaining('--max-concurrent-operations'),
          },
        },
      ],
    })
    expect(operations.at(-1)).toMatchObject({
      outcome: 'failed',
      codes: ['OVERLOADED'],
      soapCalls: 0,
    })
    expect(simulator.calls.length).toBe(calls)
    pause.release()
    expect((await first).errors).toBeUndefined()
    expect((await second).errors).toBeUndefined()
    expect([await metric('operations_in_flight'), await metric('operations_queued')]).toEqual([0, 0])
  })

  test('of one caller use at most half of the slots, so that those of others are not queued behind them', async () => {
    const files = temporaryFiles()
    const tokens = {
      ann: 'ann-c9f0f895fb98ab9159f51fd0297e236d',
      bob: 'bob-45c48cce2e2d7fbdea1afc51c7c6ad26',
    }
    const tokenFile = files.write('tokens', `ann reader ${tokens.ann}\nbob reader ${tokens.bob}\n`)
    const { execute, simulator, stop } = await startAuthenticatedGateway(
      ...['--auth', 'token', '--token-file', tokenFile, '--max-concurrent-operations', '2'],
    )
    onTestFinished(async () => {
      await stop()
      files.clear()
    })
    const executeAs = (name: keyof typeof tokens, query: string) =>
      execute({ token: tokens[name], body: { query } })
    await executeAs('ann', introduction)
    const hold = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const order: string[] = []
    const first = executeAs('ann', queries[0] as string).then(() => order.push('first of ann'))
    await hold.waitFor()
    const second = executeAs('ann', introduction).then(() => order.push('second of ann'))
    for (let query = 0; query < 5; query += 1) {
      expect((await executeAs('bob', introduction)).status).toBe(200)
      order.push('bob')
    }
    hold.release()
    await Promise.all([first, second])
    expect(order.slice(0, 5)).toEqual(Array(5).fill('bob'))
  })

  test('release their slots when they fail', async () => {
    const { execute } = gateway({ concurrency: { operations: 1 }, limits: { objects: 5 } })
    for (let round = 0; round < 3; round += 1) {
      expect((await execute('{ virtualMachines { nodes { name } } }')).errors).toHaveLength(1)
      expect((await execute(introduction)).errors).toBeUndefined()
    }
  })
})

describe('subscriptions', () => {
  const watchOptions =
    'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { entityId } } }'

  test('have a separate limit, and are rejected until one has ended', async () => {
    const { listen, execute, metric } = gateway({ concurrency: { operations: 1, subscriptions: 1 } })
    const url = await listen()
    const first = await subscribe(url, watchOptions)
    expect((await first.next())?.errors).toBeUndefined()
    const rejected = await subscribe(url, watchOptions)
    expect(rejected.status).toBe(503)
    expect((await execute(introduction)).errors).toBeUndefined()
    first.abortClient()
    await expect.poll(() => metric('subscriptions_active')).toBe(0)
    const next = await subscribe(url, watchOptions)
    expect(next.status).toBe(200)
    expect((await next.next())?.errors).toBeUndefined()
    next.abortClient()
  })

  test('release their slot when they fail to start', async () => {
    const { listen } = gateway({ concurrency: { subscriptions: 1 } })
    const url = await listen()
    for (let round = 0; round < 3; round += 1) {
      const rejected = await subscribe(url, 'subscription { task(id: "nonsense") { state } }')
      expect((await rejected.remaining())[0]?.errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT' } },
      ])
    }
  })
})
