// Methods that create, remove, revert to, rename and consolidate snapshots: validation, and the tasks that they
// start. snapshots.ts changes the state at the end of the task.

import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { isInSnapshots } from '../../disk/disk.ts'
import type { MethodTable } from '../../method-table.ts'
import { taskSettings } from '../../task-registry.ts'
import { VimFault } from '../../vim-fault.ts'
import { type Machine, machineOf, type Snapshot, snapshotOf } from '../machine.ts'
import { assertNotBusy, assertSameHost, type Caller, startMachineTask } from '../machine-task.ts'
import {
  consolidateDisks,
  depthOf,
  removeAllSnapshots,
  removeSnapshots,
  renameSnapshot,
  revertToSnapshot,
  takeSnapshot,
} from './snapshots.ts'

/** Maximum length of a snapshot chain, as on real hosts. */
const maxSnapshotDepth = 32

/** Memory is written to disk: one GiB takes as long as this many snapshots without memory. */
const snapshotsPerGiB = 15

export const snapshotMethods: MethodTable = {
  CreateSnapshot_Task({ self, args, ...caller }) {
    const { name, description = '', memory, quiesce } = args
    return createSnapshot(machineOf(self), caller, 'CreateSnapshot_Task', {
      name,
      description,
      memory,
      quiesce,
    })
  },

  CreateSnapshotEx_Task({ self, args, ...caller }) {
    const { name, description = '', memory, quiesceSpec } = args
    const timeout = quiesceSpec?.timeout
    if (timeout !== undefined && (timeout < 5 || timeout > 240)) throw invalidArgument('quiesceSpec')
    const quiesce = quiesceSpec !== undefined
    return createSnapshot(machineOf(self), caller, 'CreateSnapshotEx_Task', {
      name,
      description,
      memory,
      quiesce,
    })
  },

  RemoveSnapshot_Task({ self, args, ...caller }) {
    const { machine, snapshot } = snapshotOf(self)
    const { removeChildren: withChildren, consolidate = true } = args
    return startMachineTask(machine, caller, 'RemoveSnapshot_Task', 'vm.Snapshot.remove', (at) => {
      removeSnapshots(machine, assertExists(machine, snapshot), { withChildren, consolidate, at })
    })
  },

  RemoveAllSnapshots_Task({ self, args, ...caller }) {
    const machine = machineOf(self)
    const { consolidate = true } = args
    assertNoTemplate(machine)
    return startMachineTask(
      machine,
      caller,
      'RemoveAllSnapshots_Task',
      'VirtualMachine.removeAllSnapshots',
      (at) => {
        if (machine.rootSnapshots.length > 0) removeAllSnapshots(machine, { consolidate, at })
      },
    )
  },

  RevertToSnapshot_Task({ self, args, ...caller }) {
    const { machine, snapshot } = snapshotOf(self)
    const powerOn = !(args.suppressPowerOn ?? false)
    assertNoTemplate(machine)
    assertSameHost(machine, args.host)
    return startMachineTask(machine, caller, 'RevertToSnapshot_Task', 'vm.Snapshot.revert', (at) => {
      assertSnapshotsIntact(machine)
      revertToSnapshot(machine, assertExists(machine, snapshot), { powerOn, at })
    })
  },

  RevertToCurrentSnapshot_Task({ self, args, ...caller }) {
    const machine = machineOf(self)
    const powerOn = !(args.suppressPowerOn ?? false)
    assertNoTemplate(machine)
    assertSameHost(machine, args.host)
    const name = 'RevertToCurrentSnapshot_Task'
    return startMachineTask(machine, caller, name, 'VirtualMachine.revertToCurrentSnapshot', (at) => {
      if (!machine.currentSnapshot) throw new VimFault({ _typeName: 'NotFound' })
      assertSnapshotsIntact(machine)
      revertToSnapshot(machine, machine.currentSnapshot, { powerOn, at })
    })
  },

  // Not a task: the rename is complete when the call returns.
  RenameSnapshot({ self, args }) {
    const { machine, snapshot } = snapshotOf(self)
    assertNotBusy(machine)
    if (args.name === undefined && args.description === undefined) throw invalidArgument('name')
    if (args.name === '') throw new VimFault({ _typeName: 'InvalidName', name: '', entity: machine.ref })
    renameSnapshot(machine, snapshot, args)
    return undefined
  },

  ConsolidateVMDisks_Task({ self, ...caller }) {
    const machine = machineOf(self)
    return startMachineTask(
      machine,
      caller,
      'ConsolidateVMDisks_Task',
      'VirtualMachine.consolidateDisks',
      (at) => {
        consolidateDisks(machine, at)
      },
    )
  },
}

