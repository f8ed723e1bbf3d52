// Tests write calls over a connection that a proxy breaks, delays or responds to: once bytes may have been
// sent, the outcome is adopted or OUTCOME_UNKNOWN, never retryable. A call that was not sent is retryable.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { createSimulator } from '../../../src/simulator/index.ts'
import { startTask } from '../../../src/simulator/tasks.ts'
import type { MethodName } from '../../../src/soap/envelope.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { createUndiciTransport } from '../../../src/transport/undici-transport.ts'
import { type ProxiedCall, soapEnvelope, soapFault, startSoapProxy } from '../../soap-proxy.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, idsOf, mutate, triggeredAlarmId } from './mutate.ts'

const transportTo = (url: string): Transport => createUndiciTransport({ url, userAgent: 'test' })

async function start() {
  const simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 5 } })
  const proxy = await startSoapProxy((await simulator.listen()).origin)
  const gateway = startGateway({
    simulator,
    wrap: () => transportTo(proxy.url),
    recovery: { lostResponse: [0, 10, 20], leftSnapshot: [50, 100, 200, 400] },
  })
  onTestFinished(async () => {
    await gateway.close()
    await proxy.close()
    await simulator.close()
  })
  await gateway.execute('{ vcenters { name } }')
  return { simulator, proxy, gateway }
}

interface Mutation {
  readonly field: string
  readonly method: MethodName
  readonly selection?: string
  readonly input: (gateway: TestGateway) => Promise<Record<string, unknown>>
}

const ofMachine =
  (more: Record<string, unknown> = {}) =>
  async () => ({ virtualMachine: { name: 'web-01' }, ...more })
const ofSnapshot =
  (more: Record<string, unknown> = {}) =>
  async (gateway: TestGateway) => ({
    snapshot: (await idsOf(gateway, 'web-01')).snapshots['before-update'],
    ...more,
  })

const ofEntity = (more: Record<string, unknown>) => async (gateway: TestGateway) => ({
  entity: (await idsOf(gateway, 'web-01')).vm,
  ...more,
})

async function someTask({ execute, simulator: { objects, inventory } }: TestGateway) {
  const { ref: entity } = inventory.machine('mail-01')
  const about = { name: 'Export_Task', descriptionId: 'VirtualMachine.export', userName: 'user' }
  const task = startTask(objects, { ...about, entity, cancelable: true, durationMs: 60_000 }, () => undefined)
  const { data } = await execute('{ vcenters { instanceUuid } }')
  return { task: encodeManagedObjectId(data.vcenters[0].instanceUuid, task) }
}

// biome-ignore format: keep the table readable
const mutations: readonly Mutation[] = [
  { field: 'createSnapshot',     method: 'CreateSnapshot_Task',     input: ofMachine({ name: 'new' }) },
  { field: 'removeSnapshot',     method: 'RemoveSnapshot_Task',     input: ofSnapshot() },
  { field: 'removeAllSnapshots', method: 'RemoveAllSnapshots_Task', input: ofMachine() },
  { field: 'revertToSnapshot',   method: 'RevertToSnapshot_Task',   input: ofSnapshot() },
  { field: 'consolidateDisks',   method: 'ConsolidateVMDisks_Task', input: ofMachine() },
  { field: 'setChangeTracking',  method: 'ReconfigVM_Task',         input: ofMachine({ enabled: false }) },
  { field: 'renameSnapshot',     method: 'RenameSnapshot',          input: ofSnapshot({ name: 'new' }), selection: 'snapshot { name }' },
  { field: 'setCustomAttribute', method: 'SetField',                input: ofEntity({ name: 'Owner', value: 'new' }), selection: 'entity { name }' },
  { field: 'acknowledgeAlarm',   method: 'AcknowledgeAlarm',        input: async (gateway) => ({ alarm: await triggeredAlarmId(gateway, 'web-01') }), selection: 'alarm { acknowledged }' },
  { field: 'cancelTask',         method: 'CancelTask',              input: someTask, selection: 'task { canceled }' },
]

const unknown = {
  code: 'OUTCOME_UNKNOWN',
  retryable: false,
  remedy: expect.stringContaining('before you retry'),
}

