// Tests acknowledgeAlarm: the alarm after it, what it rejects, and what becomes of a lost response.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmState } from '../../../src/simulator/alarms/alarm-store.ts'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, mutate } from './mutate.ts'

const field = 'acknowledgeAlarm'
const selection = 'alarm { id name status acknowledged acknowledgedBy acknowledgedAt entity { name } }'

let gateway: TestGateway
let state: AlarmState
beforeEach(() => {
  gateway = startGateway()
  state = gateway.simulator.alarms.trigger('Virtual machine memory usage', machine())
})
afterEach(() => gateway.close())

const machine = () => gateway.simulator.inventory.machine('web-01').ref

const idOf = async (name = 'web-01') => {
  const { data } = await gateway.execute(
    'query ($name: String!) { virtualMachine(by: { name: $name }) { id triggeredAlarms { id } } }',
    { name },
  )
  return { vm: data.virtualMachine.id as string, alarm: data.virtualMachine.triggeredAlarms[0].id as string }
}

const present = () => gateway.simulator.alarms.find(state.alarm, state.entity)

describe('acknowledgeAlarm', () => {
  it('acknowledges the alarm, and returns it after the change', async () => {
    const { alarm } = await idOf()
    const { payload, reported } = await mutate(gateway, field, { alarm }, selection)
    expect(reported).toEqual([])
    expect(payload.alarm).toMatchObject({
      id: alarm,
      name: 'Virtual machine memory usage',
      status: 'RED',
      acknowledged: true,
      acknowledgedBy: 'user',
      acknowledgedAt: expect.stringMatching(/^\d{4}-/),
      entity: { name: 'web-01' },
    })
    const [call] = gateway.simulator.calls.filter(({ method }) => method === 'AcknowledgeAlarm')
    expect(call?.args).toMatchObject({ alarm: state.alarm, entity: state.entity })
    expect(gateway.audit).toMatchObject([
      {
        mutation: field,
        outcome: 'success',
        virtualMachine: { moid: machine().value, name: 'web-01' },
        alarm: { moid: state.alarm.value, name: 'Virtual machine memory usage' },
        calls: [{ method: 'AcknowledgeAlarm', object: machine().value }],
      },
    ])
  })

  it('sends nothing when the alarm is acknowledged already, and keeps the user who did it', async () => {
    gateway.simulator.alarms.acknowledge(state.alarm, state.entity, 'CORP\\bob')
    const { alarm } = await idOf()
    const { payload, reported } = await mutate(gateway, field, { alarm }, selection)
    expect(reported).toEqual([])
    expect(payload.alarm).toMatchObject({ acknowledged: true, acknowledgedBy: 'CORP\\bob' })
    expect(countOf(gateway, 'AcknowledgeAlarm')).toBe(0)
    expect(gateway.audit).toMatchObject([{ outcome: 'success', calls: [] }])
  })

  it('records an object that is no virtual machine with its type', async () => {
    const { data } = await gateway.execute(
      '{ triggeredAlarms(filter: { acknowledged: { eq: false } }) { nodes { id name entity { __typename moid name } } } }',
    )
    const { id, name, entity } = data.triggeredAlarms.nodes.find(
      (each: { entity: { __typename: string } }) => each.entity.__typename === 'Datastore',
    )
    await mutate(gateway, field, { alarm: id }, selection)
    const [{ virtualMachine, ...entry } = { virtualMachine: undefined }] = gateway.audit
    expect(virtualMachine).toBeUndefined()
    expect(entry).toMatchObject({
      object: { type: 'Datastore', moid: entity.moid, name: entity.name },
      alarm: { moid: expect.stringMatching(/^alarm-/), name },
    })
  })

  it('is NOT_FOUND when the alarm is no longer triggered, or its object no longer exists, and sends nothing', async () => {
    const { alarm } = await idOf()
    gateway.simulator.alarms.recover(state)
    const recovered = await mutate(gateway, field, { alarm }, selection)
    gateway.simulator.inventory.destroy('web-01')
    const removed = await mutate(gateway, field, { alarm }, selection)
    for (const { payload, reported } of [recovered, removed]) {
      expect(payload).toBeNull()
      expect(reported).toMatchObject([{ path: field, code: 'NOT_FOUND', remedy: expect.any(String) }])
    }
    expect(countOf(gateway, 'AcknowledgeAlarm')).toBe(0)
  })

  it('is NOT_FOUND when the alarm recovers before the call arrives', async () => {
    const { alarm } = await idOf()
    gateway.simulator.faults.fault(
      { _typeName: 'InvalidArgument', invalidProperty: 'alarm' },
      { method: 'AcknowledgeAlarm' },
    )
    const { reported } = await mutate(gateway, field, { alarm }, selection)
    expect(reported).toMatchObject([{ code: 'NOT_FOUND', fault: 'InvalidArgument', retryable: false }])
    expect(gateway.audit).toMatchObject([{ outcome: 'failed', code: 'NOT_FOUND' }])
  })

  it('returns null without an error when the alarm recovers right after the change', async () => {
    const { alarm } = await idOf()
    const { alarms } = gateway.simulator
    const acknowledge = alarms.acknowledge.bind(alarms)
    alarms.acknowledge = (...args) => {
      const done = acknowledge(...args)
      alarms.recover(state)
      return done
    }
    const { payload, reported } = await mutate(gateway, field, { alarm }, selection)
    expect([payload, reported]).toEqual([{ alarm: null }, []])
  })

  it('is BAD_USER_INPUT with the id of something else', async () => {
    const { vm } = await idOf()
    for (const alarm of [vm, 'alarm-1', 'x']) {
      const { reported } = await mutate(gateway, field, { alarm }, selection)
      expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    }
    expect(countOf(gateway, 'AcknowledgeAlarm')).toBe(0)
  })

  it('is NOT_SUPPORTED on a server without alarms', async () => {
    const { alarm } = await idOf()
    const { objects } = gateway.simulator
    const instance = objects.find({ type: 'ServiceInstance', value: 'ServiceInstance' }) as SimulatedObject
    const { alarmManager: _, ...content } = instance.get('content') as Record<string, unknown>
    instance.set('content', content)
    gateway.simulator.faults.expireSessions()
    await gateway.execute('{ virtualMachine(by: { name: "web-01" }) { name } }')
    const { reported } = await mutate(gateway, field, { alarm }, selection)
    expect(reported).toMatchObject([{ code: 'NOT_SUPPORTED', retryable: false, remedy: expect.any(String) }])
    expect(countOf(gateway, 'AcknowledgeAlarm')).toBe(0)
  })

  it('is FORBIDDEN with the privilege when it is missing', async () => {
    const { alarm } = await idOf()
    const { data } = await gateway.execute('{ __type(name: "Mutation") { fields { name description } } }')
    const described = data.__type.fields.find(({ name }: { name: string }) => name === field)
    expect(described.description).toContain('Alarm.Acknowledge')
    gateway.simulator.faults.fault(
      { _typeName: 'NoPermission', privilegeId: 'Alarm.Acknowledge', object: machine() },
      { method: 'AcknowledgeAlarm' },
    )
    const { reported } = await mutate(gateway, field, { alarm }, selection)
    expect(reported).toMatchObject([
      { code: 'FORBIDDEN', privilege: 'Alarm.Acknowledge', object: `VirtualMachine ${machine().value}` },
    ])
    expect(present()?.acknowledged).toBe(false)
  })

  it('names the root folder, where the alarm is defined, when the fault names no privilege', async () => {
    const user = { username: 'below', password: 'pass' }
    const grants = [{ role: 'ReadOnly' as const }, { role: 'Admin' as const, on: '/Frankfurt' }]
    await gateway.close()
    gateway = startGateway({ users: [{ ...user, grants }], gatewayUser: user.username })
    state = gateway.simulator.alarms.trigger('Virtual machine memory usage', machine())
    gateway.simulator.faults.fault('NoPermission', { method: 'AcknowledgeAlarm' })
    const { alarm } = await idOf()
    const { reported } = await mutate(gateway, field, { alarm }, selection)
    expect(reported).toMatchObject([
      {
        code: 'FORBIDDEN',
        privilege: 'Alarm.Acknowledge',
        object: expect.stringMatching(/^Folder /),
        remedy: expect.stringContaining('on the root folder'),
      },
    ])
  })

  it('is a success when its response is lost and the alarm is acknowledged, and sends nothing again', async () => {
    const { alarm } = await idOf()
    gateway.simulator.faults.dropConnection('unanswered', { method: 'AcknowledgeAlarm' })
    const { payload, reported } = await mutate(gateway, field, { alarm }, selection)
    expect(reported).toEqual([])
    expect(payload.alarm).toMatchObject({ acknowledged: true, acknowledgedBy: 'user' })
    expect(countOf(gateway, 'AcknowledgeAlarm')).toBe(1)
    expect(gateway.audit).toMatchObject([{ outcome: 'success' }])
  })

  it('is OUTCOME_UNKNOWN with the present state when its response is lost and the alarm is not acknowledged', async () => {
    const { alarm } = await idOf()
    gateway.simulator.faults.fault('SystemError', { method: 'AcknowledgeAlarm' })
    const { payload, reported } = await mutate(gateway, field, { alarm }, selection)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        message: expect.stringContaining(`the alarm ${state.key} of ${machine().value} is not acknowledged`),
      },
    ])
    expect(countOf(gateway, 'AcknowledgeAlarm')).toBe(1)
    expect(gateway.audit).toMatchObject([{ outcome: 'unknown', code: 'OUTCOME_UNKNOWN' }])
  })

  it('is OUTCOME_UNKNOWN when its response is lost and the alarm is no longer triggered', async () => {
    const { alarm } = await idOf()
    const { alarms, faults } = gateway.simulator
    const acknowledge = alarms.acknowledge.bind(alarms)
    alarms.acknowledge = (...args) => {
      const done = acknowledge(...args)
      alarms.recover(state)
      return done
    }
    faults.dropConnection('unanswered', { method: 'AcknowledgeAlarm' })
    const { reported } = await mutate(gateway, field, { alarm }, selection)
    expect(reported).toMatchObject([
      { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('is no longer triggered') },
    ])
  })
})
