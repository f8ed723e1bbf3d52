// Privileges that the Read-only role lacks, by method, as in vCenter's API reference.

import type { MethodName } from '../../soap/envelope.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { snapshotOf } from '../virtual-machine/machine.ts'

/** Methods that need more than System.View and System.Read. */
const privileges: { readonly [M in MethodName]?: string } = {
  CreateSnapshot_Task: 'VirtualMachine.State.CreateSnapshot',
  CreateSnapshotEx_Task: 'VirtualMachine.State.CreateSnapshot',
  RemoveSnapshot_Task: 'VirtualMachine.State.RemoveSnapshot',
  RemoveAllSnapshots_Task: 'VirtualMachine.State.RemoveSnapshot',
  ConsolidateVMDisks_Task: 'VirtualMachine.State.RemoveSnapshot',
  RevertToSnapshot_Task: 'VirtualMachine.State.RevertToSnapshot',
  RevertToCurrentSnapshot_Task: 'VirtualMachine.State.RevertToSnapshot',
  RenameSnapshot: 'VirtualMachine.State.RenameSnapshot',
  ReconfigVM_Task: 'VirtualMachine.Config.ChangeTracking',
  PowerOnVM_Task: 'VirtualMachine.Interact.PowerOn',
  PowerOffVM_Task: 'VirtualMachine.Interact.PowerOff',
  SuspendVM_Task: 'VirtualMachine.Interact.Suspend',
  QueryChangedDiskAreas: 'VirtualMachine.Provisioning.DiskRandomRead',
  CancelTask: 'Global.CancelTask',
  TerminateSession: 'Sessions.TerminateSession',
}

/** @throws NoPermission if the method needs a privilege that the Read-only role does not have. */
export function assertMayChange(method: string, self: SimulatedObject): void {
  const privilegeId = Object.hasOwn(privileges, method) ? privileges[method as MethodName] : undefined
  if (privilegeId === undefined) return
  throw new VimFault({ _typeName: 'NoPermission', object: privilegeObjectOf(self), privilegeId })
}

/** Returns the object that privileges apply to: only inventory objects have them, so for a snapshot it is the VM. */
const privilegeObjectOf = (self: SimulatedObject): ManagedObjectReference =>
  self.type === 'VirtualMachineSnapshot' ? snapshotOf(self).machine.ref : self.ref