describe.each(mutations)('$field', ({ field, method, input, selection }) => {
  test('is OUTCOME_UNKNOWN when the connection breaks and the call is executed after the response', async () => {
    const { proxy, gateway } = await start()
    const wanted = await input(gateway)
    let late: ProxiedCall['forward'] | undefined
    proxy.on(method, (call) => {
      late = call.forward
      call.dropConnection()
    })
    const { payload, reported } = await mutate(gateway, field, wanted, selection)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      { ...unknown, message: expect.stringContaining('may still execute the call') },
    ])
    expect((await late?.())?.status).toBe(200)
    expect(countOf(gateway, method)).toBe(1)
    expect(gateway.audit).toMatchObject([{ mutation: field, outcome: 'unknown', calls: [{ method }] }])
  })

  test('is OUTCOME_UNKNOWN when it was executed, its response lost, and its task forgotten', async () => {
    const { proxy, gateway, simulator } = await start()
    const wanted = await input(gateway)
    const tasks = () => [...simulator.objects.ofType('Task')]
    proxy.on(method, async (call) => {
      await call.forward()
      while (tasks().some((task) => (task.get('info') as { state: string }).state === 'queued'))
        await new Promise((resolve) => setTimeout(resolve, 5))
      for (const { ref } of tasks()) simulator.faults.remove(ref)
      call.dropConnection()
    })
    const { payload, reported } = await mutate(gateway, field, wanted, selection)
    // The effect of a rename, the value of an attribute, and the state of an alarm are sufficient proof.
    if (method === 'RenameSnapshot') expect(payload).toEqual({ snapshot: { name: 'new' } })
    else if (method === 'SetField') expect(payload).toEqual({ entity: { name: 'web-01' } })
    else if (method === 'AcknowledgeAlarm') expect(payload).toEqual({ alarm: { acknowledged: true } })
    else expect(reported).toMatchObject([unknown])
    expect(countOf(gateway, method)).toBe(1)
  })

  test.each([
    'SystemError',
    'HostCommunication',
    'Timedout',
    'HostNotConnected',
    'RequestCanceled',
    'MethodFault',
    'AFaultOfTomorrow',
  ])('is OUTCOME_UNKNOWN with the fault when it is not executed and fails with %s', async (fault) => {
    const { proxy, gateway } = await start()
    const wanted = await input(gateway)
    proxy.on(method, (call) => call.respond(500, soapFault(fault, { faultstring: 'in words' })))
    const { payload, reported } = await mutate(gateway, field, wanted, selection)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ ...unknown, fault, message: expect.stringContaining('in words') }])
    expect(proxy.calls.filter((each) => each === method)).toHaveLength(1)
  })

  test('is a success when it is executed and returns SystemError', async () => {
    const { proxy, gateway } = await start()
    const wanted = await input(gateway)
    proxy.on(method, (call) => call.rewrite(() => soapFault('SystemError'), 500))
    const { payload, reported } = await mutate(gateway, field, wanted, selection)
    expect(reported).toEqual([])
    expect(payload).not.toBeNull()
    expect(countOf(gateway, method)).toBe(1)
    expect(gateway.audit).toMatchObject([{ outcome: 'success' }])
  })

  test('is retryable when the server reports before execution that another task is in progress', async () => {
    const { proxy, gateway, simulator } = await start()
    const wanted = await input(gateway)
    const { ref } = simulator.inventory.machine('web-01')
    proxy.on(method, (call) =>
      call.respond(
        500,
        soapFault('TaskInProgress', { fields: `<task type="Task">task-of-${ref.value}</task>` }),
      ),
    )
    const { reported } = await mutate(gateway, field, wanted, selection)
    expect(reported).toMatchObject([{ code: 'CONFLICT', fault: 'TaskInProgress', retryable: true }])
    expect(gateway.audit).toMatchObject([{ outcome: 'failed', code: 'CONFLICT', calls: [{ method }] }])
  })
})

describe('createSnapshot', () => {
  const create = (gateway: TestGateway) =>
    mutate(gateway, 'createSnapshot', { virtualMachine: { name: 'web-01' }, name: 'new' })

  test.each([
    ['502', (call: ProxiedCall) => call.respond(502, '<html/>')],
    ['503', (call: ProxiedCall) => call.respond(503, '')],
    ['504', (call: ProxiedCall) => call.respond(504, '<html/>')],
    ['a redirect', (call: ProxiedCall) => call.respond(302, '', { location: '/login' })],
    ['500 without a fault', (call: ProxiedCall) => call.respond(500, '<html/>')],
    ['a login page', (call: ProxiedCall) => call.respond(200, '<html/>')],
    ['an empty body', (call: ProxiedCall) => call.respond(200, soapEnvelope(''))],
  ])('is OUTCOME_UNKNOWN when a proxy responds with %s and executes it late', async (_, respond) => {
    const { proxy, gateway } = await start()
    let late: ProxiedCall['forward'] | undefined
    proxy.on('CreateSnapshot_Task', (call) => {
      late = call.forward
      respond(call)
    })
    const { reported } = await create(gateway)
    expect(reported).toMatchObject([unknown])
    expect((await late?.())?.status).toBe(200)
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
  })

  /** A gateway whose write calls go to another address. */
  function startApart(writes: Transport, options: Parameters<typeof startGateway>[0] = {}) {
    const gateway = startGateway({
      ...options,
      wrap: (transport) => ({
        close: () => transport.close(),
        send: (request) =>
          (String(request.body).includes('<CreateSnapshot_Task ') ? writes : transport).send(request),
      }),
    })
    onTestFinished(async () => {
      await gateway.close()
      await writes.close()
    })
    return gateway
  }

  /** A local port that refuses connections. */
  async function closedPort(): Promise<number> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return port
  }

  test('is retryable when the connection is refused', async () => {
    const gateway = startApart(transportTo(`http://127.0.0.1:${await closedPort()}`))
    const { reported } = await create(gateway)
    expect(reported).toMatchObject([
      { code: 'VCENTER_UNAVAILABLE', retryable: true, message: expect.stringContaining('refused') },
    ])
    expect(gateway.audit).toMatchObject([{ outcome: 'failed', calls: [] }])
  })

  test('is retryable when the TLS handshake fails', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const gateway = startApart(transportTo(`https://127.0.0.1:${(server.address() as AddressInfo).port}`))
    const { reported } = await create(gateway)
    expect(reported).toMatchObject([{ code: 'VCENTER_UNAVAILABLE', retryable: true }])
    expect(gateway.audit).toMatchObject([{ outcome: 'failed', calls: [] }])
  })

  test('is retryable when the circuit breaker opened before it was sent', async () => {
    const gateway = startGateway({ reachability: { failureThreshold: 1, initialDelayMs: 60_000 } })
    onTestFinished(() => gateway.close())
    const hold = gateway.simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const result = create(gateway)
    await hold.waitFor()
    gateway.simulator.faults.unavailable({ method: 'RetrievePropertiesEx', times: 3 })
    await gateway.execute('{ virtualMachines { nodes { name } } }')
    hold.release()
    const { reported } = await result
    expect(reported).toMatchObject([{ code: 'VCENTER_UNAVAILABLE', retryable: true }])
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(0)
    expect(gateway.audit).toMatchObject([{ outcome: 'failed', calls: [] }])
  })
})
