// Power methods of the simulator: states, faults, guests that take their time, questions, and the placement of several machines.

import { describe, expect, it } from 'vitest'
import { eventLogOf } from '../../src/simulator/history/event-log.ts'
import type { MethodName } from '../../src/soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { faultOf, startLoggedIn } from './start.ts'

async function startPower() {
  const started = await startLoggedIn({ tasks: { queuedMs: 0, durationMs: 1000 } })
  const { connection, simulator, clock } = started
  const refOf = (name: string) => simulator.inventory.vm(name).ref
  const send = (name: string, method: MethodName) =>
    connection.call(method, refOf(name), {} as never) as Promise<ManagedObjectReference>
  const infoOf = (task: ManagedObjectReference) =>
    connection.call('Fetch', task, { prop: 'info' }) as Promise<DataObject<'TaskInfo'>>
  const run = async (name: string, method: MethodName) => {
    const task = await send(name, method)
    clock.advance(1000)
    return infoOf(task)
  }
  const stateOf = (name: string) => simulator.inventory.machine(name).powerState
  const read = <T>(name: string, prop: string) =>
    connection.call('Fetch', refOf(name), { prop }) as Promise<T>
  const powerOnMulti = async (names: readonly string[], option: DataObject<'OptionValue'>[] = []) => {
    const [datacenter] = [...simulator.objects.ofType('Datacenter')]
    const vm = names.map(refOf)
    return connection.call('PowerOnMultiVM_Task', datacenter?.ref as ManagedObjectReference, { vm, option })
  }
  return { ...started, refOf, send, infoOf, run, stateOf, read, powerOnMulti }
}

describe('a power task', () => {
  it.each([
    ['PowerOffVM_Task', 'poweredOff'],
    ['SuspendVM_Task', 'suspended'],
    ['ResetVM_Task', 'poweredOn'],
  ] as const)('%s leaves a running machine %s', async (method, state) => {
    const { run, stateOf } = await startPower()
    expect(await run('web-01', method)).toMatchObject({ name: method, state: 'success' })
    expect(stateOf('web-01')).toBe(state)
  })

  it.each([
    ['PowerOnVM_Task', 'web-01', 'poweredOn', 'poweredOn'],
    ['PowerOffVM_Task', 'mail-01', 'poweredOff', 'poweredOff'],
    ['SuspendVM_Task', 'mail-01', 'suspended', 'poweredOff'],
    ['ResetVM_Task', 'mail-01', 'poweredOn', 'poweredOff'],
    ['ResetVM_Task', 'desktop-01', 'poweredOn', 'suspended'],
  ] as const)('%s of %s ends with InvalidPowerState', async (method, name, requestedState, existingState) => {
    const { run } = await startPower()
    const { error } = await run(name, method)
    expect(error?.fault).toMatchObject({ _typeName: 'InvalidPowerState', requestedState, existingState })
  })

  it('is rejected for a template, and while another task runs on the machine', async () => {
    const { send } = await startPower()
    expect(await faultOf(send('ubuntu-24.04', 'PowerOnVM_Task'))).toMatchObject({ _typeName: 'InvalidState' })
    const task = await send('web-01', 'SuspendVM_Task')
    for (const method of ['PowerOffVM_Task', 'ResetVM_Task', 'ShutdownGuest'] as const)
      expect(await faultOf(send('web-01', method))).toMatchObject({ _typeName: 'TaskInProgress', task })
  })

  it('keeps disabledMethod in step with the state', async () => {
    const { run, read } = await startPower()
    const disabled = () => read<string[]>('web-01', 'disabledMethod')
    expect(await disabled()).toContain('PowerOnVM_Task')
    await run('web-01', 'PowerOffVM_Task')
    expect(await disabled()).toEqual(
      expect.arrayContaining(['PowerOffVM_Task', 'ShutdownGuest', 'ResetVM_Task']),
    )
    expect(await disabled()).not.toContain('PowerOnVM_Task')
  })

  it.each([
    ['a template', 'ubuntu-24.04', 'NotSupported', false],
    ['an inaccessible machine', 'legacy-01', 'InvalidState', true],
  ])('is in disabledMethod of %s, as are the methods of snapshots', async (_, name, fault, noChange) => {
    const { send, read, connection, refOf } = await startPower()
    const disabled = await read<string[]>(name, 'disabledMethod')
    const methods = [
      'CreateSnapshot_Task',
      'RevertToCurrentSnapshot_Task',
      'RemoveAllSnapshots_Task',
    ] as const
    expect(disabled).toEqual(expect.arrayContaining([...methods, 'PowerOnVM_Task', 'PowerOffVM_Task']))
    expect(disabled.includes('ReconfigVM_Task')).toBe(noChange)
    expect(new Set(disabled).size).toBe(disabled.length)
    const args = { name: 'x', memory: false, quiesce: false }
    expect(await faultOf(connection.call('CreateSnapshot_Task', refOf(name), args))).toMatchObject({
      _typeName: fault,
    })
    for (const method of [methods[1], methods[2]])
      expect(await faultOf(send(name, method))).toMatchObject({ _typeName: fault })
  })
})

