// Tests the temporary snapshot of setChangeTracking when it is taken late or despite a fault: it is found
// by its marker and removed, by the gateway that took it or by the next setChangeTracking of any gateway. A
// snapshot without the marker stays.

import { describe, expect, onTestFinished, test } from 'vitest'
import type { RecoveryDelays } from '../../../src/schema/tasks/recovery-delays.ts'
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts'
import { takeSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { createUndiciTransport } from '../../../src/transport/undici-transport.ts'
import { type ProxiedCall, type SoapProxy, soapFault, startSoapProxy } from '../../soap-proxy.ts'
import { searches, startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, mutate, treeOf } from './mutate.ts'

const recovery = { lostResponse: [0, 20, 50], leftSnapshot: searches }

async function start({
  leftSnapshot = recovery.leftSnapshot,
}: Partial<Pick<RecoveryDelays, 'leftSnapshot'>> = {}): Promise<{
  simulator: Simulator
  proxy: SoapProxy
  gateway: TestGateway
}> {
  const simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 5 } })
  const proxy = await startSoapProxy((await simulator.listen()).origin)
  const wrap = () => createUndiciTransport({ url: proxy.url, userAgent: 'test' })
  const gateway = startGateway({ simulator, wrap, recovery: { ...recovery, leftSnapshot } })
  onTestFinished(async () => {
    await gateway.close()
    await proxy.close()
    await simulator.close()
  })
  return { simulator, proxy, gateway }
}

const set = (gateway: TestGateway, more: Record<string, unknown> = {}) =>
  mutate(
    gateway,
    'setChangeTracking',
    { virtualMachine: { name: 'web-02' }, enabled: true, activate: true, ...more },
    'task { state } activated',
  )

const removed = (gateway: TestGateway) =>
  expect.poll(() => [countOf(gateway, 'RemoveSnapshot_Task'), treeOf(gateway, 'web-02')]).toEqual([1, []])

const create = (gateway: TestGateway, virtualMachine: string, name: string) =>
  mutate(gateway, 'createSnapshot', { virtualMachine: { name: virtualMachine }, name }, 'task { moid }')

/** Takes a snapshot without the gateway. */
const takeAs = (simulator: Simulator, text: { name: string; description: string }) =>
  takeSnapshot(simulator.inventory.machine('web-02'), {
    ...text,
    memory: false,
    quiesced: false,
    at: simulator.objects.clock.now(),
  })

/** Name and description of the last snapshot that a gateway took. */
const takenBy = ({ calls }: Simulator) =>
  calls.find(({ method }) => method === 'CreateSnapshot_Task')?.args as unknown as {
    name: string
    description: string
  }

