// Tests a call whose response is lost while another client with the same account does something similar:
// the other task is never adopted, the call is never reported as not executed when that is unknown, and no
// other client's snapshot is removed.

import { describe, expect, vi } from 'vitest'
import { VimFault } from '../../../src/simulator/vim-fault.ts'
import { stun } from '../../../src/simulator/virtual-machine/machine.ts'
import {
  removeSnapshots,
  revertToSnapshot,
} from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { controlLongWaits } from '../../long-waits.ts'
import type { TestGateway } from '../../test-gateway.ts'
import { countOf, idsOf, mutate, treeOf } from '../mutations/mutate.ts'
import { abandonedResponses, it, notProved, startLost } from './lost-call.ts'

const seconds = 1_000

/** `expect.poll` does not work in concurrent tests. */
const patiently = { timeout: 60 * seconds }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const namesIn = (gateway: TestGateway): string => JSON.stringify(treeOf(gateway, 'erp-01'))

/** A running task may belong to this call or to another client. */
const possibleCause = {
  code: 'OUTCOME_UNKNOWN',
  retryable: false,
  task: { moid: expect.stringMatching(/^task-/) },
  message: expect.stringContaining('may belong to this call and is still running'),
}

const create = (gateway: TestGateway, more: Record<string, unknown> = {}) =>
  mutate(gateway, 'createSnapshot', { virtualMachine: { name: 'erp-01' }, name: 'ours', ...more })

const set = (gateway: TestGateway, more: Record<string, unknown> = {}) =>
  mutate(
    gateway,
    'setChangeTracking',
    { virtualMachine: { name: 'web-02' }, enabled: true, ...more },
    'task { state } activated',
  )

describe.concurrent('createSnapshot does not adopt', () => {
  it('a running task for another name', async ({ lost }) => {
    lost.instead('CreateSnapshot_Task', lost.take('theirs'))
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
    expect(namesIn(lost.gateway)).toContain('theirs')
  })

  it('a task that runs beyond the timeout, whichever client started it', async ({ lost }) => {
    lost.instead('CreateSnapshot_Task', lost.take('theirs'), { durationMs: 600 * seconds })
    const { payload, reported } = await create(lost.gateway, { waitSeconds: 0 })
    expect(payload).toBeNull()
    expect(reported).toMatchObject([possibleCause])
  })

  it('a task whose snapshot was already removed, so that its name is unknown', async ({ lost }) => {
    lost.lose('CreateSnapshot_Task', () => {
      const made = lost.take('theirs')(lost.machine())
      const how = { withChildren: false, consolidate: true, at: lost.now() }
      removeSnapshots(lost.machine(), lost.snapshot('theirs'), how)
      lost.othersTask('CreateSnapshot_Task', () => made, { durationMs: 1 })
    })
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false }])
  })

  it('a task for the same name that ended before the call was sent', async ({ lost }) => {
    lost.othersTask('CreateSnapshot_Task', lost.take('ours'), { durationMs: 1 })
    await vi.waitFor(() => expect(namesIn(lost.gateway)).toContain('ours'), patiently)
    await pause(1_100)
    lost.lose('CreateSnapshot_Task', () => {})
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
  })
})

