// Tests the audit log: one line for each mutation field, with its final outcome.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createManualClock } from '../../../src/simulator/index.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { startGateway } from '../../test-gateway.ts'
import { idsOf, mutate } from './mutate.ts'

function gateway(options: Parameters<typeof startGateway>[0] = {}) {
  const started = startGateway(options)
  onTestFinished(() => started.close())
  return started
}

const line = {
  audit: true,
  requestId: expect.any(String),
  identity: 'anonymous',
  durationMs: expect.any(Number),
}
const moid = expect.stringMatching(/^vm-\d+$/)
const task = expect.stringMatching(/^task-\d+$/)
const mail = { name: 'mail-01' }

describe('a successful mutation', () => {
  it('is logged with its virtual machine and its task', async () => {
    const started = gateway()
    const { payload } = await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x' })
    expect(started.audit).toEqual([
      {
        ...line,
        mutation: 'createSnapshot',
        outcome: 'success',
        virtualMachine: { moid, name: 'mail-01' },
        calls: [{ method: 'CreateSnapshot_Task', object: moid, task: payload.task.moid }],
      },
    ])
  })

  it('is logged for each field, under the name of the field and not its alias', async () => {
    const started = gateway()
    const { snapshots } = await idsOf(started, 'web-01')
    const [id] = Object.values(snapshots)
    await started.execute(
      `mutation ($id: ID!) {
        a: renameSnapshot(input: { snapshot: $id, name: "b" }) { snapshot { name } }
        c: createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "d" }) { task { state } }
      }`,
      { id },
    )
    expect(started.audit).toMatchObject([
      {
        mutation: 'renameSnapshot',
        outcome: 'success',
        virtualMachine: { moid, name: 'web-01' },
        calls: [{ method: 'RenameSnapshot' }],
      },
      { mutation: 'createSnapshot', outcome: 'success' },
    ])
    expect(new Set(started.audit.map(({ requestId }) => requestId)).size).toBe(1)
  })

  it('is logged with the unescaped name of its virtual machine, however it was found', async () => {
    const started = gateway()
    const { data } = await started.execute('{ virtualMachine(by: { name: "a/b" }) { moid } }')
    await mutate(started, 'createSnapshot', { virtualMachine: { name: 'a/b' }, name: 'x' })
    await mutate(started, 'createSnapshot', { virtualMachine: { moid: data.virtualMachine.moid }, name: 'y' })
    const virtualMachine = { moid, name: 'a/b' }
    expect(started.audit).toMatchObject([{ virtualMachine }, { virtualMachine }])
  })

  it('is logged although nothing had to be done', async () => {
    const started = gateway()
    const input = { virtualMachine: { name: 'db-01' }, enabled: true }
    await mutate(started, 'setChangeTracking', input, 'task { moid }')
    await mutate(started, 'setChangeTracking', input, 'task { moid }')
    expect(started.audit.at(-1)).toMatchObject({ outcome: 'success', calls: [] })
  })
})

describe('a failed mutation', () => {
  it.each([
    ['an unknown virtual machine', { virtualMachine: { name: 'unknown' }, name: 'x' }, 'NOT_FOUND'],
    ['an invalid input', { virtualMachine: mail, name: 'x', waitSeconds: 601 }, 'BAD_USER_INPUT'],
  ])('that has %s is logged with its code', async (_when, input, code) => {
    const started = gateway()
    await mutate(started, 'createSnapshot', input)
    expect(started.audit).toEqual([
      { ...line, mutation: 'createSnapshot', outcome: 'failed', code, calls: [] },
    ])
  })

  it('is logged with the call when vSphere rejects it', async () => {
    const started = gateway()
    started.simulator.faults.fault('NoPermission', { method: 'CreateSnapshot_Task' })
    await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x' })
    expect(started.audit).toEqual([
      {
        ...line,
        mutation: 'createSnapshot',
        outcome: 'failed',
        code: 'FORBIDDEN',
        virtualMachine: { moid, name: 'mail-01' },
        calls: [{ method: 'CreateSnapshot_Task', object: moid }],
      },
    ])
  })

  it('of a snapshot is logged with the virtual machine of the snapshot', async () => {
    const started = gateway()
    const { snapshots } = await idsOf(started, 'web-01')
    const [snapshot] = Object.values(snapshots)
    started.simulator.faults.fault('NoPermission', { method: 'RemoveSnapshot_Task' })
    await mutate(started, 'removeSnapshot', { snapshot })
    expect(started.audit.at(-1)).toMatchObject({
      outcome: 'failed',
      virtualMachine: { moid, name: 'web-01' },
    })
  })

  it('with a task is logged with the task and the virtual machine', async () => {
    const started = gateway()
    started.simulator.faults.taskFault('CreateSnapshot_Task', 'NoDiskSpace')
    await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x' })
    expect(started.audit).toMatchObject([{ outcome: 'failed', code: 'VSPHERE_FAULT', calls: [{ task }] }])
  })

  it.each(['HostCommunication', 'SystemError', 'Timedout'] as const)(
    'whose task has the fault %s is logged as unknown, since the host may have executed it',
    async (fault) => {
      const started = gateway()
      started.simulator.faults.taskFault('CreateSnapshot_Task', fault)
      await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x' })
      expect(started.audit).toMatchObject([{ outcome: 'unknown', code: 'VSPHERE_FAULT', calls: [{ task }] }])
    },
  )

  it('is logged without a call that was never sent', async () => {
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      async send(request) {
        if (!String(request.body).includes('<CreateSnapshot_Task ')) return transport.send(request)
        throw new TransportError('CONNECT', 'could not connect')
      },
    })
    const started = gateway({ wrap })
    const { reported } = await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x' })
    expect(reported).toMatchObject([{ code: 'VCENTER_UNAVAILABLE', retryable: true }])
    expect(started.audit).toMatchObject([{ outcome: 'failed', code: 'VCENTER_UNAVAILABLE', calls: [] }])
  })

  it('with an unknown outcome is logged as unknown', async () => {
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      send(request) {
        if (!String(request.body).includes('<RenameSnapshot ')) return transport.send(request)
        throw new TransportError('TIMEOUT', 'no complete response within 60000 ms')
      },
    })
    const started = gateway({ wrap })
    const { snapshots } = await idsOf(started, 'web-01')
    const [snapshot] = Object.values(snapshots)
    await mutate(started, 'renameSnapshot', { snapshot, name: 'y' }, 'snapshot { name }')
    expect(started.audit).toMatchObject([
      { outcome: 'unknown', code: 'OUTCOME_UNKNOWN', calls: [{ method: 'RenameSnapshot' }] },
    ])
  })
})

