// The effects of a reconfiguration on tracking and disks, and faults of a machine and its tracking files.

import { describe, expect, test } from 'vitest'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { createModel, devicesOf, faultOf, type Model } from './write-model.ts'

const GiB = 1024 ** 3

const configOf = ({ objects }: Model, ref: ManagedObjectReference) =>
  objects.find(ref)?.get('config') as DataObject<'VirtualMachineConfigInfo'>
const optionsOf = (model: Model, ref: ManagedObjectReference) =>
  new Map(configOf(model, ref).extraConfig?.map(({ key, value }) => [key, value]))

function reconfigure(model: Model, ref: ManagedObjectReference, spec: object): void {
  model.run('ReconfigVM_Task', ref, { spec })
}

const option = (key: string, value: string) => ({ extraConfig: [{ key, value }] })

const execute = (
  model: Model,
  vm: ManagedObjectReference,
  snapshot: ManagedObjectReference,
  changeId = '*',
) => model.call('QueryChangedDiskAreas', vm, { snapshot, deviceKey: 2000, startOffset: 0, changeId })

describe('the extra configuration', () => {
  test('enables tracking by its keys, which do not change changeTrackingEnabled while the machine runs', () => {
    const model = createModel()
    const vm = model.vm('web-02')
    const keys = [
      { key: 'ctkEnabled', value: 'TRUE' },
      { key: 'scsi0:0.ctkEnabled', value: 'TRUE' },
    ]
    reconfigure(model, vm, { extraConfig: keys })
    expect(configOf(model, vm).changeTrackingEnabled).toBe(false)
    expect(Object.fromEntries(optionsOf(model, vm))).toMatchObject({
      ctkEnabled: 'TRUE',
      'scsi0:0.ctkEnabled': 'TRUE',
    })
    expect(model.changeId(model.snapshot(vm))).toMatch(/\/1$/)
    expect(configOf(model, vm).changeTrackingEnabled).toBe(false)
    model.run('PowerOffVM_Task', vm, {})
    model.run('PowerOnVM_Task', vm, {})
    expect(configOf(model, vm).changeTrackingEnabled).toBe(true)
    reconfigure(model, vm, option('ctkEnabled', 'FALSE'))
    expect(configOf(model, vm).changeTrackingEnabled).toBe(true)
    expect(model.changeId(vm)).toBeUndefined()
    reconfigure(model, vm, { changeTrackingEnabled: true })
    expect(optionsOf(model, vm).get('ctkEnabled')).toBe('TRUE')
  })

  test('tracks no disk by ctkEnabled alone', () => {
    const model = createModel()
    const vm = model.vm('web-02')
    reconfigure(model, vm, option('ctkEnabled', 'TRUE'))
    expect(optionsOf(model, vm).has('scsi0:0.ctkEnabled')).toBe(false)
    expect(model.changeId(model.snapshot(vm))).toBeUndefined()
  })

  test('changes changeTrackingEnabled immediately on a powered-off machine', () => {
    const model = createModel()
    const vm = model.vm('web-02')
    model.run('PowerOffVM_Task', vm, {})
    reconfigure(model, vm, option('ctkEnabled', 'TRUE'))
    expect(configOf(model, vm).changeTrackingEnabled).toBe(true)
    reconfigure(model, vm, option('ctkEnabled', 'FALSE'))
    expect(configOf(model, vm).changeTrackingEnabled).toBe(false)
  })

  test.each(['SuspendVM_Task', 'PowerOffVM_Task'] as const)('does not activate tracking at %s', (method) => {
    const model = createModel()
    const vm = model.vm('web-02')
    reconfigure(model, vm, { changeTrackingEnabled: true })
    model.run(method, vm, {})
    expect(model.changeId(vm)).toBeUndefined()
    model.run('PowerOnVM_Task', vm, {})
    expect(model.changeId(vm)).toMatch(/\/1$/)
  })

  test('has no effect on tracking when the virtual hardware is too old', () => {
    const model = createModel()
    const vm = model.vm('scada-nt4')
    reconfigure(model, vm, {
      extraConfig: [
        { key: 'ctkEnabled', value: 'TRUE' },
        { key: 'scsi0:0.ctkEnabled', value: 'TRUE' },
      ],
    })
    expect(model.changeId(model.snapshot(vm))).toBeUndefined()
    expect(configOf(model, vm).changeTrackingEnabled).toBe(false)
  })

  test('excludes a disk immediately by its key, and tracks it again in a new epoch after a stun', () => {
    const model = createModel()
    const vm = model.vm('db-01')
    const before = model.changeId(vm, 2001)
    reconfigure(model, vm, option('scsi0:1.ctkEnabled', 'false'))
    expect([model.changeId(vm, 2000), model.changeId(vm, 2001)]).toEqual([expect.any(String), undefined])
    expect(optionsOf(model, vm).get('scsi0:1.ctkEnabled')).toBe('false')
    const untracked = model.snapshot(vm)
    expect(model.changeId(untracked, 2001)).toBeUndefined()
    reconfigure(model, vm, { changeTrackingEnabled: true })
    expect(model.changeId(vm, 2001)).toBeUndefined()
    expect(model.changeId(model.snapshot(vm), 2001)?.split('/')[0]).not.toBe(before?.split('/')[0])
  })

  test('keeps any other key, and removes one with an empty value', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    reconfigure(model, vm, option('guestinfo.note', 'a'))
    expect(optionsOf(model, vm).get('guestinfo.note')).toBe('a')
    reconfigure(model, vm, option('guestinfo.note', ''))
    expect(optionsOf(model, vm).has('guestinfo.note')).toBe(false)
    expect(model.changeId(vm)).toBeDefined()
  })
})

