// The methods of virtual machines and snapshots: the tree, the files, tracking, power, and rejections.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { snapshotsOf } from '../../src/simulator/virtual-machine/layout.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'
import { createModel, devicesOf, faultOf, type Model } from './write-model.ts'

const property = <T>({ objects }: Model, ref: ManagedObjectReference, name: string): T =>
  objects.find(ref)?.get(name) as T
const treeOf = (model: Model, vm: ManagedObjectReference) =>
  property<DataObject<'VirtualMachineSnapshotInfo'> | undefined>(model, vm, 'snapshot')
const filesOf = (model: Model, of: ManagedObjectReference): string[] => {
  const files: string[] = []
  for (let each = devicesOf(model, of)[0]?.backing; each; each = each.parent)
    files.push(each.fileName.replace(/^.*\//, ''))
  return files
}

describe('snapshots', () => {
  test('keep their requested name and description verbatim in the tree', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    expect(treeOf(model, vm)).toBeUndefined()
    expect(property(model, vm, 'rootSnapshot')).toBeUndefined()
    const args = { name: '  007 %2f <&> ', description: 'two\nlines', memory: true, quiesce: true }
    const ref = model.run('CreateSnapshot_Task', vm, args)
    expect(ref).toEqual({ type: 'VirtualMachineSnapshot', value: expect.stringMatching(/^snapshot-\d+$/) })
    const { currentSnapshot, rootSnapshotList } = treeOf(model, vm) ?? {}
    expect(currentSnapshot).toEqual(ref)
    expect(rootSnapshotList).toHaveLength(1)
    expect(rootSnapshotList?.[0]).toMatchObject({
      snapshot: ref,
      vm,
      name: '  007 %2f <&> ',
      description: 'two\nlines',
      id: 1,
      state: 'poweredOn',
      quiesced: true,
      createTime: new Date(model.clock.now().getTime() - 780),
    })
    expect(property(model, vm, 'rootSnapshot')).toEqual([ref])
    expect(property(model, ref as ManagedObjectReference, 'vm')).toEqual(vm)
  })

  test('ignore memory and quiesce when the machine is off', () => {
    const model = createModel()
    const vm = model.vm('mail-01')
    model.run('CreateSnapshot_Task', vm, { name: 'a', memory: true, quiesce: true })
    expect(treeOf(model, vm)?.rootSnapshotList?.[0]).toMatchObject({ state: 'poweredOff', quiesced: false })
  })

  test('stack delta files on the base disk, and keep their own files', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const first = model.snapshot(vm)
    const second = model.snapshot(vm)
    expect(filesOf(model, vm)).toEqual(['app-01-000002.vmdk', 'app-01-000001.vmdk', 'app-01.vmdk'])
    expect(filesOf(model, second)).toEqual(['app-01-000001.vmdk', 'app-01.vmdk'])
    expect(filesOf(model, first)).toEqual(['app-01.vmdk'])

    model.run('RemoveSnapshot_Task', first, { removeChildren: false })
    expect(filesOf(model, vm)).toEqual(['app-01-000002.vmdk', 'app-01.vmdk'])
    expect(filesOf(model, second)).toEqual(['app-01.vmdk'])
    model.run('RemoveSnapshot_Task', second, { removeChildren: false })
    expect(filesOf(model, vm)).toEqual(['app-01.vmdk'])
    expect(treeOf(model, vm)).toBeUndefined()
    expect(property(model, vm, 'rootSnapshot')).toBeUndefined()
    expect(model.objects.find(first)).toBeUndefined()
  })

  test('move their children to their parent when removed; the current one becomes the parent', () => {
    const model = createModel()
    const vm = model.vm('erp-01')
    const [base] = treeOf(model, vm)?.rootSnapshotList ?? []
    const [patch, branch] = base?.childSnapshotList ?? []
    model.run('RemoveSnapshot_Task', patch?.snapshot as ManagedObjectReference, { removeChildren: false })
    const names = () => treeOf(model, vm)?.rootSnapshotList?.[0]?.childSnapshotList?.map(({ name }) => name)
    expect(names()).toEqual(['base', '50%2f50 test'])
    expect(property(model, base?.snapshot as ManagedObjectReference, 'childSnapshot')).toHaveLength(2)
    model.run('RemoveSnapshot_Task', branch?.snapshot as ManagedObjectReference, { removeChildren: false })
    expect(treeOf(model, vm)?.currentSnapshot).toEqual(base?.snapshot)
    model.run('RemoveSnapshot_Task', base?.snapshot as ManagedObjectReference, { removeChildren: false })
    expect(treeOf(model, vm)).toMatchObject({ rootSnapshotList: [{ name: 'base' }] })
    expect(treeOf(model, vm)?.currentSnapshot).toBeUndefined()
  })

  test('are removed with their children, and keep their files until a later consolidation if consolidate is false', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const first = model.snapshot(vm)
    const second = model.snapshot(vm)
    model.run('RemoveSnapshot_Task', first, { removeChildren: true, consolidate: false })
    expect(model.objects.find(second)).toBeUndefined()
    expect(filesOf(model, vm)).toHaveLength(3)
    expect(property(model, vm, 'runtime')).toMatchObject({ consolidationNeeded: true })
    model.run('ConsolidateVMDisks_Task', vm, {})
    expect(filesOf(model, vm)).toEqual(['app-01.vmdk'])
    expect(property(model, vm, 'runtime')).toMatchObject({ consolidationNeeded: false })
  })

  test('can all be removed when there are none', () => {
    const model = createModel()
    expect(model.run('RemoveAllSnapshots_Task', model.vm('app-01'), {})).toBeUndefined()
    model.run('RemoveAllSnapshots_Task', model.vm('erp-01'), {})
    expect(treeOf(model, model.vm('erp-01'))).toBeUndefined()
    expect(filesOf(model, model.vm('erp-01'))).toEqual(['erp-01.vmdk'])
  })

  test('discard writes, become current and start a new epoch on a revert', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const disk = model.inventory.disk('app-01', 2000)
    const first = model.snapshot(vm)
    model.run('ReconfigVM_Task', vm, { spec: { annotation: 'changed' } })
    disk.write(0, 1 << 20)
    const second = model.snapshot(vm)
    const before = disk.ranges('beginning', { snapshot: first })
    model.run('RevertToSnapshot_Task', first, {})
    expect(treeOf(model, vm)?.currentSnapshot).toEqual(first)
    expect(property(model, vm, 'runtime')).toMatchObject({ powerState: 'poweredOff' })
    expect(property(model, vm, 'config')).toMatchObject({ annotation: '' })
    expect(disk.ranges('beginning', 'now')).toEqual(before)
    expect(filesOf(model, vm)).toEqual([expect.stringMatching(/^app-01-\d{6}\.vmdk$/), 'app-01.vmdk'])
    expect(model.changeId(vm)?.split('/')[0]).not.toBe(model.changeId(second)?.split('/')[0])
    expect(model.changeId(vm)).toBeDefined()
  })

  test('with memory power the machine on again on a revert unless suppressed', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    model.run('CreateSnapshot_Task', vm, { name: 'running', memory: true, quiesce: false })
    model.run('RevertToCurrentSnapshot_Task', vm, {})
    expect(property(model, vm, 'runtime')).toMatchObject({ powerState: 'poweredOn' })
    model.run('RevertToCurrentSnapshot_Task', vm, { suppressPowerOn: true })
    expect(property(model, vm, 'runtime')).toMatchObject({ powerState: 'poweredOff' })
    expect(faultOf(() => model.run('RevertToCurrentSnapshot_Task', model.vm('007'), {}))._typeName).toBe(
      'NotFound',
    )
  })

  test('are renamed synchronously, with only the given fields changed', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const ref = model.snapshot(vm, 'before')
    expect(model.call('RenameSnapshot', ref, { name: 'after' })).toBeUndefined()
    expect(treeOf(model, vm)?.rootSnapshotList?.[0]).toMatchObject({ name: 'after', description: '' })
    expect(faultOf(() => model.call('RenameSnapshot', ref, {}))._typeName).toBe('InvalidArgument')
  })

  test('are listed in layoutEx with each file once, the disk chains and the space used', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    model.run('CreateSnapshot_Task', vm, { name: 'a', memory: true, quiesce: false })
    model.inventory.disk('app-01', 2000).write(0, 1 << 20)
    const second = model.snapshot(vm, 'b')
    const { file, disk, snapshot } = property<DataObject<'VirtualMachineFileLayoutEx'>>(model, vm, 'layoutEx')
    expect(new Set(file?.map(({ name }) => name)).size).toBe(file?.length)
    const named = (keys: readonly number[] = []) =>
      keys.map((key) => file?.find((each) => each.key === key)?.name.replace(/^.*\//, ''))
    expect(disk?.[0]?.chain?.map(({ fileKey }) => named(fileKey)[0])).toEqual([
      'app-01.vmdk',
      'app-01-000001.vmdk',
      'app-01-000002.vmdk',
    ])
    const layout = snapshot?.find(({ key }) => key.value === second.value)
    expect(named([layout?.dataKey ?? -1])).toEqual(['app-01-Snapshot2.vmsn'])
    expect(layout?.disk?.[0]?.chain?.map(({ fileKey }) => named(fileKey)[1])).toEqual([
      'app-01-flat.vmdk',
      'app-01-000001-sesparse.vmdk',
    ])
    expect(file?.find(({ name }) => name.endsWith('-000001-sesparse.vmdk'))?.size).toBeGreaterThanOrEqual(
      1 << 20,
    )
    expect(snapshot?.map(({ memoryKey }) => memoryKey !== -1)).toEqual([true, false])
  })
})

