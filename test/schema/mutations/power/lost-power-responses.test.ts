// Power mutations whose responses are lost, whose client disconnects, or whose vCenter fails: sent once, and never a false success.

import { describe, expect, it } from 'vitest'
import type { LogFields } from '../../../../src/observability/log.ts'
import { createManualClock, type ManualClock } from '../../../../src/simulator/index.ts'
import type { MethodName } from '../../../../src/soap/envelope.ts'
import { controlLongWaits } from '../../../long-waits.ts'
import { powerGateway } from './power-gateway.ts'

const cases = [
  ['POWER_ON', 'mail-01', 'PowerOnMultiVM_Task', 'POWERED_ON'],
  ['POWER_OFF', 'web-01', 'PowerOffVM_Task', 'POWERED_OFF'],
  ['SUSPEND', 'web-01', 'SuspendVM_Task', 'SUSPENDED'],
  ['RESET', 'web-01', 'ResetVM_Task', 'POWERED_ON'],
  ['SHUTDOWN_GUEST', 'web-01', 'ShutdownGuest', 'POWERED_OFF'],
] as const

describe('a lost response', () => {
  it.each(cases)(
    'of %s is recovered when the call was executed',
    async (action, name, method, powerState) => {
      const { power, simulator, sent, audit } = powerGateway()
      simulator.faults.dropConnection('unanswered', { method })
      const { results, reported } = await power(name, action)
      expect(reported).toEqual([])
      expect(results).toMatchObject([{ virtualMachine: { powerState }, error: null }])
      expect(sent().filter((each) => each === method)).toHaveLength(1)
      expect(audit).toMatchObject([{ outcome: 'success' }])
    },
  )

  it.each([...cases, ['REBOOT_GUEST', 'web-01', 'RebootGuest', 'POWERED_ON']] as const)(
    'of %s is OUTCOME_UNKNOWN when nothing proves that it was executed',
    async (action, name, method) => {
      const { power, simulator, audit } = powerGateway()
      simulator.faults.dropConnection('unread', { method })
      const { results, reported } = await power(name, action, { waitSeconds: 1 })
      expect(reported).toEqual([])
      expect(results).toMatchObject([
        {
          virtualMachine: { name },
          error: { code: 'OUTCOME_UNKNOWN', retryable: false, remedy: expect.any(String) },
        },
      ])
      expect(results[0]?.error?.message).toMatch(/ is (POWERED_ON|POWERED_OFF)/)
      expect(simulator.calls.some((call) => call.method === method)).toBe(false)
      expect(audit).toMatchObject([{ outcome: 'unknown', code: 'OUTCOME_UNKNOWN' }])
    },
  )

  it('of REBOOT_GUEST is OUTCOME_UNKNOWN although it was executed', async () => {
    const { power, simulator, sent } = powerGateway()
    simulator.faults.dropConnection('unanswered', { method: 'RebootGuest' })
    const { results } = await power('web-01', 'REBOOT_GUEST')
    expect(results).toMatchObject([{ error: { code: 'OUTCOME_UNKNOWN' } }])
    expect(sent()).toEqual(['RebootGuest'])
  })

  it('does not hold up the other machines of a batch', async () => {
    const { power, simulator } = powerGateway()
    simulator.faults.dropConnection('unread', { method: 'PowerOffVM_Task' })
    const { results } = await power(['web-01', 'web-02', 'db-01'], 'POWER_OFF')
    expect(results.map(({ error }) => error?.code).sort()).toEqual(['OUTCOME_UNKNOWN', undefined, undefined])
  })
})

