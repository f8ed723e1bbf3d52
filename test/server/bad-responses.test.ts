// The fault matrix for responses: everything that a vCenter or a proxy can do wrong with one call, and its effect on a query, a
// mutation and a subscription. Uses real connections. After every fault the gateway works as before, and leaves nothing on the
// vCenter when it stops.

import type { ExecutionResult } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import { subscribe } from '../subscribe.ts'
import { shortRecovery } from '../test-gateway.ts'
import { noLiveObjects } from '../vim25/connect.ts'
import { type ProxyFaultName, startFaultyProxy } from './faulty-proxy.ts'
import { type OnCleanup, startTestServer } from './running-server.ts'

/** `answered`: correct and complete. Any other value is the error code of a response without data. */
type Outcome = 'answered' | 'UNAVAILABLE' | 'TIMEOUT' | 'FAULT' | 'TOO_COMPLEX' | 'UNKNOWN'

const [ok, unavailable, timeout, fault, tooComplex, unknown] = [
  'answered',
  'UNAVAILABLE',
  'TIMEOUT',
  'FAULT',
  'TOO_COMPLEX',
  'UNKNOWN',
] as const

// A query meets the fault once, and then on every attempt. A mutation meets it instead of being executed, and after being
// executed: the former is OUTCOME_UNKNOWN, since a missing task does not prove that the call will never be executed. A
// subscription meets it on every attempt, and receives all changes afterwards.
// biome-ignore format: it is a table
const matrix: [ProxyFaultName, ...Outcome[]][] = [
  // the vCenter                                   query: once   always       change: not done  done  subscription
  ['closes the connection',                        ok,           unavailable, unknown,          ok,   ok],
  ['drops the connection mid-body',                ok,           unavailable, unknown,          ok,   ok],
  ['does not speak HTTP',                          ok,           unavailable, unknown,          ok,   ok],
  ['sends excessively long headers',               ok,           unavailable, unknown,          ok,   ok],
  ['sends corrupt gzip',                           ok,           unavailable, unknown,          ok,   ok],
  ['responds 502 with HTML',                       ok,           unavailable, unknown,          ok,   ok],
  ['responds 503 with HTML',                       ok,           unavailable, unknown,          ok,   ok],
  ['responds 504 with HTML',                       ok,           unavailable, unknown,          ok,   ok],
  ['responds 500 with HTML',                       unavailable,  unavailable, unknown,          ok,   ok],
  ['responds 403 with HTML',                       unavailable,  unavailable, unknown,          ok,   ok],
  ['redirects',                                    unavailable,  unavailable, unknown,          ok,   ok],
  ['never responds',                               timeout,      timeout,     unknown,          ok,   ok],
  ['responds a byte at a time',                    timeout,      timeout,     unknown,          ok,   ok],
  ['sends endless headers',                        timeout,      timeout,     unknown,          ok,   ok],
  ['responds 200 with a login page',               fault,        fault,       unknown,          ok,   ok],
  ['responds 200 with an empty body',              fault,        fault,       unknown,          ok,   ok],
  ['responds with invalid XML',                    fault,        fault,       unknown,          ok,   ok],
  ['responds in UTF-16',                           fault,        fault,       unknown,          ok,   ok],
  ['sends a truncated body',                       fault,        fault,       unknown,          ok,   ok],
  ['responds to another method',                   fault,        fault,       unknown,          ok,   ok],
  ['sends text in place of objects',               fault,        fault,       unknown,          ok,   ok],
  ['defines entities that expand to a gigabyte',   fault,        fault,       unknown,          ok,   ok],
  ['defines a file entity',                        fault,        fault,       unknown,          ok,   ok],
  ['nests elements a hundred thousand deep',       fault,        fault,       unknown,          ok,   ok],
  ['compresses 200 MB of white space',             tooComplex,   tooComplex,  unknown,          ok,   ok],
  ['sends an endless body',                        tooComplex,   tooComplex,  unknown,          ok,   ok],
]

/** With these faults, the test would have to wait a whole minute for a subscription's long poll. */
const slowFaults: readonly ProxyFaultName[] = [
  'never responds',
  'responds a byte at a time',
  'sends endless headers',
]