it('is logged as a success when its response was lost and its task is found', async () => {
  const started = gateway()
  started.simulator.faults.dropConnection('unanswered', { method: 'CreateSnapshot_Task' })
  await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x' })
  expect(started.audit).toMatchObject([{ outcome: 'success', calls: [{ task }] }])
})

describe('a mutation that does not wait for its task', () => {
  it('is logged when the task has ended, with the outcome of the task', async () => {
    const clock = createManualClock()
    const started = gateway({ clock, tasks: { queuedMs: 0, durationMs: 100 } })
    started.simulator.faults.taskFault('CreateSnapshot_Task', 'NoDiskSpace')
    const { payload } = await mutate(started, 'createSnapshot', {
      virtualMachine: mail,
      name: 'x',
      waitSeconds: 0,
    })
    expect(payload.task.state).toBe('RUNNING')
    expect(started.audit).toEqual([])
    clock.advance(100)
    await expect
      .poll(() => started.audit)
      .toMatchObject([
        {
          outcome: 'failed',
          code: 'VSPHERE_FAULT',
          virtualMachine: mail,
          calls: [{ task: payload.task.moid }],
        },
      ])
    // No task is watched any more.
    await expect.poll(() => started.simulator.live).toMatchObject({ views: 1, filters: 0, waits: 0 })
  })

  it('is logged as running when the gateway stops first', async () => {
    const started = gateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x', waitSeconds: 0 })
    await expect.poll(() => started.simulator.live.waits).toBe(1)
    await started.close()
    expect(started.audit).toMatchObject([{ outcome: 'running', virtualMachine: mail }])
  })
})

async function abortClient(started: ReturnType<typeof gateway>, query: string, method: string) {
  const url = await started.listen()
  const hold = started.simulator.faults.pause({ method: method as 'Login' })
  const client = new AbortController()
  const result = fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: client.signal,
  })
  await hold.waitFor()
  client.abort()
  await expect(result).rejects.toMatchObject({ name: 'AbortError' })
  await expect.poll(() => started.operations).toMatchObject([{ outcome: 'aborted' }])
  return hold
}

describe('a client that disconnects', () => {
  it('does not prevent its mutation from being logged with its outcome', async () => {
    const started = gateway()
    const query =
      'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "kept" }) { task { state } } }'
    const hold = await abortClient(started, query, 'CreateSnapshot_Task')
    expect(started.audit).toEqual([])
    hold.release()
    await expect
      .poll(() => started.audit)
      .toMatchObject([{ outcome: 'success', virtualMachine: mail, calls: [{ task }] }])
  })

  it('before anything was sent is logged as canceled, without calls', async () => {
    const started = gateway()
    const query =
      'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x" }) { task { state } } }'
    const hold = await abortClient(started, query, 'RetrievePropertiesEx')
    hold.release()
    await expect
      .poll(() => started.audit)
      .toEqual([
        { ...line, clientIp: '127.0.0.1', mutation: 'createSnapshot', outcome: 'canceled', calls: [] },
      ])
  })

  it('leaves a temporary snapshot, which is logged when it is removed', async () => {
    const started = gateway()
    const query =
      'mutation { setChangeTracking(input: { virtualMachine: { name: "wiki-01" }, enabled: true, activate: true }) { activated } }'
    const hold = await abortClient(started, query, 'RemoveSnapshot_Task')
    expect(started.audit).toEqual([])
    hold.release()
    await expect
      .poll(() => started.audit)
      .toMatchObject([
        {
          mutation: 'setChangeTracking',
          outcome: 'success',
          virtualMachine: { name: 'wiki-01' },
          calls: [
            { method: 'CreateSnapshot_Task', task },
            { method: 'RemoveSnapshot_Task', task },
          ],
        },
      ])
  })
})