describe('a disk', () => {
  const edit = (model: Model, vm: ManagedObjectReference, change: object) => ({
    deviceChange: [{ operation: 'edit', device: { ...devicesOf(model, vm)[0], ...change } }],
  })

  test('starts a new epoch when it grows, and reports writes beyond its old end', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const old = model.changeId(vm)
    reconfigure(model, vm, edit(model, vm, { capacityInBytes: 50 * GiB }))
    expect(devicesOf(model, vm)[0]).toMatchObject({ capacityInBytes: 50 * GiB, capacityInKB: 50 * 1024 ** 2 })
    const fresh = model.changeId(vm)
    expect(fresh?.split('/')[0]).not.toBe(old?.split('/')[0])
    const base = model.snapshot(vm)
    model.inventory.disk(vm, 2000).write(50 * GiB - 1, 1)
    const snapshot = model.snapshot(vm)
    const { areas } = model.inventory.disk(vm, 2000)
    expect(areas({ snapshot: base }, { snapshot }).at(-1)?.end).toBe(50 * GiB)
    expect(faultOf(() => execute(model, vm, snapshot, old))._typeName).toBe('FileFault')
    expect(
      faultOf(() =>
        model.call('QueryChangedDiskAreas', vm, {
          snapshot,
          deviceKey: 2000,
          startOffset: 50 * GiB,
          changeId: '*',
        }),
      ),
    ).toMatchObject({ invalidProperty: 'startOffset' })
  })

  test('does not shrink, nor grow below a snapshot; other devices cannot be changed', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const spec = (change: object) => faultOf(() => reconfigure(model, vm, change))._typeName
    expect(spec(edit(model, vm, { capacityInBytes: GiB }))).toBe('InvalidDeviceSpec')
    expect(spec(edit(model, vm, { key: 4711 }))).toBe('NotSupported')
    const drive = { _typeName: 'VirtualCdrom', key: 3000 }
    expect(spec({ deviceChange: [{ operation: 'remove', device: drive }] })).toBe('NotSupported')
    reconfigure(model, vm, edit(model, vm, {}))
    const snapshot = model.snapshot(vm)
    expect(spec(edit(model, vm, { capacityInBytes: 50 * GiB }))).toBe('InvalidDeviceSpec')
    model.run('RemoveSnapshot_Task', snapshot, { removeChildren: false })
    reconfigure(model, vm, edit(model, vm, { capacityInBytes: undefined, capacityInKB: 50 * 1024 ** 2 }))
    expect(devicesOf(model, vm)[0]?.capacityInBytes).toBe(50 * GiB)
  })
})