const password = 'correct horse battery'

async function start(fault: ProxyFaultName, atEnd: OnCleanup) {
  const simulator = createSimulator({ password, tasks: { queuedMs: 0, durationMs: 5 } })
  atEnd(() => simulator.close())
  const proxy = await startFaultyProxy((await simulator.listen()).origin)
  atEnd(() => proxy.close())
  const flags = [
    '--url',
    proxy.url,
    '--username',
    'user',
    '--call-timeout',
    // The other faults must be detected as what they are on a busy machine, too.
    slowFaults.includes(fault) ? '4' : '60',
    '--max-vcenter-response-mb',
    '1',
  ]
  const server = await startTestServer(flags, { VSPHERE_PASSWORD: password }, atEnd, {
    recovery: shortRecovery,
    circuitBreaker: { initialDelayMs: 200 },
  })
  await server.get('/ready')
  return { simulator, proxy, server }
}

const query = '{ virtualMachines { nodes { name } } }'
const change = (name: string) =>
  `mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "${name}" }) { task { state } } }`
const subscription =
  'subscription { inventoryChanges(filter: { virtualMachine: {} }) { initial changes { kind } } }'

function outcomeOf({ data, errors = [] }: ExecutionResult): Outcome {
  const codes = errors.map(({ extensions }) =>
    String(extensions.code).replace(/^(VCENTER|QUERY|VSPHERE|OUTCOME)_/, ''),
  )
  if (codes.length === 0) return 'answered'
  // A truncated response must not pass as a complete one.
  expect(Object.values(data ?? {}).filter((each) => each !== null)).toEqual([])
  return codes[0] as Outcome
}

// Concurrent, because they spend most of their time on timeouts.
describe.concurrent('a gateway', () => {
  test.for(matrix)('handles a vCenter that %s', async (row, { expect, onTestFinished }) => {
    const [faults, once, always, lost, done, followed] = row
    const { simulator, proxy, server } = await start(faults, onTestFinished)
    const names = async () => (await server.execute(query)).data?.virtualMachines.nodes.length
    /** The fault may have opened the circuit breaker, which closes by itself. */
    const over = async () => {
      proxy.clearFaults()
      await expect.poll(names).toBe(20)
    }
    const reported: Record<string, unknown> = {}
    // On a busy machine, a call at the start may exceed its time limit.
    await over()

    proxy.injectFault('RetrievePropertiesEx', faults, { times: 1 })
    reported.once = outcomeOf(await server.execute(query))
    proxy.injectFault('RetrievePropertiesEx', faults)
    reported.always = outcomeOf(await server.execute(query))
    await over()

    proxy.injectFault('CreateSnapshot_Task', faults)
    reported.lost = outcomeOf(await server.execute(change('lost')))
    await over()
    const snapshots = () => simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task').length
    reported.sentInstead = snapshots()

    proxy.injectFault('CreateSnapshot_Task', faults, { afterExecution: true })
    reported.done = outcomeOf(await server.execute(change('done')))
    reported.sent = snapshots()
    await over()

    proxy.injectFault(slowFaults.includes(faults) ? 'CreateFilter' : 'WaitForUpdatesEx', faults)
    const events = await subscribe(server.url, subscription)
    await expect.poll(() => proxy.faultCount).toBeGreaterThan(0)
    proxy.clearFaults()
    reported.followed = outcomeOf((await events.next()) ?? {})
    events.abortClient()

    expect(reported).toEqual({ once, always, lost, sentInstead: 0, done, sent: 1, followed })
    const ownObjects = { ...noLiveObjects, sessions: 1, views: expect.any(Number) }
    await expect.poll(() => simulator.live).toEqual(ownObjects)
    await expect.poll(async () => (await server.get('/ready')).status).toBe(200)
    await server.stop()
    expect(simulator.live).toEqual(noLiveObjects)
    const logged = server.lines.join('\n')
    expect(logged).not.toContain(password)
    expect(logged).not.toContain('root:')
  })
})