describe('a fault', () => {
  it.each(['POWER_OFF', 'SHUTDOWN_GUEST', 'RESET', 'SUSPEND', 'REBOOT_GUEST'])(
    'NoPermission of %s is FORBIDDEN for that machine',
    async (action) => {
      const { power, simulator } = powerGateway()
      const method = cases.find(([name]) => name === action)?.[2] ?? 'RebootGuest'
      simulator.faults.fault(
        { _typeName: 'NoPermission', privilegeId: 'VirtualMachine.Interact.PowerOff' },
        { method: method as MethodName },
      )
      const { results, reported } = await power(['web-01', 'web-02'], action)
      expect(reported).toEqual([])
      expect(results.map(({ error }) => error?.code).sort()).toEqual(['FORBIDDEN', undefined])
    },
  )

  it('of the host leaves the outcome of the task open', async () => {
    const { power, simulator, audit } = powerGateway()
    simulator.faults.taskFault('PowerOffVM_Task', 'HostNotConnected')
    const { results } = await power('web-01', 'POWER_OFF')
    expect(results).toMatchObject([
      {
        virtualMachine: { powerState: 'POWERED_ON' },
        error: { fault: 'HostNotConnected', retryable: false },
      },
    ])
    expect(audit).toMatchObject([{ outcome: 'unknown' }])
  })

  it('QuestionPending has the text of the question', async () => {
    const { power } = powerGateway()
    const { results } = await power('wiki-01', 'POWER_OFF')
    expect(results).toMatchObject([
      {
        error: {
          code: 'CONFLICT',
          fault: 'QuestionPending',
          message: expect.stringContaining('There is no more space'),
        },
      },
    ])
  })

  it('of the read before fails every machine, and nothing is sent', async () => {
    const { power, simulator, machine, sent } = powerGateway()
    await power('mail-01', 'POWER_OFF')
    const moids = ['web-01', 'web-02'].map((name) => ({ moid: machine(name).ref.value }))
    simulator.faults.unavailable({ times: 20 })
    const { results } = await power(moids, 'POWER_OFF')
    expect(results.map(({ error }) => error?.code)).toEqual(['VCENTER_UNAVAILABLE', 'VCENTER_UNAVAILABLE'])
    expect(sent()).toEqual([])
  })

  it('of a property fails the machine that it belongs to', async () => {
    const { power, simulator, machine } = powerGateway()
    simulator.faults.deny(machine('web-01').ref, 'runtime')
    const { results } = await power(['web-01', 'web-02'], 'POWER_OFF')
    expect(results.map(({ error }) => error?.code)).toEqual(['FORBIDDEN', undefined])
  })

  it('ends a session, and the call is sent once with a new login', async () => {
    const { power, simulator, sent } = powerGateway()
    await power('mail-01', 'POWER_OFF')
    simulator.faults.expireSessions()
    const { results } = await power('web-01', 'POWER_OFF')
    expect(results).toMatchObject([{ error: null }])
    expect(sent()).toEqual(['PowerOffVM_Task'])
  })
})

describe('the audit', () => {
  /** The audit after the tasks that run. A power-on starts a second task when the first one has ended. */
  const afterTasks = (clock: ManualClock, audit: readonly LogFields[]) => {
    clock.advance(300)
    return audit
  }

  it('follows tasks that still run at the time of the response', async () => {
    const clock = createManualClock()
    const { power, simulator, audit } = powerGateway({ clock, tasks: { queuedMs: 0, durationMs: 300 } })
    await power('web-01', 'POWER_OFF', { waitSeconds: 0 })
    await power('mail-01', 'POWER_ON', { waitSeconds: 0 })
    expect(audit).toEqual([])
    await expect.poll(() => afterTasks(clock, audit)).toHaveLength(2)
    const lineOf = (name: string) =>
      audit.find(({ virtualMachine }) => (virtualMachine as { name: string }).name === name)
    expect(lineOf('web-01')).toMatchObject({
      outcome: 'success',
      virtualMachines: [{ name: 'web-01', outcome: 'success' }],
    })
    expect(lineOf('mail-01')).toMatchObject({
      outcome: 'success',
      virtualMachines: [{ name: 'mail-01', outcome: 'success' }],
    })
    expect(simulator.live.tasks).toBe(0)
  })

  it('reports the failure of a task that still ran', async () => {
    const clock = createManualClock()
    const { power, simulator, audit } = powerGateway({ clock, tasks: { queuedMs: 0, durationMs: 300 } })
    simulator.faults.taskFault('PowerOnVM_Task', 'FileLocked')
    await power('mail-01', 'POWER_ON', { waitSeconds: 0 })
    expect(audit).toEqual([])
    await expect
      .poll(() => afterTasks(clock, audit))
      .toMatchObject([{ outcome: 'failed', code: 'VSPHERE_FAULT' }])
  })

  it('is running for a guest that has not shut down in time', async () => {
    const { power, machine, audit } = powerGateway()
    machine('web-01').guestHangs = true
    await power('web-01', 'SHUTDOWN_GUEST', { waitSeconds: 1 })
    await expect.poll(() => audit).toMatchObject([{ outcome: 'running' }])
  })

  it.each([
    ['POWER_OFF', 'PowerOffVM_Task'],
    ['SHUTDOWN_GUEST', 'ShutdownGuest'],
  ] as const)('of %s has the outcome although the client has disconnected', async (action, method) => {
    const { gateway, simulator, stateOf, audit } = powerGateway()
    const url = await gateway.listen()
    const hold = simulator.faults.pause({ method })
    const client = new AbortController()
    const query = `mutation { changePower(input: { virtualMachines: { name: "web-01" }, action: ${action} }) { results { error { code } } } }`
    const response = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: client.signal,
    })
    await hold.waitFor()
    client.abort()
    await expect(response).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => gateway.operations).toMatchObject([{ outcome: 'aborted' }])
    hold.release()
    await expect.poll(() => audit).toMatchObject([{ outcome: 'success' }])
    expect(stateOf('web-01')).toBe('poweredOff')
  })

  it('is canceled when the client disconnects before anything is sent', async () => {
    const { gateway, simulator, sent, audit } = powerGateway()
    const url = await gateway.listen()
    const hold = simulator.faults.pause({ method: 'RetrievePropertiesEx' })
    const client = new AbortController()
    const query =
      'mutation { changePower(input: { virtualMachines: { name: "web-01" }, action: RESET }) { results { error { code } } } }'
    const response = fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: client.signal,
    })
    await hold.waitFor()
    client.abort()
    await expect(response).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => gateway.operations).toMatchObject([{ outcome: 'aborted' }])
    hold.release()
    await expect.poll(() => audit).toMatchObject([{ outcome: 'canceled', calls: [] }])
    expect(sent()).toEqual([])
  })
})

