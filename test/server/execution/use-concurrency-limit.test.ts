// All operations together: what is more than may run at the same time waits, and what is more than may wait is refused.

import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { startGateway } from '../../test-gateway.ts'
import { subscribe } from '../../subscribe.ts'

function gateway(options: Parameters<typeof startGateway>[0] = {}) {
  const metrics = createMetrics()
  const started = startGateway({ metrics, ...options })
  onTestFinished(() => started.close())
  const figure = async (name: string) =>
    Number(new RegExp(`^vsphere_graphql_${name} (\\d+)`, 'm').exec(await metrics.read())?.[1])
  return { ...started, figure }
}

/** Of different shapes, so that they share no retrieval. */
const queries = ['name', 'id', 'moid'].map((field) => `{ virtualMachines { nodes { ${field} } } }`)
const post = (query: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
})

const introduction = '{ vcenters { name } }'

describe('queries and mutations', () => {
  test('take several places where their answers could be large, and small ones pass by', async () => {
    const { ask, figure, simulator } = gateway({ atOnce: { operations: 20 }, limits: { objects: 10_000 } })
    await ask(introduction)
    const hold = simulator.trouble.hold({ method: 'RetrievePropertiesEx' })
    // Each could have nine tenths of the objects that there may be: nine places of twenty.
    const large = ['name', 'moid', 'path'].map((field) =>
      ask(`{ datacenters(first: 9) { nodes { virtualMachines(first: 1000) { nodes { ${field} } } } } }`),
    )
    await vi.waitFor(async () => expect(await figure('operations_waiting')).toBe(1))
    expect(await figure('operations_running')).toBe(2)
    expect((await ask(introduction)).errors).toBeUndefined()
    expect(await figure('operations_waiting')).toBe(1)
    hold.release()
    for (const { errors } of await Promise.all(large)) expect(errors).toBeUndefined()
  })

  test('do not wait where they are refused by what they ask', async () => {
    const { ask, simulator } = gateway({ atOnce: { operations: 1 } })
    await ask(introduction)
    const hold = simulator.trouble.hold({ method: 'RetrievePropertiesEx' })
    const first = ask(queries[0] as string)
    await hold.arrived()
    const { errors } = await ask(
      '{ datacenters(first: 1000) { nodes { virtualMachines(first: 1000) { nodes { name } } } } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', retryable: false } }])
    hold.release()
    await first
  })

  test('wait for their turn, and one more than may wait is refused with 503 before anything is asked', async () => {
    const { ask, fetch, figure, simulator, operations } = gateway({ atOnce: { operations: 1 } })
    await ask(introduction)
    const hold = simulator.trouble.hold({ method: 'RetrievePropertiesEx' })
    const first = ask(queries[0] as string)
    await hold.arrived()
    const second = ask(queries[1] as string)
    await vi.waitFor(async () => expect(await figure('operations_waiting')).toBe(1))
    expect(await figure('operations_running')).toBe(1)
    const calls = simulator.calls.length
    const refused = await fetch('/graphql', post(queries[2] as string))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await refused.json()).toMatchObject({
      errors: [
        {
          message: expect.stringContaining('1 in all'),
          extensions: {
            code: 'VCENTER_UNAVAILABLE',
            retryable: true,
            limit: 1,
            remedy: expect.stringContaining('--max-operations'),
          },
        },
      ],
    })
    expect(operations.at(-1)).toMatchObject({
      outcome: 'failed',
      codes: ['VCENTER_UNAVAILABLE'],
      soapCalls: 0,
    })
    expect(simulator.calls.length).toBe(calls)
    hold.release()
    expect((await first).errors).toBeUndefined()
    expect((await second).errors).toBeUndefined()
    expect([await figure('operations_running'), await figure('operations_waiting')]).toEqual([0, 0])
  })

  test('that fail give their place back', async () => {
    const { ask } = gateway({ atOnce: { operations: 1 }, limits: { objects: 5 } })
    for (let round = 0; round < 3; round += 1) {
      expect((await ask('{ virtualMachines { nodes { name } } }')).errors).toHaveLength(1)
      expect((await ask(introduction)).errors).toBeUndefined()
    }
  })
})

describe('subscriptions', () => {
  const following = 'subscription { virtualMachineChanges { initial changes { virtualMachineId } } }'

  test('are counted by themselves, and one more than may stand open is refused until one has ended', async () => {
    const { listen, ask, figure } = gateway({ atOnce: { operations: 1, subscriptions: 1 } })
    const url = await listen()
    const first = await subscribe(url, following)
    expect((await first.next())?.errors).toBeUndefined()
    const refused = await subscribe(url, following)
    expect(refused.status).toBe(503)
    expect((await ask(introduction)).errors).toBeUndefined()
    first.hangUp()
    await vi.waitFor(async () => expect(await figure('subscriptions')).toBe(0))
    const next = await subscribe(url, following)
    expect(next.status).toBe(200)
    expect((await next.next())?.errors).toBeUndefined()
    next.hangUp()
  })

  test('that cannot begin keep no place', async () => {
    const { listen } = gateway({ atOnce: { subscriptions: 1 } })
    const url = await listen()
    for (let round = 0; round < 3; round += 1) {
      const refused = await subscribe(url, 'subscription { task(id: "nonsense") { state } }')
      expect((await refused.rest())[0]?.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    }
  })
})
