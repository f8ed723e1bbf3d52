// Tests setCustomAttribute: which attribute a name selects, the value after it, what it rejects, and what becomes of a lost response.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type CustomFieldDef,
  customFieldsManager,
  customValueOf,
  setDefinitions,
} from '../../../src/simulator/custom-fields/custom-fields.ts'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { countOf, mutate } from './mutate.ts'

const field = 'setCustomAttribute'
const selection = 'entity { __typename name customAttributes { key name value } }'

let gateway: TestGateway
beforeEach(() => {
  gateway = startGateway()
})
afterEach(() => gateway.close())

const define = (...definitions: Omit<CustomFieldDef, 'type'>[]) =>
  setDefinitions(
    gateway.simulator.objects,
    definitions.map((each) => ({ ...each, type: 'string' })),
  )

const ids = async () => {
  const { data } = await gateway.execute(
    '{ virtualMachine(by: { name: "web-01" }) { id moid host { id moid } cluster { id moid } disks { id } } }',
  )
  const { id, moid, host, cluster, disks } = data.virtualMachine
  return { vm: id as string, moid: moid as string, host, cluster, disk: disks[0].id as string }
}

const storedValue = (ref: ManagedObjectReference, key: number) =>
  customValueOf(gateway.simulator.objects, ref).find((each) => each.key === key)?.value

const machine = () => gateway.simulator.inventory.machine('web-01').ref

