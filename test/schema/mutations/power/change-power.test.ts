// The changePower mutation: what each action does, what it leaves alone, and the result of each machine of a batch.

import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { notifyChange } from '../../../../src/simulator/virtual-machine/machine.ts'
import { setPower } from '../../../../src/simulator/virtual-machine/power/power-state.ts'
import { shortRecovery } from '../../../test-gateway.ts'
import { powerGateway } from './power-gateway.ts'

const operations = {
  POWER_ON: 'VirtualMachine.powerOn',
  POWER_OFF: 'VirtualMachine.powerOff',
  RESET: 'VirtualMachine.reset',
  SUSPEND: 'VirtualMachine.suspend',
}

describe('changePower', () => {
  it.each([
    ['POWER_ON', 'mail-01', 'POWERED_ON', 'PowerOnMultiVM_Task'],
    ['POWER_ON', 'desktop-01', 'POWERED_ON', 'PowerOnMultiVM_Task'],
    ['POWER_OFF', 'web-01', 'POWERED_OFF', 'PowerOffVM_Task'],
    ['POWER_OFF', 'desktop-01', 'POWERED_OFF', 'PowerOffVM_Task'],
    ['RESET', 'web-01', 'POWERED_ON', 'ResetVM_Task'],
    ['SUSPEND', 'web-01', 'SUSPENDED', 'SuspendVM_Task'],
  ] as const)('%s of %s ends as %s', async (action, name, powerState, method) => {
    const { power, sent } = powerGateway()
    const { results, reported } = await power(name, action)
    expect(reported).toEqual([])
    expect(results).toEqual([
      {
        virtualMachine: { name, powerState },
        task: { moid: expect.any(String), operation: operations[action], state: 'SUCCESS' },
        error: null,
      },
    ])
    expect(sent()).toEqual([method])
  })

  it('SHUTDOWN_GUEST waits until the machine is off', async () => {
    const { power, sent } = powerGateway()
    const { results } = await power('web-01', 'SHUTDOWN_GUEST')
    expect(results).toEqual([
      { virtualMachine: { name: 'web-01', powerState: 'POWERED_OFF' }, task: null, error: null },
    ])
    expect(sent()).toEqual(['ShutdownGuest'])
  })

  it('REBOOT_GUEST does not wait', async () => {
    const { power, simulator, sent } = powerGateway()
    simulator.inventory.settings.guestShutdownMs = 600_000
    const { results } = await power('web-01', 'REBOOT_GUEST')
    expect(results).toEqual([
      { virtualMachine: { name: 'web-01', powerState: 'POWERED_ON' }, task: null, error: null },
    ])
    expect(sent()).toEqual(['RebootGuest'])
  })

  it.each([
    ['POWER_ON', 'web-01'],
    ['POWER_OFF', 'mail-01'],
    ['SHUTDOWN_GUEST', 'mail-01'],
    ['SUSPEND', 'desktop-01'],
  ])('%s leaves %s alone, which is in that state already', async (action, name) => {
    const { power, sent, audit } = powerGateway()
    const { results } = await power(name, action)
    expect(results).toMatchObject([{ virtualMachine: { name }, task: null, error: null }])
    expect(sent()).toEqual([])
    expect(audit).toMatchObject([{ outcome: 'success', virtualMachines: [{ name, outcome: 'unchanged' }] }])
  })

  it.each([
    ['RESET', 'mail-01', 'POWERED_OFF'],
    ['RESET', 'desktop-01', 'SUSPENDED'],
    ['REBOOT_GUEST', 'mail-01', 'POWERED_OFF'],
    ['SHUTDOWN_GUEST', 'desktop-01', 'SUSPENDED'],
    ['SUSPEND', 'mail-01', 'POWERED_OFF'],
    ['POWER_ON', 'ubuntu-24.04', 'POWERED_OFF'],
  ])('%s of %s, which is %s, is CONFLICT, and nothing is sent', async (action, name, powerState) => {
    const { power, sent } = powerGateway()
    const { results, reported } = await power(name, action)
    expect(reported).toEqual([])
    expect(results).toMatchObject([
      {
        virtualMachine: { powerState },
        task: null,
        error: { code: 'CONFLICT', remedy: expect.any(String), retryable: false },
      },
    ])
    expect(sent()).toEqual([])
  })
})

