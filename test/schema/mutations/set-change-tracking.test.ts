// Tests setChangeTracking: switching tracking on and off, starting it with a temporary snapshot, and
// removing that snapshot whatever happens.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConnectionDrop } from '../../../src/simulator/fault-injection.ts'
import { createManualClock, type ManualClock } from '../../../src/simulator/index.ts'
import { reconfigure } from '../../../src/simulator/virtual-machine/reconfigure/reconfigure.ts'
import { takeSnapshot } from '../../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import { controlLongWaits } from '../../long-waits.ts'
import { searches, startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, mutate, treeOf } from './mutate.ts'

const recovery = { lostResponse: [0, 50, 150], leftSnapshot: searches }

let gateway: TestGateway
beforeEach(() => {
  gateway = startGateway({ recovery })
})
afterEach(() => gateway.close())

const set = (name: string, input: Record<string, unknown>) =>
  mutate(
    gateway,
    'setChangeTracking',
    { virtualMachine: { name }, ...input },
    'task { operation state } activated virtualMachine { snapshots { name } changeTracking { enabled active } }',
  )

const activate = (name: string, more: Record<string, unknown> = {}) =>
  set(name, { enabled: true, activate: true, ...more })

const changes = () =>
  gateway.simulator.calls.map(({ method }) => method).filter((method) => method.endsWith('_Task'))

const isTracked = (name: string) =>
  gateway.simulator.inventory.machine(name).disks.every(({ epoch }) => epoch !== undefined)

describe('switching change tracking', () => {
  it('on takes effect at the next power-on or snapshot', async () => {
    const { payload, reported } = await set('web-02', { enabled: true })
    expect(reported).toEqual([])
    expect(payload).toEqual({
      task: { operation: 'VirtualMachine.reconfigure', state: 'SUCCESS' },
      activated: null,
      virtualMachine: { snapshots: [], changeTracking: { enabled: true, active: false } },
    })
    expect(changes()).toEqual(['ReconfigVM_Task'])
    expect(isTracked('web-02')).toBe(false)
  })

  it('off ends it', async () => {
    const { payload, reported } = await set('mail-01', { enabled: false, activate: null })
    expect(reported).toEqual([])
    expect(payload.virtualMachine.changeTracking).toEqual({ enabled: false, active: false })
    expect(isTracked('mail-01')).toBe(false)
  })

  it.each([
    ['web-01', true],
    ['web-02', false],
  ])('%s to %j changes nothing when it is already so', async (name, enabled) => {
    const { payload, reported } = await set(name, { enabled })
    expect(reported).toEqual([])
    expect(payload).toMatchObject({
      task: null,
      activated: null,
      virtualMachine: { changeTracking: { enabled } },
    })
    expect(changes()).toEqual([])
  })

  it('on with a hardware version that is too old is CBT_UNSUPPORTED, and off succeeds', async () => {
    const { payload, reported } = await set('scada-nt4', { enabled: true })
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'CBT_UNSUPPORTED',
        message: expect.stringMatching(
          /^change tracking of "scada-nt4" \(vm-\d+\) cannot be enabled: its virtual hardware is vmx-04, but change tracking needs version 7 or later$/,
        ),
        remedy: expect.any(String),
      },
    ])
    expect((await set('scada-nt4', { enabled: false })).reported).toEqual([])
    expect(changes()).toEqual([])
  })

  it.each([
    ['activate without enabled', { enabled: false, activate: true }],
    ['activate without a wait', { enabled: true, activate: true, waitSeconds: 0 }],
    ['a wait that is too long', { enabled: true, waitSeconds: 601 }],
  ])('with %s is invalid', async (_, input) => {
    const { reported } = await set('web-02', input)
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(changes()).toEqual([])
  })
})