describe('a rejected operation', () => {
  const create = { name: 'x', memory: false, quiesce: false }

  test('names the task that blocks it on a busy machine', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const task = model.call('CreateSnapshot_Task', vm, create)
    for (const act of [
      () => model.call('CreateSnapshot_Task', vm, create),
      () => model.call('PowerOffVM_Task', vm, {}),
      () => model.call('ReconfigVM_Task', vm, { spec: {} }),
    ]) {
      expect(faultOf(act)).toEqual({ _typeName: 'TaskInProgress', task })
    }
    model.clock.advance(1000)
    model.run('PowerOffVM_Task', vm, {})
  })

  test.each([
    ['legacy-01', 'InvalidState'],
    ['ubuntu-24.04', 'NotSupported'],
    ['rac-01', 'SnapshotIncompatibleDeviceInVm'],
  ])('on a snapshot of %s returns %s', (name, fault) => {
    const model = createModel()
    expect(faultOf(() => model.run('CreateSnapshot_Task', model.vm(name), create))._typeName).toBe(fault)
  })

  test('is a snapshot with memory and an independent disk, with an empty name, or at the thirty-third level', () => {
    const model = createModel()
    const memory = { ...create, memory: true }
    expect(faultOf(() => model.run('CreateSnapshot_Task', model.vm('file-01'), memory))._typeName).toBe(
      'MemorySnapshotOnIndependentDisk',
    )
    const vm = model.vm('app-01')
    expect(faultOf(() => model.call('CreateSnapshot_Task', vm, { ...create, name: '' }))._typeName).toBe(
      'InvalidName',
    )
    for (let level = 1; level <= 32; level += 1) model.snapshot(vm)
    expect(faultOf(() => model.snapshot(vm))._typeName).toBe('TooManySnapshotLevels')
  })

  test('is a snapshot or a revert when the files of the existing snapshots do not match', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const machine = model.inventory.machine(vm)
    const snapshot = model.snapshot(vm)
    machine.hasInconsistentSnapshots = true
    for (const act of [
      () => model.snapshot(vm),
      () => model.run('RevertToSnapshot_Task', snapshot, {}),
      () => model.run('RevertToCurrentSnapshot_Task', vm, {}),
    ])
      expect(faultOf(act)._typeName).toBe('InvalidSnapshotFormat')
    model.run('RemoveAllSnapshots_Task', vm, {})
    model.snapshot(vm)
    model.snapshot(vm)
  })

  test('is a power operation for the current power state', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    expect(faultOf(() => model.run('PowerOnVM_Task', vm, {}))).toMatchObject({
      _typeName: 'InvalidPowerState',
      requestedState: 'poweredOn',
      existingState: 'poweredOn',
    })
    model.run('SuspendVM_Task', vm, {})
    expect(faultOf(() => model.run('SuspendVM_Task', vm, {}))._typeName).toBe('InvalidPowerState')
    model.run('PowerOnVM_Task', vm, {})
  })

  test('is an invalid reconfiguration', () => {
    const model = createModel()
    const spec = (name: string, change: object) =>
      faultOf(() => model.run('ReconfigVM_Task', model.vm(name), { spec: change }))._typeName
    expect(spec('scada-nt4', { changeTrackingEnabled: true })).toBe('NotSupported')
    expect(spec('web-01', { name: 'web-02' })).toBe('DuplicateName')
    expect(spec('web-01', { changeVersion: 'old' })).toBe('ConcurrentAccess')
  })
})