describe.concurrent('createSnapshot', () => {
  it('is awaited and adopted when it runs longer than the polling', async ({ lost }) => {
    lost.gateway.simulator.tasks.durationMs = 1_000
    lost.lose('CreateSnapshot_Task', (carryOut) => carryOut())
    const { payload, reported } = await create(lost.gateway)
    expect(reported).toEqual([])
    expect(payload.task.state).toBe('SUCCESS')
    expect(namesIn(lost.gateway)).toContain('ours')
  })

  it('is adopted when the server escaped its name once more', async ({ lost }) => {
    lost.lose('CreateSnapshot_Task', () => {
      lost.othersTask('CreateSnapshot_Task', lost.take('a%252fb'), { durationMs: 1 })
    })
    const { payload, reported } = await create(lost.gateway, { name: 'a/b' })
    expect(reported).toEqual([])
    expect(payload.task.state).toBe('SUCCESS')
  })

  it('is OUTCOME_UNKNOWN and reports the snapshot when that exists and its task is forgotten', async ({
    lost,
  }) => {
    lost.lose('CreateSnapshot_Task', () => void lost.take('ours')(lost.machine()))
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', message: expect.stringMatching(/has snapshot-\d+ named "ours"/) },
    ])
  })

  it.for(abandonedResponses)('is not reported as retryable when it %s', async ([, failure], { lost }) => {
    let late: (() => Promise<unknown>) | undefined
    lost.lose('CreateSnapshot_Task', (carryOut) => {
      late = carryOut
      throw failure()
    })
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        message: expect.stringContaining('may still execute the call'),
      },
    ])
    await late?.()
    await vi.waitFor(() => expect(namesIn(lost.gateway)).toContain('ours'), patiently)
  })
})

describe.concurrent('createSnapshot', () => {
  it.for(abandonedResponses)(
    'that %s does not adopt another task that has failed',
    async ([, failure], { lost }) => {
      lost.lose('CreateSnapshot_Task', () => {
        const fail = () => {
          throw new VimFault({ _typeName: 'TaskInProgress' }, 'another task is in the way')
        }
        lost.othersTask('CreateSnapshot_Task', fail, { durationMs: 1 })
        throw failure()
      })
      const { payload, reported } = await create(lost.gateway)
      expect(payload).toBeNull()
      expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false }])
    },
  )
})

// Not concurrent, because it controls the waits of the process.
it('an operation that times out while a possibly matching task runs is OUTCOME_UNKNOWN', async () => {
  const waits = controlLongWaits()
  const lost = await startLost({ limits: { timeoutMs: 30 * seconds } })
  const { simulator } = lost.gateway
  simulator.tasks.durationMs = 600 * seconds
  lost.lose('CreateSnapshot_Task', (carryOut) => carryOut())
  const result = create(lost.gateway, { waitSeconds: 60 })
  await expect.poll(() => simulator.live.waits).toBe(1)
  waits.advance(30 * seconds)
  const { payload, reported } = await result
  expect(payload).toBeNull()
  expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', task: { moid: expect.any(String) } }])
  await lost.close()
})

