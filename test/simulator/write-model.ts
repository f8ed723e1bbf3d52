// A simulated inventory without a server: tests call its methods directly, and run its tasks with a manual clock.

import { createManualClock, type ManualClock } from '../../src/simulator/clock.ts'
import { type Inventory, type PopulateOptions, populate } from '../../src/simulator/inventory/populate.ts'
import type { Call } from '../../src/simulator/method-table.ts'
import { SimulatedInventory } from '../../src/simulator/simulated-inventory.ts'
import { VimFault } from '../../src/simulator/vim-fault.ts'
import { virtualMachineMethods } from '../../src/simulator/virtual-machine/methods.ts'
import type { MethodArgs } from '../../src/soap/envelope.ts'
import type { DataObject, ManagedObjectReference } from '../../src/soap/vim-types.ts'

type Name = keyof typeof virtualMachineMethods

export interface Model {
  readonly clock: ManualClock
  readonly objects: SimulatedInventory
  readonly inventory: Inventory
  /** Calls a method; passes a VimFault through. */
  call<M extends Name>(method: M, self: ManagedObjectReference, args: MethodArgs<M>): unknown
  /** Calls a method that starts a task, completes the task and returns its result or throws its error. */
  run<M extends Name>(method: M, self: ManagedObjectReference, args: MethodArgs<M>): unknown
  vm(name: string): ManagedObjectReference
  /** Takes a snapshot of a virtual machine. */
  snapshot(vm: ManagedObjectReference, name?: string): ManagedObjectReference
  /** The changeId of a disk in a snapshot, or in the current state of a virtual machine. */
  changeId(of: ManagedObjectReference, deviceKey?: number): string | undefined
}

export function createModel(options: PopulateOptions = {}): Model {
  const clock = createManualClock()
  const objects = new SimulatedInventory(clock)
  const inventory = populate(objects, options)
  const model: Model = {
    clock,
    objects,
    inventory,
    call(method, ref, args) {
      const self = objects.find(ref)
      if (!self) throw new Error(`there is no ${ref.value}`)
      const call = { objects, self, args, userName: 'test', signal: new AbortController().signal }
      return (virtualMachineMethods[method] as unknown as (call: Call<Name>) => unknown)(
        call as unknown as Call<Name>,
      )
    },
    run(method, ref, args) {
      const task = model.call(method, ref, args) as ManagedObjectReference
      const infoNow = () => objects.find(task)?.get('info') as DataObject<'TaskInfo'>
      // A snapshot with memory takes minutes.
      for (let step = 0; step < 1000 && /queued|running/.test(infoNow().state); step += 1) clock.advance(1000)
      const info = infoNow()
      if (info.state === 'error') throw new VimFault(info.error?.fault as VimFault['detail'])
      if (info.state !== 'success') throw new Error(`the task is ${info.state}`)
      return info.result
    },
    vm: (name) => inventory.vm(name).ref,
    snapshot: (vm, name = 'snapshot') =>
      model.run('CreateSnapshot_Task', vm, { name, memory: false, quiesce: false }) as ManagedObjectReference,
    changeId(of, deviceKey = 2000) {
      return devicesOf(model, of).find(({ key }) => key === deviceKey)?.backing?.changeId
    },
  }
  return model
}

type Disk = Omit<DataObject<'VirtualDisk'>, 'backing'> & {
  readonly backing?: DataObject<'VirtualDiskFlatVer2BackingInfo'>
}

/** The disks of a virtual machine or of a snapshot. */
export function devicesOf({ objects }: Model, of: ManagedObjectReference): readonly Disk[] {
  const config = objects.find(of)?.get('config') as DataObject<'VirtualMachineConfigInfo'> | undefined
  return (config?.hardware.device ?? []).filter(
    ({ _typeName }) => _typeName === 'VirtualDisk',
  ) as unknown as Disk[]
}

/** The detail of a thrown fault. */
export function faultOf(act: () => unknown): VimFault['detail'] {
  try {
    act()
  } catch (error) {
    if (error instanceof VimFault) return error.detail
    throw error
  }
  throw new Error('no fault was thrown')
}
