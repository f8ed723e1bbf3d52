// POWER_ON: one PowerOnMultiVM_Task for each datacenter, whose task succeeds although machines are not on.

import { describe, expect, it } from 'vitest'
import { setPower } from '../../../../src/simulator/virtual-machine/power/power-state.ts'
import { changePower, powerGateway } from './power-gateway.ts'

const twoDatacenters = ['mail-01', 'desktop-01', 'web-01']

describe('POWER_ON', () => {
  it('makes one call for each datacenter, without the machines that are on already', async () => {
    const { power, simulator, machine, sent } = powerGateway()
    const { results } = await power(twoDatacenters, 'POWER_ON')
    expect(results.map(({ error }) => error)).toEqual([null, null, null])
    expect(results.map(({ task }) => task?.operation)).toEqual([
      'VirtualMachine.powerOn',
      'VirtualMachine.powerOn',
      undefined,
    ])
    expect(sent()).toEqual(['PowerOnMultiVM_Task', 'PowerOnMultiVM_Task'])
    const placed = simulator.calls.filter(({ method }) => method === 'PowerOnMultiVM_Task')
    expect(placed.map(({ self }) => self.type)).toEqual(['Datacenter', 'Datacenter'])
    expect(placed.map(({ args }) => args.vm)).toEqual([[machine('mail-01').ref], [machine('desktop-01').ref]])
  })

  it('follows the task of each machine, and reports why one was not attempted', async () => {
    const { power, simulator, machine, stateOf, audit } = powerGateway()
    for (const name of ['web-01', 'web-02']) setPower(machine(name), 'poweredOff', new Date())
    simulator.inventory.settings.placementFaults.set(machine('web-01').ref.value, {
      _typeName: 'InsufficientMemoryResourcesFault',
    })
    simulator.faults.taskFault('PowerOnVM_Task', 'FileLocked', { message: 'a file is locked' })
    const { results } = await power(['web-01', 'web-02', 'mail-01'], 'POWER_ON')
    expect(results).toMatchObject([
      {
        virtualMachine: { powerState: 'POWERED_OFF' },
        task: null,
        error: {
          code: 'VSPHERE_FAULT',
          fault: 'InsufficientMemoryResourcesFault',
          remedy: expect.any(String),
        },
      },
      {
        virtualMachine: { powerState: 'POWERED_OFF' },
        task: { state: 'ERROR' },
        error: { code: 'VSPHERE_FAULT', fault: 'FileLocked', message: 'a file is locked' },
      },
      { virtualMachine: { powerState: 'POWERED_ON' }, task: { state: 'SUCCESS' }, error: null },
    ])
    expect(stateOf('mail-01')).toBe('poweredOn')
    expect(audit).toMatchObject([
      {
        outcome: 'partial',
        code: 'VSPHERE_FAULT',
        virtualMachines: [{ outcome: 'failed' }, { outcome: 'failed' }, { outcome: 'success' }],
        calls: [{ method: 'PowerOnMultiVM_Task', task: expect.any(String) }],
      },
    ])
  })

  it('is CONFLICT when DRS only recommends a host', async () => {
    const { power, simulator, stateOf } = powerGateway()
    simulator.inventory.settings.manualPlacement = true
    const { results } = await power(['mail-01', 'web-01'], 'POWER_ON')
    expect(results).toMatchObject([
      {
        virtualMachine: { powerState: 'POWERED_OFF' },
        task: null,
        error: {
          code: 'CONFLICT',
          message: expect.stringContaining('DRS only recommends'),
          remedy: expect.stringContaining('approve'),
          retryable: false,
        },
      },
      { error: null },
    ])
    expect(stateOf('mail-01')).toBe('poweredOff')
  })

  it('is the error of the call for each machine of its datacenter, when vCenter rejects it', async () => {
    const { power, simulator, machine } = powerGateway()
    const { ref } = machine('mail-01')
    simulator.faults.fault(
      { _typeName: 'NoPermission', object: ref, privilegeId: 'VirtualMachine.Interact.PowerOn' },
      { method: 'PowerOnMultiVM_Task' },
    )
    const { results, reported } = await power(twoDatacenters, 'POWER_ON')
    expect(reported).toEqual([])
    expect(results.map(({ error }) => error?.code).sort()).toEqual(['FORBIDDEN', undefined, undefined])
  })

  it.each(['before its task', 'by its task'])(
    'is retryable when the only machine is rejected %s, because another task runs',
    async (when) => {
      const { power, simulator, machine } = powerGateway()
      const fault = { _typeName: 'TaskInProgress' } as const
      if (when === 'by its task') simulator.faults.taskFault('PowerOnVM_Task', fault)
      else simulator.inventory.settings.placementFaults.set(machine('mail-01').ref.value, fault)
      const { results } = await power('mail-01', 'POWER_ON')
      expect(results).toMatchObject([
        {
          error: {
            code: 'CONFLICT',
            fault: 'TaskInProgress',
            retryable: true,
            remedy: 'Wait until the other task has ended, then retry the request.',
          },
        },
      ])
    },
  )

  it('is not retryable when another machine of the call was powered on, and says what to send again', async () => {
    const { power, simulator, machine } = powerGateway()
    setPower(machine('web-01'), 'poweredOff', new Date())
    simulator.inventory.settings.placementFaults.set(machine('mail-01').ref.value, {
      _typeName: 'TaskInProgress',
    })
    const { results } = await power(['mail-01', 'web-01'], 'POWER_ON')
    expect(results).toMatchObject([
      {
        error: {
          retryable: false,
          remedy: expect.stringMatching(/^Wait until the other task .*Send only this virtual machine again/),
        },
      },
      { error: null },
    ])
  })

  it('names only the machine of each result when the outcome of their call is unknown', async () => {
    const { power, simulator, machine } = powerGateway()
    setPower(machine('web-01'), 'poweredOff', new Date())
    simulator.faults.dropConnection('unread', { method: 'PowerOnMultiVM_Task', times: 1 })
    const { results } = await power(['mail-01', 'web-01'], 'POWER_ON', { waitSeconds: 1 })
    for (const [index, name] of ['mail-01', 'web-01'].entries()) {
      const { code, message, remedy } = results[index]?.error ?? {}
      expect(code).toBe('OUTCOME_UNKNOWN')
      expect(remedy).toContain(`the power state of "${name}" (${machine(name).ref.value})`)
      expect(message).toContain('0 of the 2 virtual machines of the call are POWERED_ON')
    }
  })

  it.each([
    ['POWER_ON', 'mail-01', 'PowerOnMultiVM_Task'],
    ['POWER_ON', 'mail-01', 'PowerOnVM_Task'],
    ['POWER_OFF', 'web-01', 'PowerOffVM_Task'],
    ['RESET', 'web-01', 'ResetVM_Task'],
    ['SUSPEND', 'web-01', 'SuspendVM_Task'],
  ])('%s of %s: an inconclusive fault of %s says to check the power state', async (action, name, method) => {
    const { power, simulator } = powerGateway()
    simulator.faults.taskFault(method, 'HostCommunication')
    const { results } = await power(name, action)
    expect(results[0]?.error?.remedy).toContain('the power state of the virtual machine')
  })

  it('is the error of the task for each machine, when the placement itself fails', async () => {
    const { power, simulator } = powerGateway()
    simulator.faults.taskFault('PowerOnMultiVM_Task', 'InsufficientResourcesFault')
    const { results } = await power('mail-01', 'POWER_ON')
    expect(results).toMatchObject([{ error: { fault: 'InsufficientResourcesFault' } }])
  })

  it('uses PowerOnVM_Task for a machine whose datacenter may not be read', async () => {
    const { power, simulator, machine, sent } = powerGateway()
    simulator.faults.deny(machine('mail-01').ref, 'parent', 'System.View')
    const { results } = await power('mail-01', 'POWER_ON')
    expect(results).toMatchObject([{ virtualMachine: { powerState: 'POWERED_ON' }, error: null }])
    expect(sent()).toEqual(['PowerOnVM_Task'])
  })

  it('uses PowerOnVM_Task on an ESXi host', async () => {
    const { gateway, simulator } = powerGateway({
      wrap: (transport) => ({
        ...transport,
        async send(request) {
          const response = await transport.send(request)
          const chunks: Uint8Array[] = []
          for await (const chunk of response.body) chunks.push(chunk)
          const text = Buffer.concat(chunks)
            .toString()
            .replace('VirtualCenter</apiType', 'HostAgent</apiType')
          return {
            ...response,
            body: (async function* () {
              yield Buffer.from(text)
            })(),
          }
        },
      }),
    })
    const { results } = await changePower(gateway, ['mail-01', 'desktop-01'], 'POWER_ON')
    expect(results.map(({ error }) => error)).toEqual([null, null])
    expect(simulator.calls.filter(({ method }) => method === 'PowerOnVM_Task')).toHaveLength(2)
    expect(simulator.calls.some(({ method }) => method === 'PowerOnMultiVM_Task')).toBe(false)
  })
})