describe('a guest', () => {
  it('takes its time to shut down', async () => {
    const { send, clock, stateOf } = await startPower()
    await send('web-01', 'ShutdownGuest')
    await send('web-01', 'ShutdownGuest')
    clock.advance(3_999)
    expect(stateOf('web-01')).toBe('poweredOn')
    clock.advance(1)
    expect(stateOf('web-01')).toBe('poweredOff')
  })

  it('is not shut down later if it was powered off and on meanwhile', async () => {
    const { send, run, clock, stateOf } = await startPower()
    await send('web-01', 'ShutdownGuest')
    await run('web-01', 'PowerOffVM_Task')
    await run('web-01', 'PowerOnVM_Task')
    clock.advance(10_000)
    expect(stateOf('web-01')).toBe('poweredOn')
  })

  it('restarts without a change of the power state, and VMware Tools stops meanwhile', async () => {
    const { send, clock, read, stateOf } = await startPower()
    await send('web-01', 'RebootGuest')
    const tools = async () => (await read<DataObject<'GuestInfo'>>('web-01', 'guest')).toolsRunningStatus
    expect(await tools()).toBe('guestToolsRunning')
    clock.advance(4_000)
    expect([await tools(), stateOf('web-01')]).toEqual(['guestToolsNotRunning', 'poweredOn'])
    clock.advance(4_000)
    expect(await tools()).toBe('guestToolsRunning')
  })

  it('is suspended by standby', async () => {
    const { send, clock, stateOf } = await startPower()
    await send('web-01', 'StandbyGuest')
    clock.advance(4_000)
    expect(stateOf('web-01')).toBe('suspended')
  })

  it('can hang', async () => {
    const { simulator, send, clock, stateOf } = await startPower()
    simulator.inventory.machine('web-01').guestHangs = true
    simulator.inventory.settings.guestShutdownMs = Number.POSITIVE_INFINITY
    await send('web-01', 'ShutdownGuest')
    await send('web-02', 'ShutdownGuest')
    clock.advance(3_600_000)
    expect([stateOf('web-01'), stateOf('web-02')]).toEqual(['poweredOn', 'poweredOn'])
  })

  it('needs VMware Tools', async () => {
    const { send } = await startPower()
    expect(await faultOf(send('scada-nt4', 'RebootGuest'))).toMatchObject({ _typeName: 'ToolsUnavailable' })
    expect(await faultOf(send('mail-01', 'ShutdownGuest'))).toMatchObject({ _typeName: 'InvalidPowerState' })
  })
})

describe('a question', () => {
  it('blocks a machine until it is answered', async () => {
    const { connection, send, run, read, refOf } = await startPower()
    const { question } = await read<DataObject<'VirtualMachineRuntimeInfo'>>('wiki-01', 'runtime')
    expect(await faultOf(send('wiki-01', 'ShutdownGuest'))).toMatchObject({
      _typeName: 'QuestionPending',
      text: question?.text,
    })
    const answer = (questionId: string, answerChoice: string) =>
      connection.call('AnswerVM', refOf('wiki-01'), { questionId, answerChoice })
    expect(await faultOf(answer('1', '7'))).toMatchObject({ invalidProperty: 'answerChoice' })
    expect(await faultOf(answer('2', '0'))).toMatchObject({ invalidProperty: 'questionId' })
    expect(await read('wiki-01', 'disabledMethod')).not.toContain('AnswerVM')
    await answer('1', '0')
    expect(await read('wiki-01', 'disabledMethod')).toContain('AnswerVM')
    expect(await faultOf(answer('1', '0'))).toMatchObject({ _typeName: 'ConcurrentAccess' })
    expect(await run('wiki-01', 'PowerOffVM_Task')).toMatchObject({ state: 'success' })
  })

  it('does not prevent the termination of the machine', async () => {
    const { send, stateOf } = await startPower()
    await send('wiki-01', 'TerminateVM')
    expect(stateOf('wiki-01')).toBe('poweredOff')
  })
})

