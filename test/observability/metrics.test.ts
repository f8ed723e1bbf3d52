// The metrics of a gateway under queries, shutdown, rejections and subscriptions, as Prometheus scrapes them.

import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMetrics } from '../../src/observability/metrics.ts'
import { subscribe } from '../subscribe.ts'
import { startGateway } from '../test-gateway.ts'

function gateway(options: Parameters<typeof startGateway>[0] = {}) {
  const metrics = createMetrics()
  const started = startGateway({ ...options, metrics })
  onTestFinished(() => started.close())
  /** Returns the value of a series, which is written `name{labels}`. */
  const value = async (series: string): Promise<number | undefined> => {
    const text = await (await started.fetch('/metrics')).text()
    const found = text.split('\n').find((line) => line.startsWith(`${series} `))
    return found === undefined ? undefined : Number(found.slice(series.length))
  }
  return { ...started, value }
}

const vcenter = 'vcenter="test"'

describe('operations', () => {
  it('are counted by kind and outcome, and timed', async () => {
    const { execute, value } = gateway()
    await execute('{ vcenters { name } }')
    await execute('{ vcenters { name } }')
    await execute('{ virtualMachine(by: { id: "x" }) { name } vcenters { name } }')
    await execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x" }) { task { state } } }',
    )
    await execute('{')
    const counted = (kind: string, outcome: string) =>
      value(`vsphere_graphql_operations_total{kind="${kind}",outcome="${outcome}"}`)
    expect(await counted('query', 'success')).toBe(2)
    expect(await counted('query', 'partial')).toBe(1)
    expect(await counted('mutation', 'success')).toBe(1)
    expect(await counted('unknown', 'failed')).toBe(1)
    expect(await value('vsphere_graphql_operation_duration_seconds_count{kind="query"}')).toBe(3)
    expect(await value('vsphere_graphql_errors_total{code="BAD_USER_INPUT"}')).toBe(2)
  })

  it('have no label that a client controls', async () => {
    const { execute, fetch } = gateway()
    await execute('query Chosen { vcenters { name } }', {}, { 'x-request-id': 'chosen' })
    expect(await (await fetch('/metrics')).text()).not.toMatch(/chosen/i)
  })
})

it('counts and times SOAP calls by method and outcome, including those outside of operations', async () => {
  const { execute, value, simulator } = gateway()
  await execute('{ virtualMachines { totalCount } }')
  simulator.faults.fault('HostCommunication', { method: 'RetrievePropertiesEx' })
  await execute('{ virtualMachines { totalCount } }')
  simulator.faults.dropConnection('unanswered', { method: 'RetrievePropertiesEx' })
  await execute('{ virtualMachines { totalCount } }')
  const counted = (method: string, outcome: string) =>
    value(`vsphere_graphql_soap_calls_total{${vcenter},method="${method}",outcome="${outcome}"}`)
  expect(await counted('Login', 'success')).toBe(1)
  // The dropped call was retried.
  expect(await counted('RetrievePropertiesEx', 'success')).toBe(2)
  expect(await counted('RetrievePropertiesEx', 'fault')).toBe(1)
  expect(await counted('RetrievePropertiesEx', 'failed')).toBe(1)
  const timed = `vsphere_graphql_soap_call_duration_seconds_count{${vcenter},method="RetrievePropertiesEx"}`
  expect(await value(timed)).toBe(4)
})

it('measures a retrieval by the number of its objects over all pages', async () => {
  const { execute, value, simulator } = gateway()
  simulator.faults.pageSize = 5
  await execute('{ virtualMachines { nodes { name } } }')
  expect(await value(`vsphere_graphql_retrieved_objects_count{${vcenter}}`)).toBe(1)
  expect(await value(`vsphere_graphql_retrieved_objects_sum{${vcenter}}`)).toBe(20)
})

describe('sessions and logins', () => {
  it('are counted when they start and end', async () => {
    const { execute, fetch, value, simulator } = gateway()
    const sessions = () => value(`vsphere_graphql_vcenter_sessions{${vcenter}}`)
    const logins = (outcome: string) => value(`vsphere_graphql_logins_total{${vcenter},outcome="${outcome}"}`)
    expect([await sessions(), await logins('success'), await logins('refused')]).toEqual([0, 0, 0])
    await fetch('/ready')
    expect([await sessions(), await logins('success')]).toEqual([1, 1])
    simulator.faults.restart()
    await execute('{ vcenters { connected } }')
    expect([await sessions(), await logins('success')]).toEqual([1, 2])
    simulator.faults.restart()
    simulator.faults.dropConnection('unread', { method: 'Login' })
    await execute('{ vcenters { connected } }')
    expect([await sessions(), await logins('failed')]).toEqual([0, 1])
  })

  it('count one rejected login', async () => {
    const { fetch, value } = gateway({ gatewayPassword: 'wrong' })
    await fetch('/ready')
    await fetch('/ready')
    expect(await value(`vsphere_graphql_logins_total{${vcenter},outcome="refused"}`)).toBe(1)
    expect(await value(`vsphere_graphql_vcenter_sessions{${vcenter}}`)).toBe(0)
  })
})

