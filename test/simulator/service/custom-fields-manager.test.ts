// Custom attributes of the simulator: their definitions, the values of objects, and what is rejected.

import { expect, it } from 'vitest'
import { customFieldsManager } from '../../../src/simulator/custom-fields/custom-fields.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { rootFolder, type SoapConnection } from '../soap-connection.ts'
import { faultOf, startLoggedIn } from '../start.ts'

const read = (connection: SoapConnection, ref: ManagedObjectReference, prop: string) =>
  connection.call('Fetch', ref, { prop })

async function startWithMachine() {
  const started = await startLoggedIn()
  const { objects, inventory } = started.simulator
  const [host] = [...objects.ofType('HostSystem')]
  return {
    ...started,
    manager: customFieldsManager,
    vm: inventory.vm('web-01').ref,
    host: host?.ref as ManagedObjectReference,
  }
}

it('has two attributes, with values of machines and hosts', async () => {
  const { connection, manager, vm, host } = await startWithMachine()
  expect(await read(connection, manager, 'field')).toEqual([
    expect.objectContaining({ key: 101, name: 'Last Backup', managedObjectType: 'VirtualMachine' }),
    expect.objectContaining({ key: 102, name: 'Owner', type: 'string' }),
  ])
  expect(await read(connection, vm, 'customValue')).toMatchObject([
    {
      _typeName: 'CustomFieldStringValue',
      key: 101,
      value: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/),
    },
    { key: 102 },
  ])
  expect(await read(connection, host, 'customValue')).toMatchObject([{ key: 102, value: 'Infrastructure' }])
})

it('names the usable attributes of each object in availableField', async () => {
  const { connection, vm, host } = await startWithMachine()
  expect(await read(connection, vm, 'availableField')).toMatchObject([{ key: 101 }, { key: 102 }])
  expect(await read(connection, host, 'availableField')).toMatchObject([{ key: 102 }])
  expect(await read(connection, rootFolder, 'availableField')).toMatchObject([{ key: 102 }])
})

it('sets a value, which value and summary.customValue repeat', async () => {
  const { connection, manager, vm, host } = await startWithMachine()
  for (const entity of [vm, host]) {
    await read(connection, entity, 'summary')
    await connection.call('SetField', manager, { entity, key: 102, value: 'new' })
    for (const prop of ['customValue', 'value', 'summary.customValue'])
      expect(await read(connection, entity, prop)).toContainEqual(
        expect.objectContaining({ key: 102, value: 'new' }),
      )
  }
  await connection.call('SetField', manager, { entity: vm, key: 102, value: '' })
  expect(await read(connection, vm, 'customValue')).toMatchObject([{ key: 101 }, { key: 102, value: '' }])
})

it('adds, renames and removes attributes', async () => {
  const { connection, manager, vm } = await startWithMachine()
  const added = await connection.call('AddCustomFieldDef', manager, { name: 'Rack', moType: 'HostSystem' })
  expect(added).toMatchObject({ key: 103, name: 'Rack', type: 'string', managedObjectType: 'HostSystem' })
  // govc sends an empty type for all types.
  const global = await connection.call('AddCustomFieldDef', manager, { name: 'Rack', moType: '' })
  expect(global).toMatchObject({ key: 104 })
  expect(global).not.toHaveProperty('managedObjectType')
  await connection.call('RenameCustomFieldDef', manager, { key: 103, name: 'Row' })
  await connection.call('RemoveCustomFieldDef', manager, { key: 102 })
  expect(await read(connection, manager, 'field')).toMatchObject([
    { key: 101 },
    { key: 103, name: 'Row' },
    { key: 104, name: 'Rack' },
  ])
  expect(await read(connection, vm, 'customValue')).toMatchObject([{ key: 101 }])
  expect(await read(connection, vm, 'summary.customValue')).toMatchObject([{ key: 101 }])
})

it('rejects names that exist for the type, unknown keys, and objects of another type', async () => {
  const { connection, manager, vm, host } = await startWithMachine()
  const add = (name: string, moType?: string) =>
    faultOf(connection.call('AddCustomFieldDef', manager, { name, ...(moType && { moType }) }))
  const set = (entity: ManagedObjectReference, key: number) =>
    faultOf(connection.call('SetField', manager, { entity, key, value: 'x' }))
  expect(await add('Owner')).toMatchObject({ _typeName: 'DuplicateName', name: 'Owner' })
  expect(await add('Last Backup', 'VirtualMachine')).toMatchObject({ _typeName: 'DuplicateName' })
  expect(await add('New', 'Nothing')).toMatchObject({
    _typeName: 'InvalidArgument',
    invalidProperty: 'moType',
  })
  expect(
    await faultOf(connection.call('RenameCustomFieldDef', manager, { key: 999, name: 'x' })),
  ).toMatchObject({ _typeName: 'InvalidArgument', invalidProperty: 'key' })
  expect(await set(vm, 999)).toMatchObject({ _typeName: 'InvalidArgument', invalidProperty: 'key' })
  expect(await set(host, 101)).toMatchObject({ _typeName: 'InvalidArgument', invalidProperty: 'entity' })
  expect(await set({ type: 'VirtualMachine', value: 'vm-9999' }, 102)).toMatchObject({
    _typeName: 'ManagedObjectNotFound',
  })
})

it('rejects changes of a read-only user with the privilege and the object', async () => {
  const users = [{ username: 'reader', password: 'pass', grants: [{ role: 'ReadOnly' as const }] }]
  const { simulator, connect } = await startLoggedIn({ users })
  const connection = connect()
  await connection.login('reader', 'pass')
  const { ref: entity } = simulator.inventory.vm('web-01')
  expect(
    await faultOf(connection.call('SetField', customFieldsManager, { entity, key: 102, value: 'x' })),
  ).toMatchObject({ _typeName: 'NoPermission', privilegeId: 'Global.SetCustomField', object: entity })
  expect(
    await faultOf(connection.call('RemoveCustomFieldDef', customFieldsManager, { key: 102 })),
  ).toMatchObject({ privilegeId: 'Global.ManageCustomFields', object: rootFolder })
})