describe.concurrent('with two snapshots', () => {
  it.for([
    // Its child moves up to its parent and still exists.
    ['base', false],
    ['base/after-patch', true],
  ] as const)(
    'the removal of one is not adopted for the removal of %s',
    async ([path, removeChildren], { lost }) => {
      const { snapshots } = await idsOf(lost.gateway, 'erp-01')
      lost.instead('RemoveSnapshot_Task', (vm) => {
        const how = { withChildren: false, consolidate: true, at: lost.now() }
        removeSnapshots(vm, lost.snapshot('after-patch'), how)
      })
      const input = { snapshot: snapshots[path], removeChildren }
      const { payload, reported } = await mutate(lost.gateway, 'removeSnapshot', input)
      expect(payload).toBeNull()
      expect(reported).toMatchObject([notProved])
      expect(reported[0]?.message).toContain('still exists')
    },
  )

  it('the removal of both is adopted in its current state when it still runs at the timeout', async ({
    lost,
  }) => {
    lost.gateway.simulator.tasks.durationMs = 600 * seconds
    lost.lose('RemoveAllSnapshots_Task', (carryOut) => carryOut())
    const input = { virtualMachine: { name: 'erp-01' }, waitSeconds: 0 }
    const { payload, reported } = await mutate(lost.gateway, 'removeAllSnapshots', input)
    expect(reported).toEqual([])
    expect(payload.task.state).toBe('RUNNING')
  })

  it('the removal of another one is not adopted when it still runs at the timeout', async ({ lost }) => {
    const { snapshots } = await idsOf(lost.gateway, 'erp-01')
    const remove = (vm: ReturnType<typeof lost.machine>) => {
      const how = { withChildren: false, consolidate: true, at: lost.now() }
      removeSnapshots(vm, lost.snapshot('after-patch'), how)
    }
    lost.instead('RemoveSnapshot_Task', remove, { durationMs: 600 * seconds })
    const input = { snapshot: snapshots.base, waitSeconds: 0 }
    const { payload, reported } = await mutate(lost.gateway, 'removeSnapshot', input)
    // A client that followed that task to success would believe that its own snapshot is removed.
    expect(payload).toBeNull()
    expect(reported).toMatchObject([possibleCause])
  })

  it('a running revert to the other one is not adopted', async ({ lost }) => {
    const { snapshots } = await idsOf(lost.gateway, 'erp-01')
    lost.instead('RevertToSnapshot_Task', () => undefined, { durationMs: 600 * seconds })
    const input = { snapshot: snapshots.base, waitSeconds: 0 }
    const { payload, reported } = await mutate(lost.gateway, 'revertToSnapshot', input)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([possibleCause])
  })

  it('a revert to one is not adopted for a revert to the other', async ({ lost }) => {
    const { snapshots } = await idsOf(lost.gateway, 'erp-01')
    lost.instead('RevertToSnapshot_Task', (vm) => {
      revertToSnapshot(vm, lost.snapshot('after-patch'), { powerOn: false, at: lost.now() })
    })
    const { payload, reported } = await mutate(lost.gateway, 'revertToSnapshot', { snapshot: snapshots.base })
    expect(payload).toBeNull()
    // The lost revert may have been executed before the other one: sending it again would discard later
    // writes.
    expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false }])
  })
})

describe.concurrent('setChangeTracking', () => {
  it('does not adopt another reconfiguration', async ({ lost }) => {
    lost.instead('ReconfigVM_Task', (vm) => stun(vm), { on: 'web-02' })
    const { payload, reported } = await set(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
  })

  it('does not adopt another reconfiguration that still runs at the timeout', async ({ lost }) => {
    lost.instead('ReconfigVM_Task', () => undefined, { on: 'web-02', durationMs: 600 * seconds })
    const { payload, reported } = await set(lost.gateway, { waitSeconds: 0 })
    expect(payload).toBeNull()
    expect(reported).toMatchObject([possibleCause])
  })

  it('never removes a snapshot of another client when the response for its own is lost', async ({ lost }) => {
    lost.instead('CreateSnapshot_Task', lost.take('theirs'), { on: 'web-02', durationMs: 800 })
    const { payload, reported } = await set(lost.gateway, { activate: true })
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
    expect(treeOf(lost.gateway, 'web-02')).toEqual(['theirs'])
    expect(countOf(lost.gateway, 'RemoveSnapshot_Task')).toBe(0)
  })

  it('leaves no snapshot behind when another client removes one while its own removal is lost', async ({
    lost,
  }) => {
    lost.instead('RemoveSnapshot_Task', () => undefined, { on: 'web-02', durationMs: 300 })
    await set(lost.gateway, { activate: true })
    await vi.waitFor(() => expect(treeOf(lost.gateway, 'web-02')).toEqual([]), patiently)
  })

  it('removes its own snapshot when that appears long after its call was abandoned', async ({ lost }) => {
    let late: (() => Promise<unknown>) | undefined
    lost.lose('CreateSnapshot_Task', (carryOut) => {
      late = carryOut
      throw abandonedResponses[0][1]()
    })
    const { reported } = await set(lost.gateway, { activate: true })
    expect(reported).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('may have been created') },
    ])
    // Longer than until the first poll.
    await pause(150)
    await late?.()
    await vi.waitFor(() => expect(countOf(lost.gateway, 'RemoveSnapshot_Task')).toBe(1), patiently)
    await vi.waitFor(() => expect(treeOf(lost.gateway, 'web-02')).toEqual([]), patiently)
  })
})