describe('activating change tracking', () => {
  it.each([
    ['web-02', ['ReconfigVM_Task', 'CreateSnapshot_Task', 'RemoveSnapshot_Task']],
    // Tracking is enabled, but the machine has not been stunned since.
    ['wiki-01', ['CreateSnapshot_Task', 'RemoveSnapshot_Task']],
  ])('%s starts tracking now, with a snapshot that is removed afterwards', async (name, expected) => {
    const { payload, reported } = await activate(name)
    expect(reported).toEqual([])
    expect(payload).toEqual({
      task: { operation: expect.stringMatching(/remove/i), state: 'SUCCESS' },
      activated: true,
      virtualMachine: { snapshots: [], changeTracking: { enabled: true, active: true } },
    })
    expect(changes()).toEqual(expected)
    expect(isTracked(name)).toBe(true)
    expect(gateway.lines).toEqual([])
  })

  it('treats a powered-off virtual machine like a running one', async () => {
    await set('mail-01', { enabled: false })
    const { payload, reported } = await activate('mail-01')
    expect(reported).toEqual([])
    expect(payload).toMatchObject({ activated: true, virtualMachine: { snapshots: [] } })
  })

  it('changes nothing when it is already active, with or without snapshots', async () => {
    const { payload, reported } = await activate('web-01')
    expect(reported).toEqual([])
    expect(payload).toMatchObject({ task: null, activated: true })
    expect(changes()).toEqual([])
  })

  it('does not mistake snapshots from before a reset for active tracking', async () => {
    const off = await set('web-01', { enabled: false })
    const snapshots = [{ name: 'before-update' }]
    expect(off.payload.virtualMachine).toEqual({
      snapshots,
      changeTracking: { enabled: false, active: false },
    })
    await set('web-01', { enabled: true })
    gateway.simulator.calls.length = 0
    const { payload, reported } = await activate('web-01')
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ code: 'CONFLICT', message: expect.stringMatching(/1 snapshot/) }])
    expect(changes()).toEqual([])
  })

  it('gives its snapshot a name that describes its purpose', async () => {
    await activate('web-02')
    const taken = gateway.simulator.calls.find(({ method }) => method === 'CreateSnapshot_Task')
    expect(taken?.args).toMatchObject({
      name: expect.stringMatching(/^vsphere-graphql: temporary, for change tracking \([0-9a-f]{8}\)$/),
      description: expect.stringMatching(/removed.*\[vsphere-graphql temporary snapshot [0-9a-f]{32}\]$/),
      memory: false,
      quiesce: false,
    })
  })

  it.each([
    ['has snapshots', 'web-02', 'CONFLICT', /1 snapshot/],
    ['is suspended', 'desktop-01', 'CONFLICT', /suspended/],
    ['is a template', 'ubuntu-24.04', 'CONFLICT', /template/],
    ['cannot be read', 'legacy-01', 'CONFLICT', /cannot be read/],
  ])('a virtual machine that %s is rejected before anything is sent', async (_, name, code, message) => {
    if (name === 'web-02')
      await mutate(gateway, 'createSnapshot', { virtualMachine: { name }, name: 'before' })
    gateway.simulator.calls.length = 0
    const { payload, reported } = await activate(name)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      { code, message: expect.stringMatching(message), remedy: expect.any(String) },
    ])
    expect(changes()).toEqual([])
  })

  it('reports all obstacles at once, before anything is sent', async () => {
    const machine = gateway.simulator.inventory.machine('desktop-01')
    takeSnapshot(machine, { name: 'old', description: '', memory: false, quiesced: false, at: new Date() })
    const { reported } = await activate('desktop-01')
    expect(reported).toMatchObject([
      {
        code: 'CONFLICT',
        state: 'suspended',
        message: expect.stringMatching(/suspended.*1 snapshot/),
        remedy: expect.stringMatching(/Resume.*removeAllSnapshots/),
      },
    ])
    const old = await activate('scada-nt4')
    expect(old.reported).toMatchObject([
      { code: 'CBT_UNSUPPORTED', message: expect.stringContaining('vmx-04') },
    ])
    expect(changes()).toEqual([])
  })

  it('switches the flag on and the key off when only the extra configuration is set', async () => {
    const keyed = (value: string) =>
      reconfigure(
        gateway.simulator.inventory.machine('web-02'),
        { extraConfig: [{ key: 'ctkEnabled', value }] },
        new Date(),
      )
    keyed('TRUE')
    expect((await set('web-02', { enabled: false })).payload.virtualMachine.changeTracking).toEqual({
      enabled: false,
      active: false,
    })
    const sent = gateway.simulator.calls.find(({ method }) => method === 'ReconfigVM_Task')
    expect(sent?.args).toMatchObject({
      spec: { changeTrackingEnabled: false, extraConfig: [{ key: 'ctkEnabled', value: 'FALSE' }] },
    })
    keyed('TRUE')
    const on = await activate('web-02')
    expect(on.reported).toEqual([])
    expect(on.payload.activated).toBe(true)
  })

  it('switches it on when the extra configuration switched it off on a running machine whose flag is still set', async () => {
    reconfigure(
      gateway.simulator.inventory.machine('web-01'),
      { extraConfig: [{ key: 'ctkEnabled', value: 'FALSE' }] },
      new Date(),
    )
    const { reported } = await set('web-01', { enabled: true })
    expect(reported).toEqual([])
    const sent = gateway.simulator.calls.find(({ method }) => method === 'ReconfigVM_Task')
    expect(sent?.args).toMatchObject({
      spec: { changeTrackingEnabled: true, extraConfig: [{ key: 'ctkEnabled', value: 'TRUE' }] },
    })
    expect((await set('web-01', { enabled: true })).payload.task).toBeNull()
  })

  it('activates a disk that was added after the snapshots of tracked disks', async () => {
    const { inventory } = gateway.simulator
    const machine = inventory.machine('web-01')
    const device = {
      _typeName: 'VirtualDisk',
      key: -1,
      controllerKey: 1000,
      unitNumber: 9,
      capacityInKB: 1024,
      backing: {
        _typeName: 'VirtualDiskFlatVer2BackingInfo',
        fileName: '',
        diskMode: 'persistent',
        thinProvisioned: true,
      },
    }
    reconfigure(
      machine,
      { deviceChange: [{ operation: 'add', fileOperation: 'create', device }] },
      new Date(),
    )
    for (const disk of machine.disks) if (disk.unitNumber === 9) disk.epoch = undefined
    machine.derived.clear()
    expect(treeOf(gateway, 'web-01')).not.toEqual([])
    const { payload, reported } = await activate('web-01')
    expect(reported).toEqual([])
    expect(payload.activated).toBe(true)
    expect(isTracked('web-01')).toBe(true)
  })

  it('is CBT_UNSUPPORTED when no disk can be tracked', async () => {
    for (const disk of gateway.simulator.inventory.machine('web-02').disks)
      Object.assign(disk, { mode: 'independent_persistent' })
    const { reported } = await activate('web-02')
    expect(reported).toMatchObject([{ code: 'CBT_UNSUPPORTED', remedy: expect.stringContaining('reasons') }])
    expect(changes()).toEqual([])
  })

  it('reports when the disks have no changeIds even afterwards', async () => {
    const { inventory } = gateway.simulator
    // Another client switches tracking off meanwhile.
    const hold = gateway.simulator.faults.pause({ method: 'CreateSnapshot_Task' })
    const result = activate('web-02')
    await hold.waitFor()
    const machine = inventory.machine('web-02')
    machine.settings = { ...machine.settings, changeTrackingEnabled: false }
    hold.release()
    const { payload, reported } = await result
    expect(reported).toEqual([])
    expect(payload).toMatchObject({ activated: false, task: { state: 'SUCCESS' } })
    expect(treeOf(gateway, 'web-02')).toEqual([])
  })
})