describe('ifPowerState', () => {
  it('is CONFLICT for machines in another state, and nothing is sent to them', async () => {
    const { power, sent, stateOf } = powerGateway()
    const { results } = await power(['web-01', 'desktop-01', 'mail-01'], 'POWER_OFF', {
      ifPowerState: 'POWERED_ON',
    })
    expect(results.map(({ error }) => error?.code)).toEqual([undefined, 'CONFLICT', 'CONFLICT'])
    expect(results[1]?.error?.message).toMatch(
      /^"desktop-01" \(vm-\d+\) is SUSPENDED, but ifPowerState is POWERED_ON$/,
    )
    expect(results[1]?.error?.remedy).toContain('Check what has changed')
    expect(results[2]?.error?.remedy).toContain('already has the state that POWER_OFF leads to')
    expect(sent()).toEqual(['PowerOffVM_Task'])
    expect(stateOf('desktop-01')).toBe('suspended')
  })
})

describe('the input', () => {
  it.each([
    ['no machine', []],
    ['101 machines', Array.from({ length: 101 }, (_, index) => `vm-${index}`)],
    ['the same machine twice', ['web-01', 'web-01']],
  ])('is BAD_USER_INPUT with %s, before any call', async (_, names) => {
    const { power, simulator } = powerGateway()
    const { payload, reported } = await power(names, 'POWER_OFF')
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      { path: 'changePower', code: 'BAD_USER_INPUT', remedy: expect.stringMatching(/\.$/) },
    ])
    expect(simulator.calls).toEqual([])
  })

  it.each([-1, 601])('is BAD_USER_INPUT with waitSeconds: %i', async (waitSeconds) => {
    const { power, sent } = powerGateway()
    const { reported } = await power('web-01', 'POWER_OFF', { waitSeconds })
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT', remedy: expect.stringMatching(/\.$/) }])
    expect(sent()).toEqual([])
  })

  it('is BAD_USER_INPUT with the same machine by different keys, and nothing is sent', async () => {
    const { power, sent, machine } = powerGateway()
    const { reported } = await power(['web-01', 'web-02', { moid: machine('web-01').ref.value }], 'POWER_OFF')
    const { value } = machine('web-01').ref
    const message = `virtualMachines contains a virtual machine twice: entry 1, {"name":"web-01"}, and entry 3, {"moid":"${value}"}`
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT', message }])
    expect(sent()).toEqual([])
  })

  it('is BAD_USER_INPUT with an id that is malformed, and nothing is sent', async () => {
    const { power, sent } = powerGateway()
    const { payload, reported } = await power(['web-02', { id: 'vm-62' }], 'POWER_OFF')
    expect(payload).toBeNull()
    expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    expect(sent()).toEqual([])
  })

  it('names machines by any key', async () => {
    const { power, machine, stateOf } = powerGateway()
    const { ref } = machine('web-01')
    const { results } = await power(
      [
        { moid: ref.value },
        { path: '/Frankfurt/vm/Production/Web/web-02' },
        { instanceUuid: machine('db-01').instanceUuid },
        { uuid: machine('erp-01').uuid },
      ],
      'POWER_OFF',
    )
    expect(results.map(({ error }) => error)).toEqual([null, null, null, null])
    expect(['web-01', 'web-02', 'db-01', 'erp-01'].map(stateOf)).toEqual(Array(4).fill('poweredOff'))
  })
})

