// A change whose answer is lost while somebody else with our account does the like: never taken for another one's, and never
// told as not carried out where that is not known.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startTask } from '../../../src/simulator/tasks.ts'
import { type Machine, stun } from '../../../src/simulator/virtual-machine/machine.ts'
import {
  removeSnapshots,
  renameSnapshot,
  revertToSnapshot,
  takeSnapshot,
} from '../../../src/simulator/virtual-machine/snapshots.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { TransportError } from '../../../src/transport/transport-error.ts'
import { startGateway, type TestGateway } from '../../gateway.ts'
import { countOf, idsOf, mutate, treeOf } from './mutate.ts'

/** What happens in the world as soon as a call of the method is sent; it breaks the connection by throwing. */
let meanwhile: { method: string; act: (carryOut: () => Promise<unknown>) => unknown } | undefined
const wrap = (transport: Transport): Transport => ({
  close: () => transport.close(),
  async send(request) {
    if (!meanwhile || !String(request.body).includes(`<${meanwhile.method} `)) return transport.send(request)
    const { act } = meanwhile
    meanwhile = undefined
    await act(() => transport.send(request))
    throw new TransportError('CLOSED', 'the connection broke')
  },
})

let gateway: TestGateway
beforeEach(async () => {
  gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 5 }, wrap })
  await gateway.ask('{ vcenters { name } }')
})
afterEach(async () => {
  meanwhile = undefined
  await gateway.close()
})

const machine = (name = 'erp-01'): Machine => gateway.simulator.inventory.machine(name)

/** A task of our account, but of another client: it does its work when its time is over. */
function othersTask(
  method: string,
  work: (machine: Machine) => unknown,
  { on = 'erp-01', durationMs = 1_500 } = {},
) {
  const { ref } = machine(on)
  const about = { name: method, descriptionId: 'x', entity: ref, userName: 'user', durationMs }
  return startTask(gateway.simulator.world, about, () => work(machine(on)))
}

const snapshotRequest = (name: string) => ({
  name,
  description: '',
  memory: false,
  quiesced: false,
  at: new Date(gateway.simulator.world.clock.now()),
})

const take = (name: string) => (machine: Machine) => takeSnapshot(machine, snapshotRequest(name)).ref
const at = () => gateway.simulator.world.clock.now()
const namesIn = (on = 'erp-01'): string => JSON.stringify(treeOf(gateway, on))

/** The call never arrives, and the other one's task runs. */
const instead = (
  method: string,
  work: (machine: Machine) => unknown,
  options?: { on?: string; durationMs?: number },
) => {
  meanwhile = { method, act: () => void othersTask(method, work, options) }
}

const notCarriedOut = [
  {
    code: 'VCENTER_UNAVAILABLE',
    retryable: true,
    message: expect.stringContaining('was not carried out'),
  },
]

const create = (more: Record<string, unknown> = {}) =>
  mutate(gateway, 'createSnapshot', { virtualMachine: { name: 'erp-01' }, name: 'ours', ...more })

