// Tests captures while calls are lost, gateways stop, the vCenter restarts, sessions end, and others change the machine: never two
// snapshots of one capture, and none that stays after its lease.

import { describe, expect, onTestFinished, test } from 'vitest'
import { createUndiciTransport } from '../../../src/transport/undici-transport.ts'
import { restartVCenter } from '../../adversary/fixture.ts'
import { type ProxiedCall, soapFault, startSoapProxy } from '../../soap-proxy.ts'
import { countOf, mutate } from '../mutations/mutate.ts'
import {
  bases,
  capture,
  captured,
  release,
  removeWithout,
  snapshotsIn,
  startCaptureFixture,
  takeWithout,
  tokensOf,
} from './capture-fixture.ts'

/** A fixture whose gateway sends its calls through a proxy. */
async function startBehindProxy(leftSnapshot = [50, 50, 100, 100, 200, 400, 800]) {
  const fixture = await startCaptureFixture()
  const proxy = await startSoapProxy((await fixture.simulator.listen()).origin)
  onTestFinished(() => proxy.close())
  const wrap = () => createUndiciTransport({ url: proxy.url, userAgent: 'test' })
  const recovery = { lostResponse: [0, 20, 40], leftSnapshot }
  const gateway = fixture.another({ wrap, recovery })
  return { ...fixture, proxy, gateway, wrap }
}