describe('a batch', () => {
  it('has a result for each machine, in the order of the input', async () => {
    const { power, simulator, audit } = powerGateway()
    const destroyed = simulator.inventory.machine('file-01').ref.value
    simulator.inventory.destroy('file-01')
    const { results, reported } = await power(
      ['web-02', 'wiki-01', 'nowhere', 'app-01', { moid: destroyed }, 'mail-01', 'scada-nt4', 'web-01'],
      'SHUTDOWN_GUEST',
    )
    expect(reported).toEqual([])
    expect(results).toMatchObject([
      { virtualMachine: { name: 'web-02', powerState: 'POWERED_OFF' }, error: null },
      {
        virtualMachine: { name: 'wiki-01', powerState: 'POWERED_ON' },
        error: {
          code: 'CONFLICT',
          message: expect.stringContaining('There is no more space for virtual disk'),
          remedy: expect.stringContaining('Answer the question'),
        },
      },
      { virtualMachine: null, error: { code: 'NOT_FOUND' } },
      {
        virtualMachine: null,
        error: { code: 'AMBIGUOUS', remedy: expect.stringContaining('/Frankfurt/vm/Testing/app-01') },
      },
      { virtualMachine: null, error: { code: 'NOT_FOUND' } },
      { virtualMachine: { name: 'mail-01', powerState: 'POWERED_OFF' }, error: null },
      {
        virtualMachine: { name: 'scada-nt4', powerState: 'POWERED_ON' },
        error: {
          code: 'VSPHERE_FAULT',
          fault: 'ToolsUnavailable',
          remedy: expect.stringContaining('POWER_OFF'),
          retryable: false,
        },
      },
      { virtualMachine: { name: 'web-01', powerState: 'POWERED_OFF' }, error: null },
    ])
    expect(audit).toMatchObject([
      {
        mutation: 'changePower',
        outcome: 'partial',
        virtualMachines: [
          { name: 'web-02', outcome: 'success' },
          { name: 'wiki-01', outcome: 'failed', code: 'CONFLICT' },
          { requested: 'name nowhere', outcome: 'failed', code: 'NOT_FOUND' },
          { requested: 'name app-01', outcome: 'failed', code: 'AMBIGUOUS' },
          { requested: `moid ${destroyed}`, outcome: 'failed', code: 'NOT_FOUND' },
          { name: 'mail-01', outcome: 'unchanged' },
          { name: 'scada-nt4', outcome: 'failed', code: 'VSPHERE_FAULT' },
          { name: 'web-01', outcome: 'success' },
        ],
      },
    ])
  })

  it.each([1, 2])(
    'sends at most 8 calls at the same time in %d mutations, and each once',
    async (mutations) => {
      const { power, gateway, simulator } = powerGateway({ vms: 120 })
      const { data } = await gateway.execute(
        '{ virtualMachines(first: 40, filter: { powerState: { eq: POWERED_ON } }) { nodes { id } } }',
      )
      const ids = data.virtualMachines.nodes as { id: string }[]
      expect(ids).toHaveLength(40)
      const hold = simulator.faults.pause({ method: 'PowerOffVM_Task' })
      const size = ids.length / mutations
      const responses = Array.from({ length: mutations }, (_, i) =>
        power(ids.slice(i * size, (i + 1) * size), 'POWER_OFF'),
      )
      await hold.waitFor(8)
      // Both mutations have read the states of their machines by then.
      for (let i = 0; i < 200; i += 1) await new Promise(setImmediate)
      expect(hold.waiting).toBe(8)
      hold.release()
      const results = (await Promise.all(responses)).flatMap((each) => each.results)
      expect(results.filter(({ error }) => error)).toEqual([])
      const objects = simulator.calls.flatMap(({ method, self }) =>
        method === 'PowerOffVM_Task' ? self.value : [],
      )
      expect(new Set(objects).size).toBe(40)
      expect(objects).toHaveLength(40)
    },
  )

  it('goes on when one machine is busy, and names the task that blocks it', async () => {
    const { power, gateway, stateOf } = powerGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    const { data } = await gateway.execute(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "x", waitSeconds: 0 }) { task { moid } } }',
    )
    gateway.simulator.tasks.durationMs = 5
    const { results } = await power(['web-01', 'web-02'], 'POWER_OFF')
    expect(results).toMatchObject([
      {
        error: {
          code: 'CONFLICT',
          fault: 'TaskInProgress',
          retryable: false,
          remedy: expect.stringContaining('Send only this virtual machine again'),
          message: expect.stringContaining(data.createSnapshot.task.moid),
        },
      },
      { error: null },
    ])
    expect([stateOf('web-01'), stateOf('web-02')]).toEqual(['poweredOn', 'poweredOff'])
  })
})

const pending = expect.stringMatching(/^(QUEUED|RUNNING)$/)