describe('a temporary snapshot', () => {
  test('is removed when it is taken after its call was dropped and the client has received its error', async () => {
    const { proxy, gateway } = await start()
    let late: ProxiedCall['forward'] | undefined
    proxy.on('CreateSnapshot_Task', (call) => {
      late = call.forward
      call.dropConnection()
    })
    const { payload, reported } = await set(gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        message: expect.stringContaining('may have been created'),
      },
    ])
    expect(gateway.lines).toEqual([expect.stringContaining('may have been created')])
    await late?.()
    await removed(gateway)
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
  })

  test.each([
    'SystemError',
    'HostCommunication',
    'Timedout',
    'HostNotConnected',
    'RequestCanceled',
    'MethodFault',
  ])('is removed when it is taken although its call failed with %s', async (fault) => {
    const { proxy, gateway } = await start()
    proxy.on('CreateSnapshot_Task', (call) => call.rewrite(() => soapFault(fault), 500))
    await set(gateway)
    await removed(gateway)
  })

  test.each([
    'SystemError',
    'HostCommunication',
    'Timedout',
    'HostNotConnected',
    'RequestCanceled',
    'MethodFault',
  ])('is removed when it is taken later although its call failed with %s', async (fault) => {
    const { proxy, gateway } = await start()
    let late: ProxiedCall['forward'] | undefined
    proxy.on('CreateSnapshot_Task', (call) => {
      late = call.forward
      call.respond(500, soapFault(fault))
    })
    const { reported } = await set(gateway)
    expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', fault, retryable: false }])
    await late?.()
    await removed(gateway)
  })

  test('that never appears is searched for as long as the delays define, and that is logged', async () => {
    const { proxy, gateway } = await start({ leftSnapshot: [20, 50] })
    proxy.on('CreateSnapshot_Task', (call) => call.dropConnection())
    await set(gateway)
    const line = expect.stringMatching(/may be left behind: it has not appeared/)
    await expect.poll(() => gateway.lines).toContainEqual(line)
    expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(0)
  })

  test('of a gateway that has stopped is removed by the next setChangeTracking of another one', async () => {
    const { proxy, gateway, simulator } = await start()
    let body = ''
    proxy.on('CreateSnapshot_Task', (call) => {
      body = call.body
      call.dropConnection()
    })
    await set(gateway)
    await gateway.close()
    expect(gateway.lines.at(-1)).toContain('may be left behind')
    const [, name = '', description = ''] =
      /<name>(.*)<\/name>.*<description>(.*)<\/description>/s.exec(body) ?? []
    takeAs(simulator, { name, description })
    const next = startGateway({ simulator, recovery })
    onTestFinished(() => next.close())
    const { payload, reported } = await set(next)
    expect(reported).toEqual([])
    expect(payload).toMatchObject({ activated: true })
    await removed(next)
    expect(next.lines).toEqual([expect.stringContaining('was left by an earlier call')])
    expect(next.audit).toMatchObject([{ outcome: 'success', calls: [{ method: 'RemoveSnapshot_Task' }] }])
  })

  test('is removed in the background by a setChangeTracking without activate', async () => {
    const { gateway, simulator } = await start()
    await set(gateway)
    const marker = takenBy(simulator)
    simulator.calls.length = 0
    takeAs(simulator, marker)
    const { reported } = await set(gateway, { activate: false })
    expect(reported).toEqual([])
    await removed(gateway)
  })

  test('that is removed in the background does not count as a call of the mutation', async () => {
    const { gateway, simulator, proxy } = await start({ leftSnapshot: [0, 100] })
    await set(gateway)
    takeAs(simulator, takenBy(simulator))
    simulator.calls.length = 0
    proxy.on('ReconfigVM_Task', async (call) => {
      await removed(gateway)
      call.respond(500, soapFault('ConcurrentAccess'))
    })
    const { reported } = await set(gateway, { enabled: false, activate: false })
    expect(reported).toMatchObject([{ code: 'CONFLICT', retryable: true }])
    expect(gateway.audit.at(-1)).toMatchObject({ outcome: 'failed', calls: [{ method: 'ReconfigVM_Task' }] })
  })
})

test('never removes a snapshot without the exact marker', async () => {
  const { gateway, simulator } = await start()
  await set(gateway)
  const { name, description } = takenBy(simulator)
  simulator.calls.length = 0
  const alike = [
    { name, description: '' },
    { name: 'kept', description },
    { name, description: `${description} ` },
    { name: `${name} kept`, description },
    { name, description: description.replace(/[0-9a-f]{32}/, 'f'.repeat(32)) },
    { name: name.toUpperCase(), description },
  ]
  for (const text of alike) takeAs(simulator, text)
  await set(gateway, { enabled: false, activate: false })
  const { reported } = await set(gateway)
  expect(reported).toMatchObject([{ code: 'CONFLICT', message: expect.stringContaining('6 snapshot') }])
  // Until what runs in the background has ended.
  await gateway.close()
  expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(0)
})

test('removes the temporary snapshot, and not another one that the response names wrongly', async () => {
  const { proxy, gateway } = await start()
  const { payload } = await create(gateway, 'web-01', 'kept')
  const { moid } = (payload as { task: { moid: string } }).task
  proxy.on('CreateSnapshot_Task', (call) =>
    call.rewrite((text) => text.replace(/(<returnval[^>]*>)[^<]*/, `$1${moid}`)),
  )
  await set(gateway)
  await removed(gateway)
  expect(JSON.stringify(treeOf(gateway, 'web-01'))).toContain('kept')
})

test('does not remove a temporary snapshot that was renamed before its removal', async () => {
  const { proxy, gateway, simulator } = await start()
  // Every attempt fails until the snapshot is renamed.
  proxy.on('RemoveSnapshot_Task', (call) => call.respond(503, ''))
  await set(gateway)
  const { data } = await gateway.execute('{ virtualMachine(by: { name: "web-02" }) { snapshots { id } } }')
  const [{ id }] = data.virtualMachine.snapshots
  await mutate(gateway, 'renameSnapshot', { snapshot: id, name: 'kept' }, 'snapshot { name }')
  proxy.reset()
  simulator.calls.length = 0
  // The last attempt of the removal comes before the gateway has stopped.
  await gateway.close()
  expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(0)
  expect(JSON.stringify(treeOf(gateway, 'web-02'))).toContain('kept')
})
