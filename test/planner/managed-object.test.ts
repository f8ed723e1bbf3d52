// Tests managed objects in the cache: requested paths can be read, others throw, and a value of the wrong
// type is never returned.

import { describe, expect, it } from 'vitest'
import { isUnreadable, ObjectCache } from '../../src/planner/managed-object.ts'
import { objectWith } from './objects.ts'

const vm = (values: Readonly<Record<string, unknown>>) => objectWith('VirtualMachine', 'vm-1', values)

describe('reading a managed object', () => {
  it('returns the returned values, and undefined for unset ones', () => {
    const object = vm({ name: '007', 'config.hardware.numCPU': undefined })
    expect(object.read('name')).toBe('007')
    expect(object.read('config.hardware.numCPU')).toBeUndefined()
    expect(object.wasRequested('config.hardware.numCPU')).toBe(true)
  })

  it('reads an array element that is selected by its key, with the type declared for it', () => {
    const option = { _typeName: 'OptionValue', key: 'scsi0:0.ctkEnabled', value: 'TRUE' }
    const object = vm({
      'config.extraConfig["scsi0:0.ctkEnabled"]': option,
      'config.extraConfig["scsi0:0.ctkEnabled"].value': 'TRUE',
      'config.extraConfig["ctkEnabled"]': 'TRUE',
    })
    const key: string | undefined = object.read('config.extraConfig["scsi0:0.ctkEnabled"]')?.key
    expect(key).toBe('scsi0:0.ctkEnabled')
    expect(object.read('config.extraConfig["scsi0:0.ctkEnabled"].value')).toBe('TRUE')
    expect(() => object.read('config.extraConfig["ctkEnabled"]')).toThrowError(/not of type OptionValue/)
  })

  it('throws for a path that the plan does not request, since that is a bug and not a null', () => {
    expect(() => vm({ name: 'a' }).read('config.uuid')).toThrowError(
      /VirtualMachine.config.uuid was read, but/,
    )
    expect(() => vm({ name: 'a' }).tryRead('config.uuid')).toThrowError(
      /VirtualMachine.config.uuid was read, but/,
    )
  })

  it('returns undefined for every path when the server did not return the object', () => {
    const object = new ObjectCache({}).get<'VirtualMachine'>({ type: 'VirtualMachine', value: 'vm-9' })
    expect(object.isLoaded).toBe(false)
    expect(object.read('name')).toBeUndefined()
    expect(object.references('datastore')).toEqual([])
  })

  it('throws the error that vSphere reported for a path, which tryRead ignores', () => {
    const object = new ObjectCache({}).get<'VirtualMachine'>({ type: 'VirtualMachine', value: 'vm-1' })
    object.merge(
      {
        obj: object.ref,
        propSet: [{ name: 'name', val: 'a' }],
        missingSet: [
          { path: 'config.uuid', fault: { fault: { _typeName: 'NoPermission' }, localizedMessage: 'no' } },
        ],
      },
      new Set(['name', 'config.uuid']),
    )
    expect(() => object.read('config.uuid')).toThrowError('no')
    expect(object.tryRead('config.uuid')).toBeUndefined()
    expect(object.read('name')).toBe('a')
  })

  it('treats a property that the server does not know as unset', () => {
    const object = new ObjectCache({}).get<'VirtualMachine'>({ type: 'VirtualMachine', value: 'vm-1' })
    const fault = { fault: { _typeName: 'InvalidProperty', name: 'config.uuid' }, localizedMessage: '' }
    object.merge(
      { obj: object.ref, propSet: [], missingSet: [{ path: 'config.uuid', fault }] },
      new Set(['config.uuid']),
    )
    expect(object.read('config.uuid')).toBeUndefined()
  })

  it('returns one object for one reference, however it is reached', () => {
    const objectCache = new ObjectCache({})
    const host = { type: 'HostSystem', value: 'host-1' }
    const a = objectWith('VirtualMachine', 'vm-1', { 'runtime.host': host }, objectCache)
    const b = objectWith('VirtualMachine', 'vm-2', { 'runtime.host': { ...host } }, objectCache)
    expect(a.references('runtime.host')[0]).toBe(b.references('runtime.host')[0])
    expect(objectCache.get({ type: 'HostSystem', value: 'vm-1' })).not.toBe(a)
  })
})

describe('a value of another type than the declared one', () => {
  it.each([
    ['name', 7],
    ['name', ['a']],
    ['config.template', 'true'],
    ['config.hardware.numCPU', '2'],
    ['config.hardware.memoryMB', true],
    ['config.hardware.device', { key: 2000 }],
    ['runtime.powerState', 1],
    ['runtime.host', 'host-1'],
    ['datastore', { type: 'Datastore', value: 'datastore-1' }],
    ['snapshot', 'snapshot-1'],
    ['runtime.bootTime', '2026-01-01'],
  ])('at %s is an error of that property and not a value', (path, value) => {
    const object = vm({ [path]: value, 'config.uuid': 'fine' })
    expect(() => object.read(path as never)).toThrowError(
      new RegExp(`vSphere returned a value for VirtualMachine.${path}`),
    )
    expect(() => object.references(path)).toThrowError()
    expect(object.tryRead(path as never)).toBeUndefined()
    expect(object.read('config.uuid')).toBe('fine')
    try {
      object.read(path as never)
    } catch (error) {
      expect(isUnreadable(error)).toBe(true)
    }
  })

  it('is accepted when it is an unknown subtype or an unknown enumeration value', () => {
    const device = [{ _typeName: 'VirtualThing', key: 1 }]
    const object = vm({ 'config.hardware.device': device, 'runtime.powerState': 'hibernating' })
    expect(object.read('config.hardware.device')).toBe(device)
    expect(object.read('runtime.powerState')).toBe('hibernating')
  })

  it('is accepted when it is a long that is too large for a number', () => {
    const datastore = objectWith('Datastore', 'datastore-1', { 'summary.capacity': 2n ** 60n })
    expect(datastore.read('summary.capacity')).toBe(2n ** 60n)
  })
})