describe('a replaced disk', () => {
  const blank = (change: object = {}) => ({
    operation: 'add',
    fileOperation: 'create',
    device: {
      _typeName: 'VirtualDisk',
      key: -1,
      controllerKey: 1000,
      unitNumber: 0,
      capacityInKB: 4 * 1024 ** 2,
      backing: {
        _typeName: 'VirtualDiskFlatVer2BackingInfo',
        fileName: '',
        diskMode: 'persistent',
        thinProvisioned: true,
      },
      ...change,
    },
  })
  const removal = {
    operation: 'remove',
    fileOperation: 'destroy',
    device: { _typeName: 'VirtualDisk', key: 2000 },
  }

  test('keeps the key and nothing else, and contains only new writes', () => {
    const model = createModel({ settings: { guestsWrite: false } })
    const vm = model.vm('app-01')
    const [old] = devicesOf(model, vm)
    const oldId = model.changeId(model.snapshot(vm))
    reconfigure(model, vm, { deviceChange: [removal, blank()] })
    const [fresh] = devicesOf(model, vm)
    expect(fresh).toMatchObject({ key: 2000, unitNumber: 0, capacityInBytes: 4 * GiB })
    expect(fresh?.deviceInfo?.label).toBe('Hard disk 1')
    expect(fresh?.backing?.uuid).not.toBe(old?.backing?.uuid)
    expect(fresh?.backing?.parent).toBeUndefined()
    model.inventory.disk(vm, 2000).write(GiB, 1)
    const snapshot = model.snapshot(vm)
    expect(execute(model, vm, snapshot)).toMatchObject({ changedArea: [{ start: GiB, length: 64 * 1024 }] })
    expect(model.changeId(snapshot)?.split('/')[0]).not.toBe(oldId?.split('/')[0])
    expect(faultOf(() => execute(model, vm, snapshot, oldId))).toMatchObject({
      faultMessage: [{ key: 'vim.hostd.vmsvc.cbt.cannotGetChanges' }],
    })
  })

  test('is restored when the machine is reverted to an earlier snapshot', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const [old] = devicesOf(model, vm)
    const snapshot = model.snapshot(vm)
    reconfigure(model, vm, { deviceChange: [removal, blank({ unitNumber: 3 })] })
    expect(devicesOf(model, vm).map(({ key }) => key)).toEqual([2003])
    expect(devicesOf(model, snapshot)[0]?.backing?.uuid).toBe(old?.backing?.uuid)
    model.run('RevertToSnapshot_Task', snapshot, {})
    const [now, ...others] = devicesOf(model, vm)
    expect(others).toEqual([])
    expect(now).toMatchObject({ key: 2000, capacityInBytes: old?.capacityInBytes })
    expect(now?.backing?.uuid).toBe(old?.backing?.uuid)
    model.run('RemoveAllSnapshots_Task', vm, {})
    expect(devicesOf(model, vm)[0]?.backing?.fileName).toBe(old?.backing?.fileName)
  })

  test.each([
    ['a unit number in use', {}, 'unitNumber'],
    ['the unit number of the controller', { unitNumber: 7 }, 'unitNumber'],
    ['no unit number', { unitNumber: undefined }, 'unitNumber'],
    ['another controller', { controllerKey: 1001, unitNumber: 1 }, 'controllerKey'],
    ['a capacity of zero', { capacityInKB: 0, unitNumber: 1 }, 'capacityInBytes'],
    [
      'a datastore that the machine does not use',
      {
        unitNumber: 1,
        backing: { _typeName: 'VirtualDiskFlatVer2BackingInfo', fileName: '[elsewhere] x.vmdk' },
      },
      'backing.fileName',
    ],
  ])('is rejected with %s, and nothing in the specification is applied', (_, change, property) => {
    const model = createModel()
    const vm = model.vm('app-01')
    const before = devicesOf(model, vm)
    const spec = { annotation: 'not this either', deviceChange: [blank(change)] }
    expect(faultOf(() => reconfigure(model, vm, spec))).toMatchObject({
      _typeName: 'InvalidDeviceSpec',
      property: `virtualDeviceSpec.device.${property}`,
      deviceIndex: 0,
    })
    expect(devicesOf(model, vm)).toEqual(before)
    expect(configOf(model, vm).annotation).not.toBe('not this either')
  })
})