describe('a lost response', () => {
  test('of a call that was executed returns the capture', async () => {
    const { gateway, proxy, machine } = await startBehindProxy()
    proxy.on('CreateSnapshot_Task', async (call) => {
      await call.forward()
      call.dropConnection()
    })
    const { snapshot } = await captured(gateway)
    expect(snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([snapshot.moid])
  })

  test.each(['before the request is repeated', 'after it'])(
    'of a call that is executed late, %s, is one capture',
    async (when) => {
      const { gateway, proxy, machine } = await startBehindProxy()
      let late: ProxiedCall['forward'] | undefined
      proxy.on('CreateSnapshot_Task', (call) => {
        late = call.forward
        call.dropConnection()
      })
      expect((await capture(gateway)).reported).toMatchObject([
        {
          code: 'OUTCOME_UNKNOWN',
          retryable: false,
          remedy: expect.stringContaining('same idempotencyKey'),
        },
      ])
      if (when === 'after it')
        expect((await capture(gateway)).reported).toMatchObject([
          { code: 'CONFLICT', state: 'outcomeUnknown', retryable: true },
        ])
      await late?.()
      await expect.poll(() => snapshotsIn(machine)).toHaveLength(1)
      const { snapshot, task } = await captured(gateway)
      expect(task).toBeNull()
      expect(snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([snapshot.moid])
      expect(proxy.calls.filter((method) => method === 'CreateSnapshot_Task')).toHaveLength(1)
    },
  )

  test('of a call that is executed between two reads of the next request is one capture', async () => {
    const { another, proxy, machine, wrap, timers } = await startBehindProxy()
    const scheduled: number[] = []
    const captureClock = {
      schedule(afterMs: number, callback: () => void) {
        scheduled.push(afterMs)
        return timers.schedule(afterMs, callback)
      },
    }
    const recovery = { lostResponse: [0], leftSnapshot: new Array(500).fill(20) }
    const gateway = another({ wrap, recovery, captureExpiry: true, captureClock })
    let late: ProxiedCall['forward'] | undefined
    proxy.on('CreateSnapshot_Task', (call) => {
      late = call.forward
      call.dropConnection()
    })
    await capture(gateway, { leaseSeconds: 77 })
    // The request has read the snapshots. Then the search finds the snapshot, and ends the reservation of the key.
    proxy.on('CurrentTime', async (call) => {
      await late?.()
      await expect.poll(() => scheduled).toContain(77_000)
      await call.rewrite((text) => text)
    })
    expect((await capture(gateway, { leaseSeconds: 77 })).reported).toMatchObject([
      { code: 'CONFLICT', state: 'outcomeUnknown' },
    ])
    expect(proxy.calls.filter((method) => method === 'CreateSnapshot_Task')).toHaveLength(1)
    proxy.reset()
    await captured(gateway, { leaseSeconds: 77 })
    expect(snapshotsIn(machine)).toHaveLength(1)
  })

  test('of a call that is never executed reserves the key only for the delays', async () => {
    const { gateway, proxy, machine } = await startBehindProxy([20, 20])
    let isDropped = false
    proxy.on('CreateSnapshot_Task', (call) => {
      if (isDropped) return call.rewrite((text) => text)
      isDropped = true
      return call.dropConnection()
    })
    await capture(gateway)
    await expect.poll(async () => (await capture(gateway)).reported).toEqual([])
    expect(snapshotsIn(machine)).toHaveLength(1)
  })

  test.each(['SystemError', 'HostCommunication', 'MethodFault'])(
    'with the fault %s is one capture when the call was executed all the same',
    async (fault) => {
      const { gateway, proxy, machine } = await startBehindProxy()
      proxy.on('CreateSnapshot_Task', (call) => call.rewrite(() => soapFault(fault), 500))
      await capture(gateway)
      const { snapshot } = await captured(gateway)
      expect(snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([snapshot.moid])
    },
  )

  test('of a release removes the snapshot once', async () => {
    const { gateway, proxy, machine } = await startBehindProxy()
    const { snapshot } = await captured(gateway)
    proxy.on('RemoveSnapshot_Task', async (call) => {
      await call.forward()
      call.dropConnection()
    })
    expect((await release(gateway, snapshot.id)).reported).toEqual([])
    expect((await release(gateway, snapshot.id)).payload.task).toBeNull()
    expect(snapshotsIn(machine)).toEqual([])
  })
})

test.each(['CurrentTime', 'HasPrivilegeOnEntities', 'CreateSnapshot_Task'])(
  'a gateway that stops at %s leaves one capture, which another gateway returns and removes',
  async (method) => {
    const { gateway, proxy, another, machine, timers, later } = await startBehindProxy()
    const reached = new Promise<void>((resolve) => {
      proxy.on(method, async (call) => {
        if (method === 'CreateSnapshot_Task') await call.forward()
        resolve()
        call.dropConnection()
      })
    })
    const response = capture(gateway, { leaseSeconds: 60 })
    await reached
    await gateway.close()
    await response
    const next = another({ captureExpiry: true })
    const { snapshot } = await captured(next, { leaseSeconds: 60 })
    expect(snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([snapshot.moid])
    later(120_000)
    timers.advance(3_600_000)
    timers.advance(30_000)
    const anHourLater = () => {
      timers.advance(3_600_000)
      return snapshotsIn(machine)
    }
    await expect.poll(anHourLater).toEqual([])
  },
)

test('removes its snapshot, and returns the other, when another gateway has taken one right before', async () => {
  const { gateway, proxy, another, machine } = await startBehindProxy()
  let first: string | undefined
  proxy.on('CreateSnapshot_Task', async (call) => {
    first = (await captured(another())).snapshot.moid
    await call.rewrite((text) => text)
  })
  const { payload, reported } = await capture(gateway)
  expect(reported).toEqual([])
  expect(payload.capture.snapshot.moid).toBe(first)
  await expect.poll(() => snapshotsIn(machine).map(({ ref }) => ref.value)).toEqual([first])
})

test('returns the same capture after a restart of the vCenter, and after the session has ended', async () => {
  const { gateway, simulator, machine } = await startCaptureFixture()
  const first = await captured(gateway)
  simulator.faults.expireSessions()
  expect((await captured(gateway)).snapshot.moid).toBe(first.snapshot.moid)
  restartVCenter(simulator)
  expect((await captured(gateway)).snapshot.moid).toBe(first.snapshot.moid)
  expect((await release(gateway, first.snapshot.id)).reported).toEqual([])
  expect(snapshotsIn(machine)).toEqual([])
})

test('takes a new snapshot when someone else has removed the one of its key', async () => {
  const { gateway, machine } = await startCaptureFixture()
  await captured(gateway)
  removeWithout(machine, snapshotsIn(machine)[0] as never)
  const second = await captured(gateway)
  expect(second.task).not.toBeNull()
  expect(snapshotsIn(machine)).toHaveLength(1)
})

test('recognizes a snapshot that was renamed', async () => {
  const { gateway } = await startCaptureFixture()
  const { snapshot } = await captured(gateway)
  await mutate(gateway, 'renameSnapshot', { snapshot: snapshot.id, name: 'mine' }, 'snapshot { name }')
  expect((await captured(gateway)).snapshot).toMatchObject({ moid: snapshot.moid, name: 'mine' })
  expect((await release(gateway, snapshot.id)).payload.task.state).toBe('SUCCESS')
})

test('continues with changes after the machine was powered off and on', async () => {
  const { gateway } = await startCaptureFixture()
  const first = await captured(gateway)
  await release(gateway, first.snapshot.id)
  for (const action of ['POWER_OFF', 'POWER_ON'])
    await mutate(
      gateway,
      'changePower',
      { virtualMachines: { name: 'lab' }, action },
      'results { error { code } }',
    )
  const next = await captured(gateway, { idempotencyKey: 'b', tokens: tokensOf(first) })
  expect(bases(next)).toEqual(['CHANGES', 'CHANGES'])
})

describe('a blocker', () => {
  test('gives the code of the first one, and all are listed', async () => {
    const { gateway, machine, simulator } = await startCaptureFixture()
    for (let depth = 0; depth < 32; depth += 1) takeWithout(machine, `chain ${depth}`)
    simulator.authorization.grant('user', { role: 'ReadOnly' })
    const { reported } = await capture(gateway)
    expect(reported).toMatchObject([
      {
        code: 'CONFLICT',
        retryable: false,
        blockers: [
          { code: 'SNAPSHOT_CHAIN_FULL', remedy: 'Remove snapshots.' },
          { code: 'MISSING_PRIVILEGE', privilege: 'VirtualMachine.Provisioning.DiskRandomRead' },
          { code: 'MISSING_PRIVILEGE', privilege: 'VirtualMachine.State.CreateSnapshot' },
          { code: 'MISSING_PRIVILEGE', privilege: 'VirtualMachine.State.RemoveSnapshot' },
        ],
      },
    ])
    expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(0)
  })

  test('is CBT_NOT_ENABLED without tracking, which is not switched on', async () => {
    const { gateway, machine } = await startCaptureFixture()
    await mutate(
      gateway,
      'setChangeTracking',
      { virtualMachine: { name: 'lab' }, enabled: false },
      'activated',
    )
    expect((await capture(gateway)).reported).toMatchObject([
      { code: 'CBT_NOT_ENABLED', blockers: [{ code: 'NOT_ENABLED' }] },
    ])
    expect(machine.settings.changeTrackingEnabled).toBe(false)
    expect(snapshotsIn(machine)).toEqual([])
  })

  test('is a running task, after which the request can be repeated', async () => {
    const { gateway, simulator } = await startCaptureFixture()
    Object.assign(simulator.tasks, { durationMs: 600_000 })
    const { payload } = await mutate(gateway, 'createSnapshot', {
      virtualMachine: { name: 'lab' },
      name: 'x',
      waitSeconds: 0,
    })
    expect((await capture(gateway)).reported).toMatchObject([
      {
        code: 'CONFLICT',
        retryable: true,
        task: { id: payload.task.id },
        blockers: [{ code: 'TASK_RUNNING' }],
      },
    ])
  })
})