describe('createSnapshot is not taken for', () => {
  it('another one’s of another name that still runs', async () => {
    instead('CreateSnapshot_Task', take('theirs'))
    const { payload, told } = await create()
    expect(payload).toBeNull()
    expect(told).toMatchObject(notCarriedOut)
    expect(namesIn()).toContain('theirs')
  }, 20_000)

  it('one that runs beyond the time, whoever’s it is', async () => {
    instead('CreateSnapshot_Task', take('theirs'), { durationMs: 600_000 })
    const { payload, told } = await create({ waitSeconds: 0 })
    expect(payload).toBeNull()
    expect(told).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        task: { moid: expect.stringMatching(/^task-/) },
        message: expect.stringContaining('may be it, and still runs'),
      },
    ])
  }, 20_000)

  it('one whose snapshot is gone again, so that its name is not known', async () => {
    meanwhile = {
      method: 'CreateSnapshot_Task',
      act: async () => {
        const gone = take('theirs')(machine())
        othersTask('CreateSnapshot_Task', () => gone, { durationMs: 1 })
        gateway.simulator.world.remove(gone)
        const { rootSnapshots } = machine()
        const all = [...rootSnapshots].flatMap(function within(each): typeof rootSnapshots {
          return [each, ...each.children.flatMap(within)]
        })
        const made = all.find(({ ref }) => ref.value === gone.value)
        if (made) removeSnapshots(machine(), made, { withChildren: false, consolidate: true, at: at() })
      },
    }
    const { payload, told } = await create()
    expect(payload).toBeNull()
    expect(told).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false }])
  }, 20_000)

  it('one of the same name that was over before ours was sent', async () => {
    const other = take('ours')
    othersTask('CreateSnapshot_Task', other, { durationMs: 1 })
    await vi.waitFor(() => expect(namesIn()).toContain('ours'))
    await new Promise((resolve) => setTimeout(resolve, 400))
    meanwhile = { method: 'CreateSnapshot_Task', act: () => {} }
    const { payload, told } = await create()
    expect(payload).toBeNull()
    expect(told).toMatchObject(notCarriedOut)
  }, 20_000)
})

describe('createSnapshot', () => {
  it('is waited for and adopted when it runs longer than one looks', async () => {
    gateway.simulator.tasks.durationMs = 4_500
    meanwhile = { method: 'CreateSnapshot_Task', act: (carryOut) => carryOut() }
    const { payload, told } = await create()
    expect(told).toEqual([])
    expect(payload.task.state).toBe('SUCCESS')
    expect(namesIn()).toContain('ours')
  }, 20_000)

  it('that is there although the vCenter has forgotten its task is OUTCOME_UNKNOWN, and says what is there', async () => {
    meanwhile = { method: 'CreateSnapshot_Task', act: () => void take('ours')(machine()) }
    const { payload, told } = await create()
    expect(payload).toBeNull()
    expect(told).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        message: expect.stringMatching(/has snapshot-\d+ of the name "ours"/),
      },
    ])
  }, 20_000)

  it.each([
    ['timed out', () => new TransportError('TIMEOUT', 'no whole answer within 60000 ms')],
    ['was given up by a proxy', () => new TransportError('STATUS', 'status 504', { status: 504 })],
  ])(
    'that %s may still be carried out: it is not told as one that may be sent again',
    async (_, failure) => {
      let carryOut: (() => Promise<unknown>) | undefined
      meanwhile = {
        method: 'CreateSnapshot_Task',
        act: (later) => {
          carryOut = later
          throw failure()
        },
      }
      const { payload, told } = await create()
      expect(payload).toBeNull()
      expect(told).toMatchObject([
        {
          code: 'OUTCOME_UNKNOWN',
          retryable: false,
          message: expect.stringContaining('may still carry it out'),
        },
      ])
      await carryOut?.()
      await vi.waitFor(() => expect(namesIn()).toContain('ours'))
    },
    20_000,
  )
})

