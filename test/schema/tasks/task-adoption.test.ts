// A task whose call lost its answer, while another client with our account does the like: never taken for that one's, never
// told as not carried out where that is not known, and nobody's snapshot removed because of it.

import { describe, expect, vi } from 'vitest'
import { VimFault } from '../../../src/simulator/vim-fault.ts'
import { stun } from '../../../src/simulator/virtual-machine/machine.ts'
import { removeSnapshots, revertToSnapshot } from '../../../src/simulator/virtual-machine/snapshots.ts'
import type { TestGateway } from '../../test-gateway.ts'
import { countOf, idsOf, mutate, treeOf } from '../mutations/mutate.ts'
import { abandonedResponses, it, notProved, startLost } from './lost-call.ts'

const seconds = 1_000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const namesIn = (gateway: TestGateway): string => JSON.stringify(treeOf(gateway, 'erp-01'))

/** A task that still runs may be it, or another client's. */
const mayBeIt = {
  code: 'OUTCOME_UNKNOWN',
  retryable: false,
  task: { moid: expect.stringMatching(/^task-/) },
  message: expect.stringContaining('may be it, and still runs'),
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

describe.concurrent('createSnapshot is not taken for', { timeout: 30 * seconds }, () => {
  it('another one of another name that still runs', async ({ lost }) => {
    lost.instead('CreateSnapshot_Task', lost.take('theirs'))
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
    expect(namesIn(lost.gateway)).toContain('theirs')
  })

  it('one that runs beyond the time, whosever it is', async ({ lost }) => {
    lost.instead('CreateSnapshot_Task', lost.take('theirs'), { durationMs: 600 * seconds })
    const { payload, reported } = await create(lost.gateway, { waitSeconds: 0 })
    expect(payload).toBeNull()
    expect(reported).toMatchObject([mayBeIt])
  })

  it('one whose snapshot is gone again, so that nobody knows its name', async ({ lost }) => {
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

  it('one of the same name that was over before it was sent', async ({ lost }) => {
    lost.othersTask('CreateSnapshot_Task', lost.take('ours'), { durationMs: 1 })
    await vi.waitFor(() => expect(namesIn(lost.gateway)).toContain('ours'))
    await pause(1_100)
    lost.lose('CreateSnapshot_Task', () => {})
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
  })
})

describe.concurrent('createSnapshot', { timeout: 30 * seconds }, () => {
  it('is waited for and adopted when it runs longer than one looks', async ({ lost }) => {
    lost.gateway.simulator.tasks.durationMs = 1_000
    lost.lose('CreateSnapshot_Task', (carryOut) => carryOut())
    const { payload, reported } = await create(lost.gateway)
    expect(reported).toEqual([])
    expect(payload.task.state).toBe('SUCCESS')
    expect(namesIn(lost.gateway)).toContain('ours')
  })

  it('is adopted where the server escaped its name once more', async ({ lost }) => {
    lost.lose('CreateSnapshot_Task', () => {
      lost.othersTask('CreateSnapshot_Task', lost.take('a%252fb'), { durationMs: 1 })
    })
    const { payload, reported } = await create(lost.gateway, { name: 'a/b' })
    expect(reported).toEqual([])
    expect(payload.task.state).toBe('SUCCESS')
  })

  it('that is there, its task forgotten, is OUTCOME_UNKNOWN, and says what is there', async ({ lost }) => {
    lost.lose('CreateSnapshot_Task', () => void lost.take('ours')(lost.machine()))
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', message: expect.stringMatching(/has snapshot-\d+ of the name "ours"/) },
    ])
  })

  it.for(abandonedResponses)(
    'that %s is not told as one that may be sent again',
    async ([, failure], { lost }) => {
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
          message: expect.stringContaining('may still carry it out'),
        },
      ])
      await late?.()
      await vi.waitFor(() => expect(namesIn(lost.gateway)).toContain('ours'))
    },
  )
})