describe('setChangeTracking with activate', () => {
  const activateIn = (waitSeconds: number) =>
    `mutation { setChangeTracking(input: { virtualMachine: { name: "web-02" }, enabled: true, activate: true, waitSeconds: ${waitSeconds} }) { activated task { state } } }`
  const activate = activateIn(60)
  const partial = {
    mutation: 'setChangeTracking',
    outcome: 'partial',
    virtualMachine: { name: 'web-02' },
    calls: [{ method: 'ReconfigVM_Task', task }],
  }

  it('is partial when the wait ends before the snapshot is taken', async () => {
    const clock = createManualClock()
    const started = gateway({ clock, tasks: { queuedMs: 0, durationMs: 1_300 } })
    const { data } = await started.execute(activateIn(1))
    expect(data.setChangeTracking).toEqual({ activated: null, task: { state: 'RUNNING' } })
    clock.advance(1_300)
    await expect.poll(() => started.audit).toMatchObject([partial])
    expect(started.audit[0]).not.toHaveProperty('code')
  })

  it('is partial when the client disconnects before the snapshot is taken', async () => {
    const started = gateway()
    const hold = await abortClient(started, activate, 'ReconfigVM_Task')
    hold.release()
    await expect.poll(() => started.audit).toMatchObject([partial])
  })

  it('is partial, and not retryable, when the snapshot is rejected after tracking was enabled', async () => {
    const started = gateway()
    started.simulator.faults.fault('ConcurrentAccess', { method: 'CreateSnapshot_Task' })
    const { errors } = await started.execute(activate)
    expect(errors).toMatchObject([
      {
        extensions: {
          code: 'CONFLICT',
          retryable: false,
          remedy: expect.stringContaining('Part of the mutation was applied'),
        },
      },
    ])
    expect(started.audit).toMatchObject([{ outcome: 'partial', code: 'CONFLICT' }])
  })

  it('is partial when the disks carry no changeIds after it', async () => {
    const started = gateway()
    const hold = started.simulator.faults.pause({ method: 'CreateSnapshot_Task' })
    const result = started.execute(activate)
    await hold.waitFor()
    const machine = started.simulator.inventory.machine('web-02')
    machine.settings = { ...machine.settings, changeTrackingEnabled: false }
    hold.release()
    expect((await result).data.setChangeTracking).toMatchObject({ activated: false })
    expect(started.audit).toMatchObject([{ outcome: 'partial' }])
  })
})

describe('an operation that has changed something is not retryable', () => {
  async function runningTask({ execute }: ReturnType<typeof gateway>): Promise<string> {
    const { data } = await execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x", waitSeconds: 0 }) { task { id } } }',
    )
    return data.createSnapshot.task.id
  }

  it('when cancelTask is executed and its task cannot be read', async () => {
    const started = gateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    const { objects } = started.simulator
    const task = await runningTask(started)
    for (const each of objects.ofType('Task')) Object.assign(each.get('info') as object, { cancelable: true })
    started.simulator.faults.unavailable({ method: 'RetrievePropertiesEx', times: 3 })
    const { payload, reported } = await mutate(started, 'cancelTask', { task }, 'task { state }')
    expect(payload).toEqual({ task: null })
    expect(reported).toMatchObject([
      { path: 'cancelTask.task', code: 'VCENTER_UNAVAILABLE', retryable: false },
    ])
    expect(started.audit.at(-1)).toMatchObject({ mutation: 'cancelTask', outcome: 'success' })
  })

  it('when the outcome of an earlier mutation in it is unknown', async () => {
    const started = gateway({ recovery: { lostResponse: [0] } })
    started.simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task' })
    started.simulator.faults.fault('ConcurrentAccess', { method: 'ConsolidateVMDisks_Task' })
    const { errors } = await started.execute(`mutation {
      first: createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x" }) { task { id } }
      second: consolidateDisks(input: { virtualMachine: { name: "mail-01" } }) { task { id } }
    }`)
    expect(errors).toMatchObject([
      { path: ['first'], extensions: { code: 'OUTCOME_UNKNOWN', retryable: false } },
      {
        path: ['second'],
        extensions: {
          code: 'CONFLICT',
          retryable: false,
          remedy: expect.stringContaining('Send this one in a separate operation'),
        },
      },
    ])
  })
})

it('does not log a query', async () => {
  const { execute, audit } = gateway()
  await execute('{ vcenters { name } }')
  expect(audit).toEqual([])
})