describe('of two snapshots', () => {
  const ids = async () =>
    (await idsOf(gateway, 'erp-01')).snapshots as { base: string; 'base/after-patch': string }
  const find = (name: string) => {
    const found = machine()
      .rootSnapshots.flatMap((root) => [root, ...root.children])
      .find((each) => each.name === name)
    if (!found) throw new Error(`no ${name}`)
    return found
  }

  it('the removal of one is not taken for the removal of the other', async () => {
    const { base } = await ids()
    instead('RemoveSnapshot_Task', (vm) => {
      removeSnapshots(vm, find('after-patch'), { withChildren: false, consolidate: true, at: at() })
    })
    const { payload, told } = await mutate(gateway, 'removeSnapshot', { snapshot: base })
    expect(payload).toBeNull()
    expect(told).toMatchObject(notCarriedOut)
    expect(namesIn()).toContain('"base"')
  }, 20_000)

  it('the removal of one is not taken for that of it and all below it', async () => {
    const id = (await ids())['base/after-patch']
    instead('RemoveSnapshot_Task', (vm) => {
      removeSnapshots(vm, find('after-patch'), { withChildren: false, consolidate: true, at: at() })
    })
    const { payload, told } = await mutate(gateway, 'removeSnapshot', { snapshot: id, removeChildren: true })
    expect(payload).toBeNull()
    expect(told).toMatchObject(notCarriedOut)
  }, 20_000)

  it('a revert to one is not taken for a revert to the other', async () => {
    const { base } = await ids()
    instead('RevertToSnapshot_Task', (vm) => {
      revertToSnapshot(vm, find('after-patch'), { powerOn: false, at: at() })
    })
    const { payload, told } = await mutate(gateway, 'revertToSnapshot', { snapshot: base })
    expect(payload).toBeNull()
    // It may have been done before theirs: to send it again would throw away what was written since.
    expect(told).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false }])
  }, 20_000)
})

describe('setChangeTracking', () => {
  const set = (more: Record<string, unknown> = {}) =>
    mutate(
      gateway,
      'setChangeTracking',
      { virtualMachine: { name: 'web-02' }, enabled: true, ...more },
      'task { state } activated',
    )

  it('is not taken for another reconfiguration', async () => {
    instead('ReconfigVM_Task', (vm) => stun(vm), { on: 'web-02' })
    const { payload, told } = await set()
    expect(payload).toBeNull()
    expect(told).toMatchObject(notCarriedOut)
  }, 20_000)

  it('never removes a snapshot that another one takes while the answer of its own is lost', async () => {
    instead('CreateSnapshot_Task', take('theirs'), { on: 'web-02', durationMs: 800 })
    const { payload, told } = await set({ activate: true })
    expect(payload).toBeNull()
    expect(told).toMatchObject(notCarriedOut)
    expect(treeOf(gateway, 'web-02')).toEqual(['theirs'])
    expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(0)
  }, 20_000)

  it('leaves no throw-away snapshot behind when another removal is under way as its own is lost', async () => {
    instead('RemoveSnapshot_Task', () => undefined, { on: 'web-02', durationMs: 300 })
    await set({ activate: true })
    await vi.waitFor(() => expect(treeOf(gateway, 'web-02')).toEqual([]), { timeout: 12_000, interval: 50 })
  }, 30_000)

  it('removes a throw-away snapshot that comes into being long after its call was given up', async () => {
    let carryOut: (() => Promise<unknown>) | undefined
    meanwhile = {
      method: 'CreateSnapshot_Task',
      act: (later) => {
        carryOut = later
        throw new TransportError('TIMEOUT', 'no whole answer within 60000 ms')
      },
    }
    const { told } = await set({ activate: true })
    expect(told).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('may have been taken') },
    ])
    await new Promise((resolve) => setTimeout(resolve, 2_600))
    await carryOut?.()
    await vi.waitFor(() => expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(1), {
      timeout: 15_000,
      interval: 50,
    })
    await vi.waitFor(() => expect(treeOf(gateway, 'web-02')).toEqual([]))
  }, 40_000)
})