describe('changed block tracking', () => {
  test('is enabled immediately and active after any stun; a snapshot that causes the stun has changeIds', () => {
    const stuns: ((model: Model, vm: ManagedObjectReference) => unknown)[] = [
      (model, vm) => model.snapshot(vm),
      (model, vm) => [model.run('SuspendVM_Task', vm, {}), model.run('PowerOnVM_Task', vm, {})],
      (model, vm) => [model.run('PowerOffVM_Task', vm, {}), model.run('PowerOnVM_Task', vm, {})],
    ]
    for (const stun of stuns) {
      const model = createModel()
      const vm = model.vm('web-02')
      model.run('ReconfigVM_Task', vm, { spec: { changeTrackingEnabled: true } })
      expect(property(model, vm, 'config')).toMatchObject({ changeTrackingEnabled: true })
      expect(model.changeId(vm)).toBeUndefined()
      stun(model, vm)
      expect(model.changeId(vm)).toMatch(/\/\d+$/)
    }
    const model = createModel()
    const snapshot = model.snapshot(model.vm('wiki-01'))
    expect(model.changeId(snapshot)).toMatch(/\/1$/)
  })

  test('has a new changeId of the same epoch in every snapshot, with a growing number', () => {
    const model = createModel()
    const vm = model.vm('app-01')
    const ids = Array.from({ length: 12 }, () => model.changeId(model.snapshot(vm))?.split('/') ?? [])
    expect(new Set(ids.map(([uuid]) => uuid)).size).toBe(1)
    expect(ids.map(([, number]) => Number(number))).toEqual(
      ids.map(([, number]) => Number(number)).toSorted((a, b) => a - b),
    )
    expect(new Set(ids.map(([, number]) => number)).size).toBe(12)
  })
})