it('counts retried reads, and reports whether the vCenter is reachable', async () => {
  const { execute, value, simulator } = gateway()
  const retries = () => value(`vsphere_graphql_soap_retries_total{${vcenter},method="RetrievePropertiesEx"}`)
  const reachable = () => value(`vsphere_graphql_vcenter_up{${vcenter}}`)
  simulator.faults.unavailable({ method: 'RetrievePropertiesEx', times: 1 })
  await execute('{ virtualMachines { nodes { name } } }')
  expect([await retries(), await reachable()]).toEqual([1, 1])
  simulator.faults.unavailable({ times: Number.POSITIVE_INFINITY })
  await execute('{ virtualMachines { nodes { name } } }')
  expect([await retries(), await reachable()]).toEqual([3, 1])
  // The fifth consecutive failure is the second attempt of a call.
  await execute('{ virtualMachines { nodes { name } } }')
  expect([await retries(), await reachable()]).toEqual([4, 0])
})

it('reports running and queued reads', async () => {
  const { execute, value, simulator, fetch } = gateway({ maxConcurrentCalls: 1 })
  await fetch('/ready')
  const pause = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
  const answers = [execute('{ virtualMachines { nodes { name } } }'), execute('{ hosts { nodes { name } } }')]
  await pause.waitFor()
  await expect.poll(() => value(`vsphere_graphql_soap_reads_queued{${vcenter}}`)).toBe(1)
  expect(await value(`vsphere_graphql_soap_reads_in_flight{${vcenter}}`)).toBe(1)
  pause.release()
  await Promise.all(answers)
  expect(await value(`vsphere_graphql_soap_reads_in_flight{${vcenter}}`)).toBe(0)
  expect(await value(`vsphere_graphql_soap_reads_queued{${vcenter}}`)).toBe(0)
})

it('counts subscriptions and their update streams while they are open', async () => {
  const { listen, value } = gateway()
  const url = await listen()
  const streams = () => value(`vsphere_graphql_update_streams{${vcenter},kind="inventory"}`)
  const query =
    'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind } } }'
  const all = [await subscribe(url, query), await subscribe(url, query)]
  for (const each of all) await each.next()
  expect([await value('vsphere_graphql_subscriptions_active'), await streams()]).toEqual([2, 1])
  for (const each of all) each.abortClient()
  await expect.poll(() => value('vsphere_graphql_subscriptions_active')).toBe(0)
  await expect.poll(streams).toBe(0)
  expect(await value('vsphere_graphql_operations_total{kind="subscription",outcome="aborted"}')).toBe(2)
})

describe('/metrics', () => {
  it('is in the Prometheus format, with help for each series', async () => {
    const { fetch, execute } = gateway()
    await execute('{ virtualMachines { totalCount } }')
    const response = await fetch('/metrics')
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    const names = new Set(
      [...text.matchAll(/^(vsphere_graphql_\w+?)(_bucket|_sum|_count)?[{ ]/gm)].map(([, name]) => name),
    )
    expect(names.size).toBeGreaterThanOrEqual(11)
    const docs = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8')
    for (const name of names) {
      expect(text).toMatch(new RegExp(`^# HELP ${name} .+\\.$`, 'm'))
      expect(docs).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'))
    }
  })

  it('is not served under a foreign host name', async () => {
    const { fetch } = gateway()
    expect((await fetch('/metrics', { headers: { host: 'evil.example.com' } })).status).toBe(421)
  })

  it('is computed once for concurrent scrapes', async () => {
    const metrics = createMetrics({ cacheMs: 60_000 })
    let scrapes = 0
    metrics.vcenter('a', () => {
      scrapes += 1
      const updateStreams = { tasks: 0, inventory: 0, events: 0 }
      return { isUp: true, sessions: 0, readsInFlight: 0, readsQueued: 0, updateStreams }
    })
    const before = await metrics.read()
    const readsPerScrape = scrapes
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => metrics.read())))).toEqual(
      new Set([before]),
    )
    expect(scrapes).toBe(readsPerScrape)
  })

  it('is computed again after a failure', async () => {
    const metrics = createMetrics({ cacheMs: 60_000 })
    const state = vi.fn().mockImplementationOnce(() => {
      throw new Error('not now')
    })
    state.mockReturnValue({
      reachable: true,
      sessions: 0,
      readsInFlight: 0,
      readsQueued: 0,
      updateStreams: {},
    })
    metrics.vcenter('a', state)
    await expect(metrics.read()).rejects.toThrow('not now')
    expect(await metrics.read()).toContain('vsphere_graphql_vcenter_sessions{vcenter="a"} 0')
  })

  it('has the version, if it is known', async () => {
    expect(await createMetrics({ version: '1.2.3' }).read()).toContain(
      'vsphere_graphql_build_info{version="1.2.3"} 1',
    )
  })

  it('has the process metrics, such as the event loop lag', async () => {
    const text = await createMetrics({ includeProcess: true }).read()
    for (const name of [
      'nodejs_eventloop_lag_seconds',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
    ])
      expect(text).toMatch(new RegExp(`^${name} `, 'm'))
  })
})