describe('PowerOnMultiVM_Task', () => {
  it('succeeds before the machines are on, with a task for each', async () => {
    const { powerOnMulti, clock, infoOf, refOf, stateOf } = await startPower()
    const task = await powerOnMulti(['mail-01', 'web-01'])
    clock.advance(1000)
    const { state, result } = await infoOf(task)
    expect(state).toBe('success')
    const { attempted = [], notAttempted } = result as DataObject<'ClusterPowerOnVmResult'>
    expect(attempted).toMatchObject([{ vm: refOf('mail-01'), task: { type: 'Task' } }])
    expect(notAttempted).toMatchObject([
      { vm: refOf('web-01'), fault: { fault: { _typeName: 'InvalidPowerState' } } },
    ])
    expect(stateOf('mail-01')).toBe('poweredOff')
    clock.advance(1000)
    expect(stateOf('mail-01')).toBe('poweredOn')
    expect(await infoOf(attempted[0]?.task as ManagedObjectReference)).toMatchObject({
      name: 'PowerOnVM_Task',
      state: 'success',
    })
  })

  it('does not attempt a machine that cannot be placed', async () => {
    const { simulator, powerOnMulti, clock, infoOf, refOf } = await startPower()
    const fault = { _typeName: 'InsufficientMemoryResourcesFault' }
    simulator.inventory.settings.placementFaults.set(refOf('mail-01').value, fault)
    const task = await powerOnMulti(['mail-01'])
    clock.advance(1000)
    const { result } = await infoOf(task)
    expect(result).toMatchObject({ notAttempted: [{ vm: refOf('mail-01'), fault: { fault } }] })
  })

  it('only recommends a host if DRS is manual, unless an option overrides that', async () => {
    const { simulator, powerOnMulti, clock, infoOf, refOf, stateOf } = await startPower()
    simulator.inventory.settings.manualPlacement = true
    const task = await powerOnMulti(['mail-01'])
    clock.advance(10_000)
    const { state, result } = await infoOf(task)
    expect(state).toBe('success')
    expect(result).not.toHaveProperty('attempted')
    expect(result).toMatchObject({ recommendations: [{ target: refOf('mail-01') }] })
    expect(stateOf('mail-01')).toBe('poweredOff')
    await powerOnMulti(['mail-01'], [{ key: 'OverrideAutomationLevel', value: 'fullyAutomated' }])
    clock.advance(10_000)
    expect(stateOf('mail-01')).toBe('poweredOn')
  })

  it('rejects machines of another datacenter', async () => {
    const { powerOnMulti } = await startPower()
    expect(await faultOf(powerOnMulti(['wiki-01']))).toMatchObject({ _typeName: 'InvalidArgument' })
  })
})

it('records the events of power operations with their user', async () => {
  const { simulator, send, run, clock } = await startPower()
  const before = eventLogOf(simulator.objects).events.length
  await run('web-01', 'ResetVM_Task')
  await run('web-01', 'PowerOffVM_Task')
  await run('web-01', 'PowerOffVM_Task')
  await run('web-01', 'PowerOnVM_Task')
  await send('web-01', 'ShutdownGuest')
  clock.advance(4_000)
  const events = eventLogOf(simulator.objects)
    .events.slice(before)
    .filter(({ event }) => event._typeName !== 'TaskEvent')
  expect(events.map(({ event }) => [event._typeName, event.userName])).toEqual([
    ['VmResettingEvent', 'user'],
    ['VmStoppingEvent', 'user'],
    ['VmPoweredOffEvent', 'user'],
    ['VmFailedToPowerOffEvent', 'user'],
    ['VmStartingEvent', 'user'],
    ['VmPoweredOnEvent', 'user'],
    ['VmGuestShutdownEvent', 'user'],
    ['VmStoppingEvent', ''],
    ['VmPoweredOffEvent', ''],
  ])
})
