// Privileges that the Read-only role lacks, by method, as in vCenter's API reference.

import type { MethodName } from '../../soap/envelope.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { snapshotOf } from '../virtual-machine/machine.ts'
import { rootFolder } from './service-content.ts'

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
  PowerOnMultiVM_Task: 'VirtualMachine.Interact.PowerOn',
  SuspendVM_Task: 'VirtualMachine.Interact.Suspend',
  ResetVM_Task: 'VirtualMachine.Interact.Reset',
  ShutdownGuest: 'VirtualMachine.Interact.PowerOff',
  RebootGuest: 'VirtualMachine.Interact.Reset',
  StandbyGuest: 'VirtualMachine.Interact.Suspend',
  TerminateVM: 'VirtualMachine.Interact.PowerOff',
  AnswerVM: 'VirtualMachine.Interact.AnswerQuestion',
  QueryChangedDiskAreas: 'VirtualMachine.Provisioning.DiskRandomRead',
  CancelTask: 'Global.CancelTask',
  SetField: 'Global.SetCustomField',
  AddCustomFieldDef: 'Global.ManageCustomFields',
  RenameCustomFieldDef: 'Global.ManageCustomFields',
  RemoveCustomFieldDef: 'Global.ManageCustomFields',
  PostEvent: 'Global.LogEvent',
  LogUserEvent: 'Global.LogEvent',
  AcknowledgeAlarm: 'Alarm.Acknowledge',
  ClearTriggeredAlarms: 'Alarm.SetStatus',
  TerminateSession: 'Sessions.TerminateSession',
}

/** @throws NoPermission if the method needs a privilege that the Read-only role does not have. */
export function assertMayChange(
  method: string,
  self: SimulatedObject,
  args: Readonly<Record<string, unknown>>,
): void {
  const privilegeId = Object.hasOwn(privileges, method) ? privileges[method as MethodName] : undefined
  if (privilegeId === undefined) return
  throw new VimFault({ _typeName: 'NoPermission', object: privilegeObjectOf(self, args), privilegeId })
}

/**
 * Returns the object that privileges apply to. Only inventory objects have them: for a snapshot it is the VM, and for a custom
 * attribute, an event or an alarm the object that it belongs to, or the root folder.
 */
function privilegeObjectOf(
  self: SimulatedObject,
  { entity = rootFolder, vm }: Readonly<Record<string, unknown>>,
): ManagedObjectReference {
  // PowerOnMultiVM_Task is called on a datacenter, and needs the privilege on each virtual machine.
  if (self.type === 'Datacenter' && Array.isArray(vm)) return (vm[0] as ManagedObjectReference) ?? self.ref
  if (['CustomFieldsManager', 'EventManager', 'AlarmManager'].includes(self.type))
    return entity as ManagedObjectReference
  return self.type === 'VirtualMachineSnapshot' ? snapshotOf(self).machine.ref : self.ref
}