interface SnapshotArguments {
  readonly name: string
  readonly description: string
  readonly memory: boolean
  readonly quiesce: boolean
}

function createSnapshot(
  machine: Machine,
  caller: Caller,
  method: 'CreateSnapshot_Task' | 'CreateSnapshotEx_Task',
  { name, description, memory, quiesce }: SnapshotArguments,
): ManagedObjectReference {
  if (name === '') throw new VimFault({ _typeName: 'InvalidName', name, entity: machine.ref })
  assertNoTemplate(machine)
  const descriptionId =
    method === 'CreateSnapshot_Task' ? 'VirtualMachine.createSnapshot' : 'VirtualMachine.createSnapshotEx'
  const work = (at: Date) => {
    assertSnapshotsIntact(machine)
    if (machine.settings.flags.snapshotDisabled) throw new VimFault({ _typeName: 'SnapshotDisabled' })
    if (machine.settings.flags.snapshotLocked) throw new VimFault({ _typeName: 'SnapshotLocked' })
    if (depthOf(machine.currentSnapshot) >= maxSnapshotDepth)
      throw new VimFault({ _typeName: 'TooManySnapshotLevels' })
    assertNoSharedDisks(machine)
    const isOn = machine.powerState === 'poweredOn'
    const hasMemory = machine.powerState === 'suspended' || (memory && isOn)
    if (memory && isOn && !machine.disks.every(isInSnapshots)) {
      throw new VimFault({ _typeName: 'MemorySnapshotOnIndependentDisk' })
    }
    const quiesced = quiesce && isOn && machine.hasTools
    if (quiesced && machine.quiesceFault) throw new VimFault({ _typeName: machine.quiesceFault })
    return takeSnapshot(machine, { name, description, memory: hasMemory, quiesced, at }).ref
  }
  const memoryGiB = memory && machine.powerState === 'poweredOn' ? machine.settings.memoryMB / 1024 : 0
  const durationMs = taskSettings(machine.context.objects).durationMs * (1 + snapshotsPerGiB * memoryGiB)
  return startMachineTask(machine, caller, method, descriptionId, work, { cancelable: true, durationMs })
}

/** Rejects a template, as its disabledMethod announces. */
function assertNoTemplate({ template }: Machine): void {
  if (template) throw new VimFault({ _typeName: 'NotSupported' })
}

function assertSnapshotsIntact({ hasInconsistentSnapshots: snapshotsAreBroken }: Machine): void {
  if (snapshotsAreBroken) throw new VimFault({ _typeName: 'InvalidSnapshotFormat' })
}

function assertNoSharedDisks(machine: Machine): void {
  const shared = machine.disks.find((disk) => (disk.sharedBus || disk.multiWriter) && isInSnapshots(disk))
  if (!shared) return
  const fault = {
    _typeName: 'DeviceNotSupported',
    device: shared.label,
    reason: 'It is shared with other virtual machines',
  }
  const message = `An error occurred while taking a snapshot: ${shared.label} is shared with other virtual machines.`
  throw new VimFault(
    { _typeName: 'SnapshotIncompatibleDeviceInVm', fault: { fault, localizedMessage: fault.reason } },
    message,
  )
}

function assertExists(machine: Machine, snapshot: Snapshot): Snapshot {
  if (machine.context.objects.find(snapshot.ref)) return snapshot
  throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: snapshot.ref })
}

const invalidArgument = (invalidProperty: string): VimFault =>
  new VimFault({ _typeName: 'InvalidArgument', invalidProperty })