describe.concurrent('createSnapshot', { timeout: 30 * seconds }, () => {
  it.for(abandonedResponses)(
    'that %s is not taken for another one that has failed',
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

  it('whose operation is out of time while a task that may be it runs is OUTCOME_UNKNOWN', async () => {
    const lost = await startLost({ limits: { timeoutMs: 5 * seconds } })
    lost.gateway.simulator.tasks.durationMs = 600 * seconds
    lost.lose('CreateSnapshot_Task', (carryOut) => carryOut())
    const { payload, reported } = await create(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', task: { moid: expect.any(String) } }])
    await lost.close()
  })
})

describe.concurrent('of two snapshots', { timeout: 30 * seconds }, () => {
  it.for([
    // Their child moves up to its parent, and is not gone.
    ['base', false],
    ['base/after-patch', true],
  ] as const)(
    'the removal of one is not taken for what was to remove %s',
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
      expect(reported[0]?.message).toContain('is still there')
    },
  )

  it('the removal of both that still runs when the time is up is adopted as it stands', async ({ lost }) => {
    lost.gateway.simulator.tasks.durationMs = 600 * seconds
    lost.lose('RemoveAllSnapshots_Task', (carryOut) => carryOut())
    const input = { virtualMachine: { name: 'erp-01' }, waitSeconds: 0 }
    const { payload, reported } = await mutate(lost.gateway, 'removeAllSnapshots', input)
    expect(reported).toEqual([])
    expect(payload.task.state).toBe('RUNNING')
  })

  it('the removal of another one that still runs when the time is up is not taken for it', async ({
    lost,
  }) => {
    const { snapshots } = await idsOf(lost.gateway, 'erp-01')
    const remove = (vm: ReturnType<typeof lost.machine>) => {
      const how = { withChildren: false, consolidate: true, at: lost.now() }
      removeSnapshots(vm, lost.snapshot('after-patch'), how)
    }
    lost.instead('RemoveSnapshot_Task', remove, { durationMs: 600 * seconds })
    const input = { snapshot: snapshots.base, waitSeconds: 0 }
    const { payload, reported } = await mutate(lost.gateway, 'removeSnapshot', input)
    // Whoever followed it to its success would believe that ours is gone.
    expect(payload).toBeNull()
    expect(reported).toMatchObject([mayBeIt])
  })

  it('a revert to the other one that still runs is not taken for it', async ({ lost }) => {
    const { snapshots } = await idsOf(lost.gateway, 'erp-01')
    lost.instead('RevertToSnapshot_Task', () => undefined, { durationMs: 600 * seconds })
    const input = { snapshot: snapshots.base, waitSeconds: 0 }
    const { payload, reported } = await mutate(lost.gateway, 'revertToSnapshot', input)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([mayBeIt])
  })

  it('a revert to one is not taken for a revert to the other', async ({ lost }) => {
    const { snapshots } = await idsOf(lost.gateway, 'erp-01')
    lost.instead('RevertToSnapshot_Task', (vm) => {
      revertToSnapshot(vm, lost.snapshot('after-patch'), { powerOn: false, at: lost.now() })
    })
    const { payload, reported } = await mutate(lost.gateway, 'revertToSnapshot', { snapshot: snapshots.base })
    expect(payload).toBeNull()
    // It may have been done before theirs: to send it again would throw away what was written since.
    expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false }])
  })
})

describe.concurrent('setChangeTracking', { timeout: 45 * seconds }, () => {
  it('is not taken for another reconfiguration', async ({ lost }) => {
    lost.instead('ReconfigVM_Task', (vm) => stun(vm), { on: 'web-02' })
    const { payload, reported } = await set(lost.gateway)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
  })

  it('is not taken for another reconfiguration that still runs when the time is up', async ({ lost }) => {
    lost.instead('ReconfigVM_Task', () => undefined, { on: 'web-02', durationMs: 600 * seconds })
    const { payload, reported } = await set(lost.gateway, { waitSeconds: 0 })
    expect(payload).toBeNull()
    expect(reported).toMatchObject([mayBeIt])
  })

  it('never removes a snapshot that others take while the answer for its own is lost', async ({ lost }) => {
    lost.instead('CreateSnapshot_Task', lost.take('theirs'), { on: 'web-02', durationMs: 800 })
    const { payload, reported } = await set(lost.gateway, { activate: true })
    expect(payload).toBeNull()
    expect(reported).toMatchObject([notProved])
    expect(treeOf(lost.gateway, 'web-02')).toEqual(['theirs'])
    expect(countOf(lost.gateway, 'RemoveSnapshot_Task')).toBe(0)
  })

  it('leaves none of its own behind when others remove one as its removal is lost', async ({ lost }) => {
    lost.instead('RemoveSnapshot_Task', () => undefined, { on: 'web-02', durationMs: 300 })
    await set(lost.gateway, { activate: true })
    const removed = () => expect(treeOf(lost.gateway, 'web-02')).toEqual([])
    await vi.waitFor(removed, { timeout: 12 * seconds, interval: 50 })
  })

  it('removes its own that comes into being long after its call was given up', async ({ lost }) => {
    let late: (() => Promise<unknown>) | undefined
    lost.lose('CreateSnapshot_Task', (carryOut) => {
      late = carryOut
      throw abandonedResponses[0][1]()
    })
    const { reported } = await set(lost.gateway, { activate: true })
    expect(reported).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('may have been taken') },
    ])
    // Longer than until it is looked for the first time.
    await pause(150)
    await late?.()
    const removed = () => expect(countOf(lost.gateway, 'RemoveSnapshot_Task')).toBe(1)
    await vi.waitFor(removed, { timeout: 15 * seconds, interval: 50 })
    await vi.waitFor(() => expect(treeOf(lost.gateway, 'web-02')).toEqual([]))
  })
})