describe('the temporary snapshot', () => {
  const removed = (clock?: ManualClock) =>
    expect
      .poll(() => {
        clock?.advance(5)
        return { tree: treeOf(gateway, 'web-02'), wasSent: countOf(gateway, 'RemoveSnapshot_Task') > 0 }
      })
      .toEqual({ tree: [], wasSent: true })

  it.each(['CreateSnapshot_Task', 'RemoveSnapshot_Task'] as const)(
    'is removed when the timeout expires at %s',
    async (method) => {
      const waits = controlLongWaits()
      const hold = gateway.simulator.faults.pause({ method })
      const result = activate('web-02', { waitSeconds: 30 })
      await hold.waitFor()
      waits.advance(30_000)
      const { payload, reported } = await result
      expect(reported).toEqual([])
      expect(payload).toMatchObject({
        activated: null,
        task: {
          operation:
            method === 'CreateSnapshot_Task' ? 'VirtualMachine.reconfigure' : 'VirtualMachine.createSnapshot',
        },
      })
      hold.release()
      await removed()
      expect(isTracked('web-02')).toBe(true)
    },
  )

  it('is removed when the operation timeout expires, which is OUTCOME_UNKNOWN and reports what continues', async () => {
    const waits = controlLongWaits()
    const withTimeout = startGateway({ simulator: gateway.simulator, limits: { timeoutMs: 20_000 } })
    const hold = gateway.simulator.faults.pause({ method: 'CreateSnapshot_Task' })
    const input = { virtualMachine: { name: 'web-02' }, enabled: true, activate: true }
    const result = mutate(withTimeout, 'setChangeTracking', input, 'activated')
    await hold.waitFor()
    waits.advance(20_000)
    const { payload, reported } = await result
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        task: { moid: expect.stringMatching(/^task-/) },
        remedy: expect.stringContaining('continues the activation'),
      },
    ])
    hold.release()
    await removed()
    expect(isTracked('web-02')).toBe(true)
    await withTimeout.close()
  })

  it('is removed when the timeout expires while its task runs, and the error names that task', async () => {
    const waits = controlLongWaits()
    const clock = createManualClock()
    await gateway.close()
    gateway = startGateway({ recovery, clock })
    const { simulator } = gateway
    reconfigure(simulator.inventory.machine('web-02'), { changeTrackingEnabled: true } as never, clock.now())
    const result = activate('web-02', { waitSeconds: 30 })
    await expect.poll(() => simulator.live.waits).toBe(1)
    waits.advance(30_000)
    const { payload, reported } = await result
    expect(reported).toEqual([])
    expect(payload).toMatchObject({
      task: { operation: 'VirtualMachine.createSnapshot', state: 'RUNNING' },
      activated: null,
    })
    await removed(clock)
  })

  it.each(['CreateSnapshot_Task', 'RemoveSnapshot_Task'] as const)(
    'is removed when the client disconnects at %s',
    async (method) => {
      const hold = gateway.simulator.faults.pause({ method })
      const client = new AbortController()
      const query =
        'mutation { setChangeTracking(input: { virtualMachine: { name: "web-02" }, enabled: true, activate: true }) { activated } }'
      const result = gateway
        .fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
          signal: client.signal,
        })
        .catch(() => {})
      await hold.waitFor()
      client.abort()
      await result
      hold.release()
      await removed()
    },
  )

  it.each(['unanswered', 'midBody'] satisfies ConnectionDrop[])(
    'is removed when the response to its creation is lost (%s)',
    async (how) => {
      gateway.simulator.faults.dropConnection(how, { method: 'CreateSnapshot_Task' })
      const { payload, reported } = await activate('web-02')
      // A lost response may be recovered; otherwise an error reports it.
      if (payload === null) expect(reported).toMatchObject([{ code: 'OUTCOME_UNKNOWN' }])
      await removed()
      expect(countOf(gateway, 'CreateSnapshot_Task')).toBe(1)
    },
  )

  it('is searched for when it was never taken, and nothing is removed', async () => {
    gateway.simulator.faults.dropConnection('unread', { method: 'CreateSnapshot_Task' })
    const { payload } = await activate('web-02')
    expect(payload).toBeNull()
    await gateway.close()
    expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(0)
    expect(treeOf(gateway, 'web-02')).toEqual([])
  })

  it('is removed later when it cannot be removed at once, and the caller learns what continues', async () => {
    gateway.simulator.faults.taskFault('RemoveSnapshot_Task', 'NoDiskSpace', { message: 'no room' })
    const { payload, reported } = await activate('web-02')
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'VSPHERE_FAULT',
        fault: 'NoDiskSpace',
        message: expect.stringContaining('has not been removed yet: no room'),
        task: { moid: expect.stringMatching(/^task-/) },
        remedy: expect.stringContaining('keeps trying'),
      },
    ])
    expect(gateway.lines).toEqual([expect.stringContaining('has not been removed yet')])
    await removed()
    expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(2)
  })

  it('is reported to the operator by name when it cannot be removed before the gateway stops', async () => {
    gateway.simulator.faults.fault('NoPermission', { method: 'RemoveSnapshot_Task', times: 99 })
    const { reported } = await activate('web-02')
    expect(reported).toMatchObject([{ code: 'FORBIDDEN' }])
    const [name] = treeOf(gateway, 'web-02')
    await gateway.close()
    expect(gateway.lines.at(-1)).toContain(`"${name}"`)
    expect(gateway.lines.at(-1)).toContain('may be left behind')
  })

  it.each([
    ['NotSupported', 'VSPHERE_FAULT'],
    ['NoPermission', 'FORBIDDEN'],
    ['TaskInProgress', 'CONFLICT'],
  ] as const)('needs no removal when its creation is rejected with %s', async (fault, code) => {
    gateway.simulator.faults.fault(fault, { method: 'CreateSnapshot_Task' })
    const { payload, reported } = await activate('web-02')
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ code, fault }])
    expect(changes().filter((method) => method === 'RemoveSnapshot_Task')).toEqual([])
    expect(gateway.lines).toEqual([])
  })

  it('is removed when its task failed for the vCenter but not on the host', async () => {
    const { simulator } = gateway
    simulator.faults.taskFault('CreateSnapshot_Task', 'HostCommunication')
    const { reported } = await activate('web-02')
    expect(reported).toMatchObject([{ code: 'VSPHERE_FAULT', fault: 'HostCommunication' }])
    const taken = simulator.calls.find(({ method }) => method === 'CreateSnapshot_Task')
    takeSnapshot(simulator.inventory.machine('web-02'), {
      name: taken?.args.name as string,
      description: taken?.args.description as string,
      memory: false,
      quiesced: false,
      at: new Date(),
    })
    await removed()
  })

  it('is removed before the gateway has stopped', async () => {
    const waits = controlLongWaits()
    gateway.simulator.tasks.durationMs = 300
    const hold = gateway.simulator.faults.pause({ method: 'CreateSnapshot_Task' })
    const result = activate('web-02', { waitSeconds: 30 })
    await hold.waitFor()
    waits.advance(30_000)
    await result
    hold.release()
    await gateway.close()
    expect(treeOf(gateway, 'web-02')).toEqual([])
    expect(countOf(gateway, 'RemoveSnapshot_Task')).toBe(1)
  })
})