it('reports what was sent when the operation exceeds its time limit', async () => {
  const waits = controlLongWaits()
  const { power, audit, machine, simulator } = powerGateway({ limits: { timeoutMs: 30_000 } })
  machine('web-01').guestHangs = true
  await power('mail-01', 'SHUTDOWN_GUEST')
  const result = power('web-01', 'SHUTDOWN_GUEST', { waitSeconds: 60 })
  await expect.poll(() => simulator.live.waits).toBe(1)
  waits.advance(30_000)
  const { reported } = await result
  // The watch continues in the background until the end of the wait.
  waits.advance(30_000)
  expect(reported).toMatchObject([
    {
      path: 'changePower',
      code: 'OUTCOME_UNKNOWN',
      message: expect.stringContaining('SHUTDOWN_GUEST was sent to "web-01" (vm-'),
      retryable: false,
    },
  ])
  await expect.poll(() => audit).toMatchObject([{ outcome: 'success' }, { outcome: 'running' }])
})

it.each([
  ['POWER_OFF', 'web-01', 'PowerOffVM_Task'],
  ['POWER_ON', 'mail-01', 'PowerOnMultiVM_Task'],
  ['SHUTDOWN_GUEST', 'web-01', 'ShutdownGuest'],
] as const)(
  'reports that %s was sent when the limit is exceeded before its response is lost',
  async (action, name, method) => {
    const waits = controlLongWaits()
    const { power, simulator, machine } = powerGateway({ limits: { timeoutMs: 30_000 } })
    machine('web-01').guestHangs = true
    const hold = simulator.faults.pause({ method })
    simulator.faults.dropConnection('unanswered', { method })
    const result = power(name, action, { waitSeconds: 60 })
    await hold.waitFor()
    waits.advance(30_000)
    hold.release()
    const { reported } = await result
    expect(reported).toMatchObject([
      {
        path: 'changePower',
        code: 'OUTCOME_UNKNOWN',
        message: expect.stringContaining(`${action} was sent to "${name}" (${machine(name).ref.value})`),
      },
    ])
  },
)

it.each([
  ['POWER_OFF', 'web-01', 'PowerOffVM_Task'],
  ['POWER_ON', 'mail-01', 'PowerOnMultiVM_Task'],
  ['SHUTDOWN_GUEST', 'web-01', 'ShutdownGuest'],
  ['REBOOT_GUEST', 'web-01', 'RebootGuest'],
] as const)(
  'does not wait beyond the time limit of the operation when the response of %s is lost',
  async (action, name, method) => {
    const waits = controlLongWaits()
    const { power, simulator, machine } = powerGateway({ limits: { timeoutMs: 30_000 } })
    machine('web-01').guestHangs = true
    simulator.tasks.durationMs = 600_000
    simulator.faults.dropConnection('unanswered', { method })
    const result = power(name, action, { waitSeconds: 600 })
    // Nothing can be waited for after a reboot.
    if (action !== 'REBOOT_GUEST') {
      await expect.poll(() => simulator.live.waits).toBe(1)
      waits.advance(30_000)
    }
    const { reported } = await result
    expect(reported[0]?.code ?? 'none').toMatch(/^(OUTCOME_UNKNOWN|none)$/)
  },
)

it('names every machine that a call may have changed when the limit is exceeded', async () => {
  const waits = controlLongWaits()
  const { power, simulator, machine } = powerGateway({ limits: { timeoutMs: 30_000 } })
  const names = ['web-01', 'web-02']
  for (const name of names) machine(name).guestHangs = true
  const hold = simulator.faults.pause({ method: 'ShutdownGuest' })
  simulator.faults.dropConnection('unread', { method: 'ShutdownGuest' })
  const result = power(names, 'SHUTDOWN_GUEST', { waitSeconds: 60 })
  await hold.waitFor()
  hold.release()
  // The effect of the lost call is waited for.
  await expect.poll(() => simulator.live.waits).toBe(1)
  waits.advance(30_000)
  const { reported } = await result
  for (const name of names) expect(reported[0]?.message).toContain(machine(name).ref.value)
})
