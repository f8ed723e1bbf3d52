// Tests createSnapshot: the snapshot is taken once whatever fails, the wait is as long as requested, and
// the payload is read after the task.

import { describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../src/schema/core/nodes/ids.ts'
import { createManualClock } from '../../../src/simulator/index.ts'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'

const mutation = `mutation ($input: CreateSnapshotInput!) { createSnapshot(input: $input) {
  task { id moid operation state progress queuedAt startedAt completedAt cancelable canceled error { code }
    entity { ... on VirtualMachine { name } } result { ... on Snapshot { name } } }
  snapshot { id name path description isCurrent powerState quiesced number virtualMachine { name } disks { changeId } }
  virtualMachine { id name currentSnapshot { name } snapshots { name } }
} }`

const web01 = { path: '/Frankfurt/vm/Production/Web/web-01' }

async function take(gateway: TestGateway, input: Record<string, unknown> = {}) {
  const { data, errors = [] } = await gateway.execute(mutation, {
    input: { virtualMachine: web01, name: 'test', ...input },
  })
  const reported: Record<string, unknown>[] = errors.map(({ path, message, extensions }) => ({
    path: path?.join('.') ?? '',
    message,
    ...extensions,
  }))
  return { payload: data?.createSnapshot, reported }
}

/** Selects the virtual machine without a retrieval. */
const byUuid = ({ simulator }: TestGateway) => ({
  virtualMachine: { uuid: simulator.inventory.machine('web-01').uuid },
})

const snapshotNames = ({ simulator }: TestGateway, name = 'web-01'): string[] => {
  const all: string[] = []
  const add = (snapshots: readonly { name: string; children: readonly never[] }[]) => {
    for (const snapshot of snapshots) {
      all.push(snapshot.name)
      add(snapshot.children)
    }
  }
  add(simulator.inventory.machine(name).rootSnapshots as never)
  return all
}

const sent = ({ simulator }: TestGateway) =>
  simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task')

describe('a snapshot that is awaited', () => {
  it('is returned with its task and its virtual machine, all read after the task', async () => {
    const gateway = startGateway()
    const { payload, reported } = await take(gateway, { description: 'why' })
    expect(reported).toEqual([])
    expect(payload.task).toMatchObject({
      operation: 'VirtualMachine.createSnapshot',
      state: 'SUCCESS',
      progress: 100,
      canceled: false,
      error: null,
      entity: { name: 'web-01' },
      result: { name: 'test' },
    })
    const { queuedAt, startedAt, completedAt } = payload.task
    expect([queuedAt, startedAt, completedAt]).toEqual([queuedAt, startedAt, completedAt].sort())
    expect(payload.snapshot).toMatchObject({
      name: 'test',
      path: 'before-update/test',
      description: 'why',
      isCurrent: true,
      powerState: 'POWERED_OFF',
      quiesced: false,
      virtualMachine: { name: 'web-01' },
      disks: [{ changeId: expect.any(String) }],
    })
    expect(payload.virtualMachine).toMatchObject({
      name: 'web-01',
      currentSnapshot: { name: 'test' },
      snapshots: [{ name: 'before-update' }, { name: 'test' }],
    })
    expect(sent(gateway)).toMatchObject([
      { args: { name: 'test', description: 'why', memory: false, quiesce: false } },
    ])
    await gateway.close()
  })

  it('is taken with memory or quiesced only when requested, and null means the default', async () => {
    const gateway = startGateway()
    await take(gateway, { memory: true, quiesce: true })
    await take(gateway, { memory: null, quiesce: null, description: null })
    expect(sent(gateway).map(({ args }) => [args.memory, args.quiesce, args.description])).toEqual([
      [true, true, ''],
      [false, false, ''],
    ])
    await gateway.close()
  })

  it('may follow another one in the same operation, with each payload read after its own task', async () => {
    const gateway = startGateway()
    const { data, errors } =
      await gateway.execute(`mutation { a: createSnapshot(input: { virtualMachine: { path: "${web01.path}" }, name: "a" }) { ...Payload }
      b: createSnapshot(input: { virtualMachine: { path: "${web01.path}" }, name: "b" }) { ...Payload } }
      fragment Payload on CreateSnapshotPayload { snapshot { name isCurrent } virtualMachine { snapshots { name } } }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      a: {
        snapshot: { name: 'a', isCurrent: true },
        virtualMachine: { snapshots: [{ name: 'before-update' }, { name: 'a' }] },
      },
      b: {
        snapshot: { name: 'b', isCurrent: true },
        virtualMachine: { snapshots: [{ name: 'before-update' }, { name: 'a' }, { name: 'b' }] },
      },
    })
    await gateway.close()
  })

  it.each([
    ['a/b', 'a%2fb'],
    ['50% of \\', '50%25 of %5c'],
    ['50%', '50%25'],
    ['007', '007'],
    ['<&> "quoted" 💾', '<&> "quoted" 💾'],
    ['tab\tand\nline', 'tab\tand\nline'],
  ])('has the name %j as it was given, stored in vSphere as %j', async (name, stored) => {
    const gateway = startGateway()
    const { payload, reported } = await take(gateway, { name })
    expect(reported).toEqual([])
    expect(payload.snapshot.name).toBe(name)
    expect(payload.snapshot.path).toBe(`before-update/${stored}`)
    expect(snapshotNames(gateway)).toEqual(['before-update', stored])
    await gateway.close()
  })
})

describe('an invalid input', () => {
  it.each([
    ['has a negative wait', { waitSeconds: -1 }, 'BAD_USER_INPUT'],
    ['has a wait that is too long', { waitSeconds: 601 }, 'BAD_USER_INPUT'],
    ['has no name', { name: '' }, 'BAD_USER_INPUT'],
    ['has only blanks as its name', { name: '  ' }, 'BAD_USER_INPUT'],
    ['has control characters in the name', { name: 'bell\u0007' }, 'BAD_USER_INPUT'],
    ['has control characters in the description', { description: '\u0000' }, 'BAD_USER_INPUT'],
    ['has an unpaired surrogate', { name: '\ud83d' }, 'BAD_USER_INPUT'],
    ['matches no virtual machine', { virtualMachine: { name: 'unknown' } }, 'NOT_FOUND'],
    ['matches several virtual machines', { virtualMachine: { name: 'app-01' } }, 'AMBIGUOUS'],
    ['has a broken id', { virtualMachine: { id: 'broken' } }, 'BAD_USER_INPUT'],
    ['has two lookup keys', { virtualMachine: { id: 'a', name: 'b' } }, 'BAD_USER_INPUT'],
    ['has a null wait', { waitSeconds: null }, 'BAD_USER_INPUT'],
  ])('that %s is rejected before anything is sent', async (_, input, code) => {
    const gateway = startGateway()
    const { payload, reported } = await take(gateway, input)
    expect(payload ?? null).toBeNull()
    expect(reported).toMatchObject([{ code }])
    expect(sent(gateway)).toEqual([])
    await gateway.close()
  })

  it('does not affect the other mutations of the operation', async () => {
    const gateway = startGateway()
    const { data, errors } = await gateway.execute(`mutation {
      bad: createSnapshot(input: { virtualMachine: { name: "unknown" }, name: "x" }) { task { state } }
      good: createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "x" }) { task { state } }
    }`)
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['bad'], 'NOT_FOUND']])
    expect(data).toEqual({ bad: null, good: { task: { state: 'SUCCESS' } } })
    await gateway.close()
  })

  it('includes a virtual machine that no longer exists', async () => {
    const gateway = startGateway()
    const { content } = {
      content: gateway.simulator.objects
        .find({ type: 'ServiceInstance', value: 'ServiceInstance' })!
        .get('content') as DataObject<'ServiceContent'>,
    }
    const id = encodeManagedObjectId(content.about.instanceUuid as string, {
      type: 'VirtualMachine',
      value: 'vm-99999',
    })
    const { reported } = await take(gateway, { virtualMachine: { id } })
    expect(reported).toMatchObject([
      { code: 'NOT_FOUND', fault: 'ManagedObjectNotFound', path: 'createSnapshot' },
    ])
    await gateway.close()
  })
})

describe('a wait', () => {
  it('of zero seconds returns at once, with the current state of the task and no snapshot', async () => {
    const gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    const { payload, reported } = await take(gateway, { waitSeconds: 0 })
    expect(reported).toEqual([])
    expect(payload.task).toMatchObject({ state: 'RUNNING', completedAt: null, result: null, error: null })
    expect(payload.snapshot).toBeNull()
    expect(payload.virtualMachine).toMatchObject({ name: 'web-01', snapshots: [{ name: 'before-update' }] })
    expect(gateway.simulator.calls.some(({ method }) => method === 'WaitForUpdatesEx')).toBe(false)
    await gateway.close()
  })

  it('that ends first returns the running task without an error', async () => {
    const gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    const { payload, reported } = await take(gateway, { waitSeconds: 1 })
    expect(reported).toEqual([])
    expect(payload.task.state).toBe('RUNNING')
    expect(payload.snapshot).toBeNull()
    await gateway.close()
  })

  it('leaves nothing behind on the server when it is over', async () => {
    const gateway = startGateway()
    await take(gateway)
    // The update stream is torn down in parallel with the response, one more round trip later.
    await gateway.execute('{ virtualMachines { totalCount } }')
    expect(gateway.simulator.live).toMatchObject({ filters: 0, waits: 0, tasks: 0, collectors: 0 })
    await gateway.close()
  })
})

describe('a task that fails', () => {
  it.each([
    ['TooManySnapshotLevels', 'VSPHERE_FAULT', 'Remove some'],
    ['InvalidSnapshotFormat', 'VSPHERE_FAULT', 'remove all of them (removeAllSnapshots)'],
    ['ApplicationQuiesceFault', 'VSPHERE_FAULT', 'quiesce: false'],
    ['FilesystemQuiesceFault', 'VSPHERE_FAULT', 'quiesce: false'],
    ['NoDiskSpace', 'VSPHERE_FAULT', 'Free space'],
    ['InvalidPowerState', 'CONFLICT', 'power state'],
    ['InvalidState', 'CONFLICT', 'state'],
    ['TaskInProgress', 'CONFLICT', 'Wait until'],
    ['ConcurrentAccess', 'CONFLICT', 'same time'],
    ['NoPermission', 'FORBIDDEN', 'privilege'],
    ['HostCommunication', 'VSPHERE_FAULT', 'connection state'],
    ['InvalidName', 'BAD_USER_INPUT', 'another name'],
  ] as const)('with %s is an error %s that names the task', async (fault, code, remedy) => {
    const gateway = startGateway()
    gateway.simulator.faults.taskFault('CreateSnapshot_Task', fault, { message: 'it did not work' })
    const { payload, reported } = await take(gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        path: 'createSnapshot',
        code,
        fault,
        message: 'it did not work',
        vcenter: 'test',
        remedy: expect.stringContaining(remedy),
      },
    ])
    const { id, moid } = reported[0]!.task as { id: string; moid: string }
    expect(moid).toMatch(/^task-\d+$/)
    const { data } = await gateway.execute(
      'query ($id: ID!) { task(id: $id) { moid state progress error { code fault message retryable remedy } } }',
      { id },
    )
    expect(data.task).toMatchObject({
      moid,
      state: 'ERROR',
      error: { code, fault, message: 'it did not work', remedy: reported[0]?.remedy },
    })
    expect(data.task.error.retryable).toBe(reported[0]?.retryable)
    expect(snapshotNames(gateway)).toEqual(['before-update'])
    await gateway.close()
  })

  it('reports the missing privilege and its object', async () => {
    const gateway = startGateway()
    const { ref } = gateway.simulator.inventory.machine('web-01')
    gateway.simulator.faults.fault(
      { _typeName: 'NoPermission', privilegeId: 'VirtualMachine.State.CreateSnapshot', object: ref },
      { method: 'CreateSnapshot_Task' },
    )
    const { reported } = await take(gateway)
    expect(reported).toMatchObject([
      {
        code: 'FORBIDDEN',
        privilege: 'VirtualMachine.State.CreateSnapshot',
        object: expect.stringContaining(ref.value),
      },
    ])
    await gateway.close()
  })

  it('because another one runs is CONFLICT and names that task', async () => {
    const gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    const { payload } = await take(gateway, { waitSeconds: 0 })
    const { reported } = await take(gateway, { waitSeconds: 0 })
    expect(reported).toMatchObject([
      {
        code: 'CONFLICT',
        fault: 'TaskInProgress',
        retryable: true,
        task: { id: payload.task.id, moid: payload.task.moid },
      },
    ])
    await gateway.close()
  })
})

describe('a connection that breaks', () => {
  it('before anything was changed is VCENTER_UNAVAILABLE, since nothing was sent', async () => {
    const gateway = startGateway()
    await gateway.execute('{ vcenters { name } }')
    gateway.simulator.faults.dropConnection('unanswered', { method: 'FindByInventoryPath', times: 3 })
    const { reported } = await take(gateway)
    expect(reported).toMatchObject([{ code: 'VCENTER_UNAVAILABLE', retryable: true }])
    expect(sent(gateway)).toEqual([])
    await gateway.close()
  })

  it('after the task has started is OUTCOME_UNKNOWN with the task, since a retry would take a second snapshot', async () => {
    const gateway = startGateway({ tasks: { durationMs: 600_000 } })
    await gateway.execute('{ vcenters { name } }')
    gateway.simulator.faults.dropConnection('unread', {
      method: 'RetrievePropertiesEx',
      times: Number.POSITIVE_INFINITY,
    })
    const { payload, reported } = await take(gateway, { ...byUuid(gateway), waitSeconds: 0 })
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        task: { moid: expect.stringMatching(/^task-/) },
        remedy: expect.any(String),
      },
    ])
    expect(sent(gateway)).toHaveLength(1)
    await gateway.close()
  })

  it('while the payload is read still returns the task, with an error at the unread fields', async () => {
    const gateway = startGateway()
    await gateway.execute('{ vcenters { name } }')
    gateway.simulator.faults.dropConnection('unread', {
      method: 'RetrievePropertiesEx',
      times: Number.POSITIVE_INFINITY,
    })
    const { payload, reported } = await take(gateway, byUuid(gateway))
    expect(payload).toMatchObject({
      task: { state: 'SUCCESS', entity: null, result: null },
      snapshot: null,
      virtualMachine: null,
    })
    expect(reported.map(({ path, code }) => `${path}: ${code}`).sort()).toEqual([
      'createSnapshot.snapshot: VCENTER_UNAVAILABLE',
      'createSnapshot.task.entity: VCENTER_UNAVAILABLE',
      'createSnapshot.task.result: VCENTER_UNAVAILABLE',
      'createSnapshot.virtualMachine: VCENTER_UNAVAILABLE',
    ])
    expect(snapshotNames(gateway)).toEqual(['before-update', 'test'])
    await gateway.close()
  })

  it('because the session has ended is recovered with one login and one snapshot', async () => {
    for (const how of ['expired', 'fault'] as const) {
      const gateway = startGateway()
      await gateway.execute('{ vcenters { name } }')
      const { faults, calls } = gateway.simulator
      if (how === 'expired') faults.expireSessions()
      else faults.fault('NotAuthenticated', { method: 'CreateSnapshot_Task' })
      calls.length = 0
      const { payload, reported } = await take(gateway)
      expect(reported).toEqual([])
      expect(payload.snapshot.name).toBe('test')
      expect(snapshotNames(gateway)).toEqual(['before-update', 'test'])
      expect(calls.filter(({ method }) => method === 'Login')).toHaveLength(1)
      await gateway.close()
    }
  })

  it('when the session ends during the wait finds the task again', async () => {
    const clock = createManualClock()
    const gateway = startGateway({ clock, tasks: { queuedMs: 0, durationMs: 400 } })
    const { faults, calls } = gateway.simulator
    const taken = take(gateway)
    await expect.poll(() => gateway.simulator.live.waits).toBe(1)
    faults.expireSessions()
    await expect.poll(() => calls.filter(({ method }) => method === 'Login')).toHaveLength(2)
    clock.advance(400)
    const { payload, reported } = await taken
    expect(reported).toEqual([])
    expect(payload).toMatchObject({ task: { state: 'SUCCESS' }, snapshot: { name: 'test' } })
    expect(calls.filter(({ method }) => method === 'CreateSnapshot_Task')).toHaveLength(1)
    await gateway.close()
  })
})

describe('task(id)', () => {
  it('returns the current task, and null once vCenter has forgotten it', async () => {
    const clock = createManualClock()
    const gateway = startGateway({ clock, tasks: { queuedMs: 1_000, durationMs: 8_000 } })
    const { payload } = await take(gateway, { waitSeconds: 0 })
    const { id } = payload.task
    const read = async () => {
      const { data, errors } = await gateway.execute(
        'query ($id: ID!) { task(id: $id) { id state progress startedAt completedAt entity { id } result { ... on Snapshot { name virtualMachine { name } } } } }',
        { id },
      )
      expect(errors).toBeUndefined()
      return data.task
    }
    expect(await read()).toMatchObject({ id, state: 'QUEUED', progress: null, startedAt: null, result: null })
    clock.advance(1_000)
    expect(await read()).toMatchObject({ state: 'RUNNING', completedAt: null, result: null })
    clock.advance(4_000)
    expect(await read()).toMatchObject({ state: 'RUNNING', progress: 50 })
    clock.advance(4_000)
    expect(await read()).toMatchObject({
      state: 'SUCCESS',
      progress: 100,
      entity: { id: payload.virtualMachine.id },
      result: { name: 'test', virtualMachine: { name: 'web-01' } },
    })
    clock.advance(11 * 60_000)
    expect(await read()).toBeNull()
    await gateway.close()
  })

  it('has no entity or result when the schema has no such type, or when they no longer exist', async () => {
    const gateway = startGateway()
    const { payload } = await take(gateway)
    gateway.simulator.inventory.destroy('web-01')
    const { data, errors } = await gateway.execute(
      'query ($id: ID!) { task(id: $id) { state entity { id } result { id } } }',
      {
        id: payload.task.id,
      },
    )
    expect(errors).toBeUndefined()
    expect(data.task).toEqual({ state: 'SUCCESS', entity: null, result: null })
    await gateway.close()
  })
})

it.each([
  ['a template', 'ubuntu-24.04', 'VSPHERE_FAULT', 'NotSupported'],
  ['an inaccessible machine', 'legacy-01', 'CONFLICT', 'InvalidState'],
])('an error for %s names the field that shows that its state rules the snapshot out', async (...row) => {
  const [, name, code, fault] = row
  const gateway = startGateway()
  const { payload, reported } = await take(gateway, { virtualMachine: { name } })
  expect(payload).toBeNull()
  expect(reported).toMatchObject([{ code, fault, remedy: expect.stringContaining('blockedByState') }])
  const { data } = await gateway.execute(
    `{ virtualMachine(by: { name: "${name}" }) { can(actions: [CREATE_SNAPSHOT]) { blockedByState } } }`,
  )
  expect(data.virtualMachine.can).toEqual([{ blockedByState: true }])
})