describe('setCustomAttribute', () => {
  it('sets the value, and returns the object after it', async () => {
    const { vm, moid } = await ids()
    const input = { entity: vm, name: 'Last Backup', value: '2026-11-29 22:00 ✓' }
    const { payload, reported } = await mutate(gateway, field, input, selection)
    expect(reported).toEqual([])
    expect(payload.entity).toMatchObject({ __typename: 'VirtualMachine', name: 'web-01' })
    expect(payload.entity.customAttributes).toContainEqual({
      key: 101,
      name: 'Last Backup',
      value: '2026-11-29 22:00 ✓',
    })
    expect(storedValue(machine(), 101)).toBe('2026-11-29 22:00 ✓')
    expect(gateway.audit).toMatchObject([
      {
        mutation: field,
        outcome: 'success',
        virtualMachine: { moid, name: 'web-01' },
        calls: [{ method: 'SetField', object: moid }],
      },
    ])
  })

  it('sets the value of a host, and names the host in the audit log', async () => {
    const { host } = await ids()
    const input = { entity: host.id, name: 'Owner', value: 'Ops' }
    const { payload, reported } = await mutate(gateway, field, input, selection)
    expect(reported).toEqual([])
    expect(payload.entity.customAttributes).toEqual([{ key: 102, name: 'Owner', value: 'Ops' }])
    expect(gateway.audit).toMatchObject([{ calls: [{ method: 'SetField', object: host.moid }] }])
  })

  it('removes the value when it is empty', async () => {
    const { vm } = await ids()
    const { payload } = await mutate(gateway, field, { entity: vm, name: 'Owner', value: '' }, selection)
    const names = payload.entity.customAttributes.map(({ name }: { name: string }) => name)
    expect(names).not.toContain('Owner')
    const { data } = await gateway.execute(
      '{ virtualMachines(filter: { name: { eq: "web-01" }, customAttributes: { none: { name: { eq: "Owner" } } } }) { totalCount } }',
    )
    expect(data.virtualMachines.totalCount).toBe(1)
  })

  it('prefers the attribute of the object’s type to the one for all types', async () => {
    define(
      { key: 1, name: 'Owner' },
      { key: 2, name: 'Owner', managedObjectType: 'HostSystem' },
      { key: 3, name: 'Owner', managedObjectType: 'VirtualMachine' },
      { key: 4, name: 'Owner', managedObjectType: 'ComputeResource' },
      { key: 5, name: 'Owner', managedObjectType: 'ClusterComputeResource' },
    )
    const { vm, host, cluster } = await ids()
    for (const entity of [vm, host.id, cluster.id])
      await mutate(gateway, field, { entity, name: 'Owner', value: 'x' }, selection)
    const sent = gateway.simulator.calls.filter(({ method }) => method === 'SetField')
    expect(sent.map(({ args }) => args.key)).toEqual([3, 2, 5])
  })

  it('uses the attribute for all types when there is none of the object’s type', async () => {
    define({ key: 1, name: 'Owner', managedObjectType: 'HostSystem' }, { key: 2, name: 'Owner' })
    const { vm } = await ids()
    const { reported } = await mutate(gateway, field, { entity: vm, name: 'Owner', value: 'x' }, selection)
    expect(reported).toEqual([])
    expect(storedValue(machine(), 2)).toBe('x')
  })

  it('is NOT_FOUND with the existing names when there is no such attribute, and sends nothing', async () => {
    define(
      { key: 1, name: 'Owner' },
      { key: 2, name: 'Last Backup', managedObjectType: 'VirtualMachine' },
      { key: 3, name: 'Rack', managedObjectType: 'HostSystem' },
    )
    const { vm } = await ids()
    for (const name of ['owner', 'Rack', '']) {
      const { payload, reported } = await mutate(gateway, field, { entity: vm, name, value: 'x' }, selection)
      expect(payload).toBeNull()
      expect(reported).toMatchObject([
        { path: field, code: 'NOT_FOUND', remedy: expect.stringContaining('"Last Backup", "Owner",') },
      ])
    }
    expect(countOf(gateway, 'SetField')).toBe(0)
    expect(gateway.audit.at(-1)).toMatchObject({ outcome: 'failed', code: 'NOT_FOUND', calls: [] })
  })

  it('is NOT_FOUND when the object no longer exists', async () => {
    const { vm } = await ids()
    gateway.simulator.inventory.destroy('web-01')
    const { reported } = await mutate(gateway, field, { entity: vm, name: 'Owner', value: 'x' }, selection)
    expect(reported).toMatchObject([{ code: 'NOT_FOUND', remedy: expect.any(String) }])
    expect(countOf(gateway, 'SetField')).toBe(0)
  })

  it('is BAD_USER_INPUT with the id of something else, and with a value that XML cannot represent', async () => {
    const { vm, disk } = await ids()
    for (const input of [
      { entity: disk, name: 'Owner', value: 'x' },
      { entity: 'vm-62', name: 'Owner', value: 'x' },
      { entity: vm, name: 'Owner', value: 'bell\u0007' },
    ]) {
      const { reported } = await mutate(gateway, field, input, selection)
      expect(reported).toMatchObject([{ code: 'BAD_USER_INPUT' }])
    }
    expect(countOf(gateway, 'SetField')).toBe(0)
  })

  it('is NOT_SUPPORTED on a server without custom attributes', async () => {
    const { objects } = gateway.simulator
    const instance = objects.find({ type: 'ServiceInstance', value: 'ServiceInstance' }) as SimulatedObject
    const { customFieldsManager: _, ...content } = instance.get('content') as Record<string, unknown>
    instance.set('content', content)
    const { vm } = await ids()
    const { reported } = await mutate(gateway, field, { entity: vm, name: 'Owner', value: 'x' }, selection)
    expect(reported).toMatchObject([{ code: 'NOT_SUPPORTED', retryable: false, remedy: expect.any(String) }])
    expect(countOf(gateway, 'SetField')).toBe(0)
  })

  it('is FORBIDDEN with the privilege when it is missing, or when the definitions may not be read', async () => {
    const { vm, moid } = await ids()
    const input = { entity: vm, name: 'Owner', value: 'x' }
    const { data } = await gateway.execute('{ __type(name: "Mutation") { fields { name description } } }')
    const described = data.__type.fields.find(({ name }: { name: string }) => name === field)
    expect(described.description).toContain('Global.SetCustomField')
    gateway.simulator.faults.fault(
      { _typeName: 'NoPermission', privilegeId: 'Global.SetCustomField', object: machine() },
      { method: 'SetField' },
    )
    const { reported } = await mutate(gateway, field, input, selection)
    expect(reported).toMatchObject([
      { code: 'FORBIDDEN', privilege: 'Global.SetCustomField', object: `VirtualMachine ${moid}` },
    ])
    gateway.simulator.faults.deny(customFieldsManager, 'field', 'System.View')
    const unreadable = await mutate(gateway, field, input, selection)
    expect(unreadable.reported).toMatchObject([{ code: 'FORBIDDEN', privilege: 'System.View' }])
    expect(countOf(gateway, 'SetField')).toBe(1)
  })

  it('is a success when its response is lost and the value is there, and sends nothing again', async () => {
    const { vm } = await ids()
    gateway.simulator.faults.dropConnection('unanswered', { method: 'SetField' })
    const input = { entity: vm, name: 'Owner', value: 'someone' }
    const { payload, reported } = await mutate(gateway, field, input, selection)
    expect(reported).toEqual([])
    expect(payload.entity.customAttributes).toContainEqual({ key: 102, name: 'Owner', value: 'someone' })
    expect(countOf(gateway, 'SetField')).toBe(1)
    expect(gateway.audit).toMatchObject([{ outcome: 'success' }])
  })

  it('is OUTCOME_UNKNOWN with the present value when its response is lost and the value is not there', async () => {
    const { vm, moid } = await ids()
    gateway.simulator.faults.fault('SystemError', { method: 'SetField' })
    const before = storedValue(machine(), 102)
    const input = { entity: vm, name: 'Owner', value: 'someone' }
    const { payload, reported } = await mutate(gateway, field, input, selection)
    expect(payload).toBeNull()
    expect(reported).toMatchObject([
      {
        code: 'OUTCOME_UNKNOWN',
        retryable: false,
        message: expect.stringContaining(`the custom attribute "Owner" of ${moid} is "${before}"`),
        remedy: expect.stringContaining(moid),
      },
    ])
    expect(countOf(gateway, 'SetField')).toBe(1)
  })

  it('shows its value to a query of the same operation', async () => {
    const { vm } = await ids()
    const { data, errors } = await gateway.execute(
      `mutation ($a: SetCustomAttributeInput!, $b: SetCustomAttributeInput!) {
        a: setCustomAttribute(input: $a) { entity { customAttributes { value } } }
        b: setCustomAttribute(input: $b) { entity { customAttributes { value } } }
      }`,
      {
        a: { entity: vm, name: 'Owner', value: 'first' },
        b: { entity: vm, name: 'Owner', value: 'second' },
      },
    )
    expect(errors).toBeUndefined()
    expect(data.a.entity.customAttributes).toContainEqual({ value: 'first' })
    expect(data.b.entity.customAttributes).toContainEqual({ value: 'second' })
  })
})