describe('a tracking file', () => {
  test('fails queries until tracking is reset when it is corrupt', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const disk = model.inventory.disk(vm, 2000)
    const snapshot = model.snapshot(vm)
    disk.damage('corrupt')
    for (const changeId of ['*', model.changeId(snapshot)])
      expect(faultOf(() => execute(model, vm, snapshot, changeId))).toMatchObject({
        _typeName: 'FileFault',
        faultMessage: [
          { key: 'vim.hostd.vmsvc.cbt.cannotGetChanges', message: expect.stringContaining('corrupt') },
        ],
      })
    reconfigure(model, vm, { changeTrackingEnabled: false })
    reconfigure(model, vm, { changeTrackingEnabled: true })
    const fresh = model.snapshot(vm)
    expect(execute(model, vm, fresh)).toMatchObject({ startOffset: 0 })
    expect(faultOf(() => execute(model, vm, fresh, model.changeId(snapshot)))).toMatchObject({
      faultMessage: [{ key: 'vim.hostd.vmsvc.cbt.cannotGetChanges' }],
    })
  })

  test('can be read again when it is no longer locked', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const snapshot = model.snapshot(vm)
    model.inventory.disk(vm, 2000).damage('locked')
    expect(faultOf(() => execute(model, vm, snapshot))).toMatchObject({
      _typeName: 'FileLocked',
      file: expect.any(String),
    })
    model.inventory.disk(vm, 2000).damage(undefined)
    expect(execute(model, vm, snapshot)).toMatchObject({ startOffset: 0 })
  })
})

test('rejects a quiesced snapshot while the guest runs and cannot be quiesced, and no other snapshot', () => {
  const model = createModel()
  const vm = model.vm('san-01')
  const create = (quiesce: boolean) =>
    model.run('CreateSnapshot_Task', vm, { name: 'x', memory: false, quiesce }) as ManagedObjectReference
  expect(faultOf(() => create(true))._typeName).toBe('ApplicationQuiesceFault')
  create(false)
  model.run('PowerOffVM_Task', vm, {})
  create(true)
})

describe('a revert that continues in the same epoch', () => {
  test('continues the numbering, and accepts changeIds of existing data but none of the discarded branch', () => {
    const model = createModel({ settings: { epochAfterRevert: 'same', irregularWindows: 0 } })
    const vm = model.vm('app-01')
    const disk = model.inventory.disk(vm, 2000)
    const base = model.snapshot(vm)
    disk.write(0, 1)
    const discarded = model.snapshot(vm)
    model.run('RevertToSnapshot_Task', base, {})
    disk.write(disk.capacity / 2, 1)
    const now = model.snapshot(vm)
    const [epoch] = model.changeId(base)?.split('/') ?? []
    const number = (ref: ManagedObjectReference) => Number(model.changeId(ref)?.split('/')[1])
    expect(model.changeId(now)).toContain(epoch)
    expect(number(now)).toBeGreaterThan(number(discarded))
    expect(execute(model, vm, now, model.changeId(base))).toMatchObject({
      changedArea: [{ start: disk.capacity / 2, length: disk.grain }],
    })
    expect(execute(model, vm, discarded, model.changeId(base))).toMatchObject({ changedArea: [{ start: 0 }] })
    expect(faultOf(() => execute(model, vm, now, model.changeId(discarded)))._typeName).toBe('FileFault')
  })
})
