// Tests the operands of conditions: a null is rejected with a remedy, as is a value that the field cannot have.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeManagedObjectId } from '../../../../src/schema/core/nodes/ids.ts'
import type { DataObject } from '../../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../../test-gateway.ts'
import { errorOf, filterError, namesOf } from './select.ts'

let gateway: TestGateway
let all: readonly string[]

beforeAll(async () => {
  gateway = startGateway()
  all = await namesOf(gateway, null)
})
afterAll(() => gateway.close())

const without = (...names: readonly string[]) => all.filter((name) => !names.includes(name))

describe('an operand', () => {
  it('is rejected with a remedy when it is null', async () => {
    const filters = [
      { name: { eq: null } },
      { name: { in: null } },
      { name: { glob: null } },
      { template: { isNull: null } },
      { powerState: { ne: null } },
      { id: { eq: null } },
      { disks: { some: { capacity: { gt: null } } } },
      { host: { cluster: { name: { eq: null } } } },
      { not: { or: [{ name: { startsWith: null } }] } },
    ]
    for (const filter of filters)
      expect(await filterError(gateway, filter)).toMatchObject({
        message: expect.stringContaining('is null'),
        extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringContaining('isNull: true') },
      })
  })

  it('is rejected when an element of its list is null', async () => {
    for (const filter of [{ name: { in: ['a', null] } }, { powerState: { notIn: [null] } }])
      expect(await filterError(gateway, filter)).toMatchObject({
        extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringContaining('isNull: true') },
      })
    const literal = '{ virtualMachines(filter: { cpuCount: { notIn: [2, null] } }) { totalCount } }'
    expect(await errorOf(gateway, literal)).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringContaining('isNull: true') },
    })
  })

  it('is rejected when it is not a value of the field', async () => {
    for (const filter of [
      { cpuCount: { eq: 'two' } },
      { bootTime: { gt: 'today' } },
      { powerState: { eq: 'ON' } },
    ])
      expect(await filterError(gateway, filter)).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
  })

  it('of an id names an object of the type and of a vCenter of the gateway', async () => {
    const { simulator } = gateway
    const { ref, host } = simulator.inventory.machine('web-01')
    const content = simulator.objects
      .find({ type: 'ServiceInstance', value: 'ServiceInstance' })!
      .get('content') as DataObject<'ServiceContent'>
    const identity = content.about.instanceUuid as string
    const id = encodeManagedObjectId(identity, ref)
    const hostId = encodeManagedObjectId(identity, host)
    expect(await namesOf(gateway, { id: { eq: id } })).toEqual(['web-01'])
    expect(await namesOf(gateway, { id: { in: [] } })).toEqual([])
    expect(await namesOf(gateway, { not: { id: { in: [id] } } })).toEqual(without('web-01'))
    expect(await namesOf(gateway, { host: { id: { eq: hostId } } })).toContain('web-01')
    expect(await filterError(gateway, { id: { eq: hostId } })).toMatchObject({
      message: 'the id belongs to a HostSystem, but must belong to a VirtualMachine',
      extensions: { code: 'BAD_USER_INPUT' },
    })
    expect(await filterError(gateway, { host: { id: { in: [hostId, id] } } })).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    })
    expect(await filterError(gateway, { id: { eq: 'vm-35' } })).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', remedy: expect.stringContaining('field id') },
    })
    const foreign = encodeManagedObjectId('00000000-0000-0000-0000-000000000000', ref)
    expect(await filterError(gateway, { id: { in: [id, foreign] } })).toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    })
  })
})