describe('any sequence of operations', () => {
  const step = fc.record({
    kind: fc.constantFrom(
      'create',
      'create',
      'create',
      'remove',
      'removeTree',
      'leave',
      'revert',
      'consolidate',
      'write',
      'power',
      'cbt',
      'cbtOfDisk',
      'grow',
      'addOrRemoveDisk',
    ),
    which: fc.nat(20),
  })

  test('keeps the tree, the files and the change notifications consistent', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model = createModel({ vms: 7, settings: { guestsWrite: false } })
        const vm = model.vm('app-01')
        const machine = model.inventory.machine(vm)
        const seen = new Map<string, string>()
        const printed = (name: string) => JSON.stringify(model.objects.find(vm)?.get(name))
        const properties = [
          'config',
          'layoutEx',
          'storage',
          'runtime',
          'summary',
          'guest',
          'snapshot',
          'rootSnapshot',
          'guestHeartbeatStatus',
          'name',
        ]
        const remember = () => {
          for (const name of properties) seen.set(name, printed(name))
        }
        let notified = new Set<string>()
        model.objects.on('changed', (object, name) => object.ref.value === vm.value && notified.add(name))
        remember()
        for (const { kind, which } of steps) {
          const all = snapshotsOf(machine)
          const target = all[which % Math.max(1, all.length)]?.ref
          notified = new Set()
          if (kind === 'create') model.snapshot(vm, `s${which}`)
          else if (kind === 'consolidate') model.run('ConsolidateVMDisks_Task', vm, {})
          else if (kind === 'write') model.inventory.disk(vm, 2000).write(which * 1_000_000, 70_000)
          else if (kind === 'power')
            model.run(machine.powerState === 'poweredOn' ? 'PowerOffVM_Task' : 'PowerOnVM_Task', vm, {})
          else if (kind === 'cbt')
            model.run('ReconfigVM_Task', vm, { spec: { changeTrackingEnabled: which % 2 === 0 } })
          else if (kind === 'cbtOfDisk') {
            const extraConfig = [{ key: 'scsi0:0.ctkEnabled', value: which % 2 === 0 ? 'TRUE' : 'FALSE' }]
            model.run('ReconfigVM_Task', vm, { spec: { extraConfig } })
          } else if (kind === 'grow' && filesOf(model, vm).length === 1) {
            const [disk] = devicesOf(model, vm)
            const device = { ...disk, capacityInBytes: Number(disk?.capacityInBytes) + which * 1_048_576 }
            model.run('ReconfigVM_Task', vm, {
              spec: { deviceChange: [{ operation: 'edit', device }] },
            } as never)
          } else if (kind === 'addOrRemoveDisk') {
            const added = machine.disks.find(({ key }) => key === 2005)
            const device = {
              _typeName: 'VirtualDisk',
              controllerKey: 1000,
              unitNumber: 5,
              capacityInKB: 1024,
            }
            const change = added
              ? { operation: 'remove', device: { ...device, key: 2005 } }
              : { operation: 'add', fileOperation: 'create', device: { ...device, key: -1 } }
            model.run('ReconfigVM_Task', vm, { spec: { deviceChange: [change] } } as never)
          } else if (target && kind === 'remove')
            model.run('RemoveSnapshot_Task', target, { removeChildren: false })
          else if (target && kind === 'removeTree')
            model.run('RemoveSnapshot_Task', target, { removeChildren: true })
          else if (target && kind === 'leave')
            model.run('RemoveSnapshot_Task', target, { removeChildren: false, consolidate: false })
          else if (target && kind === 'revert') model.run('RevertToSnapshot_Task', target, {})

          // Every changed property was notified; a new computation returns the same values.
          machine.derived.clear()
          for (const name of properties)
            if (printed(name) !== seen.get(name)) expect(notified).toContain(name)
          remember()

          const left = snapshotsOf(machine)
          expect(new Set(left.map(({ id }) => id)).size).toBe(left.length)
          for (const snapshot of left) {
            expect(model.objects.find(snapshot.ref)).toBeDefined()
            for (const child of snapshot.children) expect(child.parent).toBe(snapshot)
          }
          if (machine.currentSnapshot) expect(left).toContain(machine.currentSnapshot)
          const { file, disk, snapshot } = property<DataObject<'VirtualMachineFileLayoutEx'>>(
            model,
            vm,
            'layoutEx',
          )
          expect(new Set(file?.map(({ name }) => name)).size).toBe(file?.length)
          expect(snapshot).toHaveLength(left.length)
          expect(disk?.[0]?.chain?.length).toBeGreaterThan(machine.currentSnapshot ? 1 : 0)
          if (left.length === 0 && !machine.consolidationNeeded)
            expect(filesOf(model, vm)).toEqual(['app-01.vmdk'])
        }
      }),
      { seed: 3, numRuns: 60 },
    )
  })
})