describe('renameSnapshot, whose answer is lost,', () => {
  const rename = async (input: Record<string, unknown>, act: NonNullable<typeof meanwhile>['act']) => {
    const { snapshots } = await idsOf(gateway, 'web-01')
    meanwhile = { method: 'RenameSnapshot', act }
    return mutate(
      gateway,
      'renameSnapshot',
      { snapshot: snapshots['before-update'], ...input },
      'snapshot { name description }',
    )
  }
  const byOthers = (text: { name?: string; description?: string }) => () => {
    const [root] = machine('web-01').rootSnapshots
    if (root) renameSnapshot(machine('web-01'), root, text)
  }

  it.each([
    [{ name: 'a/b 50%' }, { name: 'a/b 50%', description: 'nginx 1.27' }],
    [{ description: 'two\r\nlines' }, { name: 'before-update', description: 'two\r\nlines' }],
    [
      { name: 'x', description: '' },
      { name: 'x', description: '' },
    ],
  ])('is a success where the snapshot is called so: %j', async (input, expected) => {
    const { payload, told } = await rename(input, (carryOut) => carryOut())
    expect(told).toEqual([])
    expect(payload.snapshot).toEqual(expected)
    expect(countOf(gateway, 'RenameSnapshot')).toBe(1)
  })

  it('is a success that is late', async () => {
    const { payload, told } = await rename({ name: 'late' }, (carryOut) => void setTimeout(carryOut, 600))
    expect(told).toEqual([])
    expect(payload.snapshot.name).toBe('late')
  })

  it('was not carried out where it is called as before, and may be sent again', async () => {
    const { payload, told } = await rename({ name: 'x' }, () => {})
    expect(payload).toBeNull()
    expect(told).toMatchObject(notCarriedOut)
    expect(told[0]?.message).toContain('is called "before-update"')
  }, 20_000)

  it.each([
    ['another one called it otherwise', byOthers({ name: 'theirs' })],
    ['half of it is as wanted', byOthers({ name: 'x' })],
    ['it is gone', () => gateway.simulator.inventory.destroy('web-01')],
    [
      'nobody tells',
      () => void gateway.simulator.trouble.unavailable({ method: 'RetrievePropertiesEx', times: 99 }),
    ],
    [
      'it was only given up',
      () => {
        throw new TransportError('TIMEOUT', 'no whole answer within 60000 ms')
      },
    ],
  ])(
    'is OUTCOME_UNKNOWN where %s',
    async (_, act) => {
      const { payload, told } = await rename({ name: 'x', description: 'y' }, act)
      expect(payload).toBeNull()
      expect(told).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: false, remedy: expect.any(String) }])
    },
    20_000,
  )
})

describe('cancelTask, whose answer is lost,', () => {
  const cancel = async (act: NonNullable<typeof meanwhile>['act'], durationMs = 20_000) => {
    const { ref } = machine('web-01')
    const about = {
      name: 'Export_Task',
      descriptionId: 'x',
      entity: ref,
      userName: 'user',
      cancelable: true,
      durationMs,
    }
    const task = startTask(gateway.simulator.world, about, () => undefined)
    const { data } = await gateway.ask('{ vcenters { instanceUuid } }')
    const { encodeManagedObjectId } = await import('../../../src/graphql/ids.ts')
    meanwhile = { method: 'CancelTask', act }
    const id = encodeManagedObjectId(data.vcenters[0].instanceUuid, task)
    return { task, ...(await mutate(gateway, 'cancelTask', { task: id }, 'task { state canceled }')) }
  }

  it('is a success where the task says that it was asked to end', async () => {
    const { payload, told } = await cancel((carryOut) => carryOut())
    expect(told).toEqual([])
    expect(payload.task.canceled).toBe(true)
    expect(countOf(gateway, 'CancelTask')).toBe(1)
  })

  it.each([
    ['runs on', 20_000, 'running'],
    ['has ended by itself', 100, 'success'],
  ])(
    'was not carried out where the task %s',
    async (_, durationMs, state) => {
      const { payload, told } = await cancel(() => {}, durationMs)
      expect(payload).toBeNull()
      expect(told).toMatchObject(notCarriedOut)
      expect(told[0]?.message).toContain(`is ${state}, and not cancelled`)
    },
    20_000,
  )

  it('is OUTCOME_UNKNOWN where the vCenter has forgotten the task', async () => {
    const { told } = await cancel(() => {
      for (const each of gateway.simulator.world.ofType('Task')) gateway.simulator.trouble.remove(each.ref)
    })
    expect(told).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('does not know task-') },
    ])
  }, 20_000)
})