describe('the wait', () => {
  it('does not send the calls that are still queued when the time is up', async () => {
    const { power, gateway, simulator, sent } = powerGateway({
      vms: 60,
      recovery: { ...shortRecovery, minSending: 0 },
    })
    const { data } = await gateway.execute(
      '{ virtualMachines(first: 10, filter: { powerState: { eq: POWERED_ON } }) { nodes { id } } }',
    )
    const hold = simulator.faults.pause({ method: 'ResetVM_Task' })
    const response = power(data.virtualMachines.nodes, 'RESET', { waitSeconds: 0 })
    await hold.waitFor(8)
    // Timers end in the order of their times: that of the mutation, which began earlier, has ended.
    await setTimeout(10)
    hold.release()
    const { results } = await response
    expect(sent()).toHaveLength(8)
    expect(results.slice(0, 8).map(({ error }) => error)).toEqual(Array(8).fill(null))
    for (const { error, task, virtualMachine } of results.slice(8)) {
      expect([task, virtualMachine?.powerState]).toEqual([null, 'POWERED_ON'])
      expect(error).toMatchObject({
        code: 'OVERLOADED',
        retryable: false,
        message: expect.stringContaining('nothing was sent'),
        remedy: expect.stringContaining('Send only this virtual machine again'),
      })
    }
  })

  it.each([0, 1])('ends after %i seconds with the state so far, without an error', async (waitSeconds) => {
    const { power, simulator } = powerGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
    simulator.inventory.settings.guestShutdownMs = 600_000
    const off = await power('web-01', 'POWER_OFF', { waitSeconds })
    const on = await power('mail-01', 'POWER_ON', { waitSeconds })
    const shutdown = await power('web-02', 'SHUTDOWN_GUEST', { waitSeconds })
    expect([off, on, shutdown].flatMap(({ reported }) => reported)).toEqual([])
    expect(off.results).toMatchObject([
      { virtualMachine: { powerState: 'POWERED_ON' }, task: { state: pending }, error: null },
    ])
    expect(on.results).toMatchObject([
      {
        virtualMachine: { powerState: 'POWERED_OFF' },
        task: { operation: 'Datacenter.powerOnVm', state: pending },
        error: null,
      },
    ])
    expect(shutdown.results).toMatchObject([
      { virtualMachine: { powerState: 'POWERED_ON' }, task: null, error: null },
    ])
  })

  it('ends early, with CONFLICT, when a question blocks the shutdown', async () => {
    const { power, simulator, machine } = powerGateway()
    simulator.inventory.settings.guestShutdownMs = 600_000
    const response = power('web-01', 'SHUTDOWN_GUEST', { waitSeconds: 600 })
    await expect.poll(() => simulator.live.waits).toBe(1)
    machine('web-01').question = machine('wiki-01').question
    notifyChange(machine('web-01'), 'runtime', 'summary')
    const { results } = await response
    expect(results).toMatchObject([
      { virtualMachine: { powerState: 'POWERED_ON' }, error: { code: 'CONFLICT', retryable: false } },
    ])
  })

  it('leaves no view, filter or collector behind', async () => {
    const { power, simulator } = powerGateway()
    await power(['web-01', 'web-02'], 'SHUTDOWN_GUEST')
    await power(['web-01', 'web-02'], 'POWER_ON')
    await expect.poll(() => simulator.live).toMatchObject({ filters: 0, collectors: 0, waits: 0, tasks: 0 })
    await expect.poll(() => simulator.live.views).toBeLessThanOrEqual(1)
  })
})

describe('success', () => {
  it.each(['POWER_OFF', 'POWER_ON'])(
    'is not claimed when the task of %s succeeds and the power state is another',
    async (action) => {
      const { power, simulator, machine, audit } = powerGateway()
      const name = action === 'POWER_OFF' ? 'web-01' : 'mail-01'
      // Another client undoes the change at once.
      simulator.objects.on('changed', (object, property) => {
        if (object.ref.value !== machine(name).ref.value || property !== 'disabledMethod') return
        const state = action === 'POWER_OFF' ? 'poweredOff' : 'poweredOn'
        if (machine(name).powerState !== state) return
        setPower(machine(name), action === 'POWER_OFF' ? 'poweredOn' : 'poweredOff', new Date())
      })
      const { results } = await power(name, action)
      expect(results).toMatchObject([
        {
          task: { state: 'SUCCESS' },
          error: { code: 'CONFLICT', message: expect.stringContaining('succeeded, but') },
        },
      ])
      // The audit says what was done, which another client has undone.
      await expect.poll(() => audit).toMatchObject([{ outcome: 'success', virtualMachine: { name } }])
    },
  )

  it('is InvalidPowerState with the wanted state, which another client has reached first', async () => {
    const { power, simulator, machine, audit } = powerGateway()
    const hold = simulator.faults.pause({ method: 'PowerOffVM_Task' })
    const response = power('web-01', 'POWER_OFF')
    await hold.waitFor()
    setPower(machine('web-01'), 'poweredOff', new Date())
    hold.release()
    const { results } = await response
    expect(results).toMatchObject([{ virtualMachine: { powerState: 'POWERED_OFF' }, error: null }])
    expect(audit).toMatchObject([{ outcome: 'success' }])
  })
})
