// The gateway for tests of other programs: a fetch of its own, a reproducible inventory, and a complete end.

import { createClient } from 'graphql-sse'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTestGateway, type TestGatewayOptions } from '../src/testing.ts'

function start(options?: TestGatewayOptions) {
  const gateway = createTestGateway(options)
  onTestFinished(() => gateway.close())
  return gateway
}

const names = '{ virtualMachines(first: 1000) { totalCount nodes { name instanceUuid } } }'

interface Names {
  readonly virtualMachines: { readonly totalCount: number; readonly nodes: readonly { name: string }[] }
}

describe('createTestGateway', () => {
  it('has a fetch that replaces the global one', async () => {
    const { fetch } = start({ vms: 3 })
    const response = await fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ virtualMachines { totalCount } }' }),
    })
    expect(response).toBeInstanceOf(Response)
    expect(await response.json()).toEqual({ data: { virtualMachines: { totalCount: 3 } } })
  })

  it('has the same inventory for the same seed', async () => {
    const read = async (seed: number) => (await start({ vms: 50, seed }).execute<Names>(names)).data
    const [first, second, other] = [await read(7), await read(7), await read(8)]
    expect(first?.virtualMachines.totalCount).toBe(50)
    expect(second).toEqual(first)
    expect(other).not.toEqual(first)
  })

  it('serves subscriptions to a client that uses its fetch', async () => {
    const gateway = start()
    const client = createClient({ url: 'http://localhost/graphql', fetchFn: gateway.fetch })
    onTestFinished(() => client.dispose())
    // A first batch with the state now, then one with each change.
    const query = `subscription {
      inventoryChanges(filter: { virtualMachine: { name: { eq: "web-01" } } }) {
        changes { entity { ... on VirtualMachine { powerState } } }
      }
    }`
    const events = client.iterate({ query })
    const nextWith = async (state: string) => {
      for (;;) {
        const { done, value } = await events.next()
        if (done || JSON.stringify(value).includes(state)) return value
      }
    }
    expect(JSON.stringify(await nextWith('POWERED_ON'))).toContain('"POWERED_ON"')
    const { errors } = await gateway.execute(
      'mutation { changePower(input: { virtualMachines: { name: "web-01" }, action: POWER_OFF }) { results { error { code } } } }',
    )
    expect(errors).toBeUndefined()
    expect(JSON.stringify(await nextWith('POWERED_OFF'))).toContain('"POWERED_OFF"')
    await events.return?.()
  })

  it('rejects subscriptions in execute, and names what runs them', async () => {
    const subscription = start().execute(
      'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial } }',
    )
    await expect(subscription).rejects.toThrow('execute runs no subscriptions: pass fetch to a client')
  })

  it('returns the errors of an invalid operation', async () => {
    const { data, errors } = await start().execute('{ unknown }')
    expect(data).toBeUndefined()
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT')
  })

  it('has the role and the vCenter account that a test needs', async () => {
    const reader = start({ role: 'reader' })
    const mutation =
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "a" }) { task { state } } }'
    const { errors } = await reader.execute(mutation)
    expect(errors?.[0]?.extensions?.code).toBe('ROLE_REQUIRED')
    const auditor = { username: 'auditor', password: 'secret' }
    const limited = start({ users: [{ ...auditor, grants: [{ role: 'ReadOnly' }] }], account: auditor })
    expect((await limited.execute(mutation)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
  })

  it('reports the errors of injected faults without a delay of seconds', async () => {
    const gateway = start()
    gateway.simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task', times: 10 })
    const startedAt = performance.now()
    const { errors } = await gateway.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "a" }) { task { state } } }',
    )
    expect(errors?.[0]?.extensions?.code).toBeDefined()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it('shares a simulator with other gateways, and leaves it running', async () => {
    const first = start()
    const second = createTestGateway({ simulator: first.simulator, readOnly: true })
    await second.execute(names)
    await second.close()
    expect((await first.execute<Names>(names)).errors).toBeUndefined()
  })

  it('leaves nothing behind when it is closed', async () => {
    const gateway = createTestGateway()
    await gateway.execute(names)
    expect(gateway.simulator.live.sessions).toBe(1)
    await gateway.close()
    expect(gateway.simulator.live).toMatchObject({ sessions: 0, views: 0, filters: 0, waits: 0, tasks: 0 })
  })
})
