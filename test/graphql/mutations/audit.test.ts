// One line of audit for each mutation field, with what became of it in the end.

import { describe, expect, it, onTestFinished } from 'vitest'
import type { Transport } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { startGateway } from '../../gateway.ts'
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

describe('what succeeds', () => {
  it('is told with its virtual machine and its task', async () => {
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

  it('is told for each field, under the name of the field and not its alias', async () => {
    const started = gateway()
    const { snapshots } = await idsOf(started, 'web-01')
    const [id] = Object.values(snapshots)
    await started.ask(
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

  it('is told although nothing had to be done', async () => {
    const started = gateway()
    const input = { virtualMachine: { name: 'db-01' }, enabled: true }
    await mutate(started, 'setChangeTracking', input, 'task { moid }')
    await mutate(started, 'setChangeTracking', input, 'task { moid }')
    expect(started.audit.at(-1)).toMatchObject({ outcome: 'success', calls: [] })
  })
})

describe('what fails', () => {
  it.each([
    ['before anything is sent', { virtualMachine: { name: 'nobody' }, name: 'x' }, 'NOT_FOUND'],
    ['in its input', { virtualMachine: mail, name: 'x', waitSeconds: 601 }, 'BAD_USER_INPUT'],
  ])('%s is told with its code', async (_when, input, code) => {
    const started = gateway()
    await mutate(started, 'createSnapshot', input)
    expect(started.audit).toEqual([
      { ...line, mutation: 'createSnapshot', outcome: 'failed', code, calls: [] },
    ])
  })

  it('because vSphere refuses it is told with the call', async () => {
    const started = gateway()
    started.simulator.trouble.fault('NoPermission', { method: 'CreateSnapshot_Task' })
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

  it('at a snapshot is told with the machine that it is of', async () => {
    const started = gateway()
    const { snapshots } = await idsOf(started, 'web-01')
    const [snapshot] = Object.values(snapshots)
    started.simulator.trouble.fault('NoPermission', { method: 'RemoveSnapshot_Task' })
    await mutate(started, 'removeSnapshot', { snapshot })
    expect(started.audit.at(-1)).toMatchObject({
      outcome: 'failed',
      virtualMachine: { moid, name: 'web-01' },
    })
  })

  it('with its task is told with both', async () => {
    const started = gateway()
    started.simulator.trouble.taskFault('CreateSnapshot_Task', 'HostCommunication')
    await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x' })
    expect(started.audit).toMatchObject([{ outcome: 'failed', code: 'VSPHERE_FAULT', calls: [{ task }] }])
  })

  it('so that nobody knows what became of it is told as unknown', async () => {
    const wrap = (transport: Transport): Transport => ({
      ...transport,
      send(request) {
        if (!String(request.body).includes('<RenameSnapshot ')) return transport.send(request)
        throw new TransportError('TIMEOUT', 'no whole answer within 60000 ms')
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

it('a lost answer whose task is found is a success', async () => {
  const started = gateway()
  started.simulator.trouble.cut('unanswered', { method: 'CreateSnapshot_Task' })
  await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x' })
  expect(started.audit).toMatchObject([{ outcome: 'success', calls: [{ task }] }])
})

describe('an answer that does not wait for its task', () => {
  it('is told when the task has ended, as it ended', async () => {
    const started = gateway({ tasks: { queuedMs: 0, durationMs: 100 } })
    started.simulator.trouble.taskFault('CreateSnapshot_Task', 'HostCommunication')
    const { payload } = await mutate(started, 'createSnapshot', {
      virtualMachine: mail,
      name: 'x',
      waitSeconds: 0,
    })
    expect(['QUEUED', 'RUNNING']).toContain(payload.task.state)
    expect(started.audit).toEqual([])
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
    // Nobody is followed any more.
    await expect.poll(() => started.simulator.live).toMatchObject({ views: 1, filters: 0, waits: 0 })
  })

  it('is told as running when the gateway stops first', async () => {
    const started = gateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    await mutate(started, 'createSnapshot', { virtualMachine: mail, name: 'x', waitSeconds: 0 })
    await expect.poll(() => started.simulator.live.waits).toBe(1)
    await started.close()
    expect(started.audit).toMatchObject([{ outcome: 'running', virtualMachine: mail }])
  })
})

describe('a client that hangs up', () => {
  async function hangUp(started: ReturnType<typeof gateway>, query: string, method: string) {
    const url = await started.listen()
    const hold = started.simulator.trouble.hold({ method: method as 'Login' })
    const client = new AbortController()
    const answer = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: client.signal,
    })
    await hold.arrived()
    client.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => started.operations).toMatchObject([{ outcome: 'aborted' }])
    return hold
  }

  it('does not keep its change from being told, with its end', async () => {
    const started = gateway()
    const query =
      'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "kept" }) { task { state } } }'
    const hold = await hangUp(started, query, 'CreateSnapshot_Task')
    expect(started.audit).toEqual([])
    hold.release()
    await expect
      .poll(() => started.audit)
      .toMatchObject([{ outcome: 'success', virtualMachine: mail, calls: [{ task }] }])
  })

  it('before anything was sent is told as that', async () => {
    const started = gateway()
    const query =
      'mutation { createSnapshot(input: { virtualMachine: { name: "mail-01" }, name: "x" }) { task { state } } }'
    const hold = await hangUp(started, query, 'RetrievePropertiesEx')
    hold.release()
    await expect
      .poll(() => started.audit)
      .toEqual([{ ...line, remote: '127.0.0.1', mutation: 'createSnapshot', outcome: 'canceled', calls: [] }])
  })

  it('leaves a throw-away snapshot, which is told when it is gone', async () => {
    const started = gateway()
    const query =
      'mutation { setChangeTracking(input: { virtualMachine: { name: "wiki-01" }, enabled: true, activate: true }) { activated } }'
    const hold = await hangUp(started, query, 'RemoveSnapshot_Task')
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

it('a query is no change', async () => {
  const { ask, audit } = gateway()
  await ask('{ vcenters { name } }')
  expect(audit).toEqual([])
})
