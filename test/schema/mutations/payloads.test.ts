// Tests that a payload is read after the mutation, never before it, and what is reported for a task that
// vSphere forgets.

import { describe, expect, it, vi } from 'vitest'
import { takeSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { idsOf, mutate } from './mutate.ts'

const facts = `virtualMachine {
  powerState consolidationNeeded currentSnapshot { name } snapshots { name } changeTracking { enabled }
}`

interface Mutation {
  readonly field: string
  readonly of: 'machine' | 'snapshot'
  readonly input?: Record<string, unknown>
  readonly selection?: string
  /** Selects the data that the mutation changes. */
  readonly after: Record<string, unknown>
  /** What the error reports while the change has not been made. */
  readonly seen?: RegExp
}

const none = { currentSnapshot: null, snapshots: [] }

// biome-ignore format: keep the table readable
const mutations: readonly Mutation[] = [
  { field: 'createSnapshot', of: 'machine', input: { name: 'new' },
    after: { currentSnapshot: { name: 'new' }, snapshots: [{ name: 'before-update' }, { name: 'new' }] },
    seen: /^vm-\d+ has no snapshot named "new"\.$/ },
  { field: 'removeSnapshot', of: 'snapshot', input: { consolidate: false },
    after: { ...none, consolidationNeeded: true },
    seen: /^snapshot-\d+ still exists\.$/ },
  { field: 'removeAllSnapshots', of: 'machine', after: none,
    seen: /^vm-\d+ has 1 snapshot\(s\)\.$/ },
  { field: 'revertToSnapshot', of: 'snapshot', after: { powerState: 'POWERED_OFF' },
    seen: /^snapshot-\d+ is the current snapshot of vm-\d+\.$/ },
  { field: 'setChangeTracking', of: 'machine', input: { enabled: false }, after: { changeTracking: { enabled: false } },
    seen: /^change tracking of vm-\d+ is enabled\.$/ },
  { field: 'consolidateDisks', of: 'machine', after: { consolidationNeeded: false },
    seen: /^the disks of vm-\d+ need consolidation\.$/ },
  { field: 'renameSnapshot', of: 'snapshot', input: { name: 'new' }, selection: `snapshot { ${facts} }`,
    after: { currentSnapshot: { name: 'new' }, snapshots: [{ name: 'new' }] } },
]

async function inputOf(gateway: TestGateway, { field, of, input }: Mutation) {
  const { vm, snapshots } = await idsOf(gateway, 'web-01')
  if (field === 'consolidateDisks') {
    const left = { snapshot: snapshots['before-update'], consolidate: false }
    await mutate(gateway, 'removeSnapshot', left)
  }
  const target = of === 'machine' ? { virtualMachine: { id: vm } } : { snapshot: snapshots['before-update'] }
  return { vm, input: { ...target, ...input } }
}

describe.each(mutations)('$field', (mutation) => {
  const { field, selection = facts, after } = mutation

  it('returns the virtual machine as it is afterwards, whatever the operation has read before', async () => {
    const gateway = startGateway()
    const { vm, input } = await inputOf(gateway, mutation)
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`
    const { data, errors } = await gateway.execute(
      `mutation ($vm: ID!, $input: ${type}!) {
        before: setChangeTracking(input: { virtualMachine: { id: $vm }, enabled: true }) { task { id } ${facts} }
        payload: ${field}(input: $input) { ${selection} }
      }`,
      { vm, input },
    )
    expect(errors).toBeUndefined()
    const { before, payload } = data
    // No change was needed.
    expect(before.task).toBeNull()
    const { virtualMachine } = payload.snapshot ?? payload
    expect(virtualMachine).toEqual({ ...before.virtualMachine, ...after })
    expect(virtualMachine).not.toEqual(before.virtualMachine)
    await gateway.close()
  })
})

describe.each(mutations.filter(({ seen }) => seen))('the task of $field', (mutation) => {
  const { field, seen } = mutation

  it.each([0, 30])(
    'is OUTCOME_UNKNOWN when vSphere forgets it, and reports the observed state (%i s)',
    async (waitSeconds) => {
      let forget = () => {}
      const wrap = (transport: Transport): Transport => ({
        close: () => transport.close(),
        async send(request) {
          const response = await transport.send(request)
          if (String(request.body).includes('_Task ')) forget()
          return response
        },
      })
      const gateway = startGateway({ wrap })
      const { input } = await inputOf(gateway, mutation)
      const { simulator } = gateway
      simulator.tasks.durationMs = 600_000
      const newest = () => [...simulator.objects.ofType('Task')].at(-1)?.ref as ManagedObjectReference
      let task: ManagedObjectReference | undefined
      const remove = () => {
        task = newest()
        simulator.faults.remove(task)
      }
      if (waitSeconds === 0) forget = remove
      const result = mutate(gateway, field, { ...input, waitSeconds })
      if (waitSeconds > 0) {
        await expect.poll(() => simulator.live.waits).toBe(1)
        remove()
      }
      const { payload, reported } = await result
      expect(payload).toBeNull()
      expect(reported).toMatchObject([
        {
          code: 'OUTCOME_UNKNOWN',
          retryable: false,
          task: { moid: task?.value },
          remedy: expect.any(String),
        },
      ])
      expect(String(reported[0]?.message).split('. Now ')[1]).toMatch(seen as RegExp)
      await gateway.close()
    },
  )
})

it('reports the snapshot when the task of createSnapshot is forgotten after it was executed', async () => {
  const gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
  const { simulator } = gateway
  const result = mutate(gateway, 'createSnapshot', { virtualMachine: { name: 'web-01' }, name: 'a/b' })
  await expect.poll(() => simulator.live.waits).toBe(1)
  const request = { name: 'a%2fb', description: '', memory: false, quiesced: false, at: new Date() }
  const { ref } = takeSnapshot(simulator.inventory.machine('web-01'), request)
  for (const task of [...simulator.objects.ofType('Task')]) simulator.faults.remove(task.ref)
  const { reported } = await result
  expect(reported).toMatchObject([
    { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining(`has ${ref.value} named "a/b"`) },
  ])
  await gateway.close()
})

// Concurrent, because each waits for seconds.
it.concurrent.each(['WaitForUpdatesEx', 'RetrievePropertiesEx', undefined] as const)(
  'ends the wait on time although vSphere does not respond (%s)',
  async (method) => {
    const gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    await gateway.execute('{ vcenters { name } }')
    const { faults, calls } = gateway.simulator
    const result = mutate(gateway, 'createSnapshot', {
      virtualMachine: { name: 'web-01' },
      name: 'x',
      waitSeconds: 1,
    })
    await vi.waitFor(() => expect(calls.some(({ method }) => method === 'CreateSnapshot_Task')).toBe(true), {
      interval: 1,
      timeout: 60_000,
    })
    const hold = faults.pause(method && { method })
    // vSphere does not respond before the end of the test.
    const { payload, reported } = await result
    if (payload === null)
      expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', task: { moid: expect.any(String) } }])
    else expect(payload.task.state).toBe('RUNNING')
    hold.release()
    await gateway.close()
  },
  // Less than the timeout of a call.
  50_000,
)
