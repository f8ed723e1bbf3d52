// The privileges that each method needs, as in vCenter's API reference. test/interop/pyvmomi compares the table with pyVmomi's.

import type { MethodName } from '../../soap/envelope.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Access } from '../authorization/access.ts'
import type { SimulatedObject } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'

type Args = Readonly<Record<string, unknown>>

/**
 * What a method needs: a privilege on its object, or privileges on the objects that its arguments name (`self` is its object), or
 * privileges that depend on the arguments.
 */
type MethodPrivileges =
  | string
  | { readonly [argument: string]: string }
  | ((args: Args, self: SimulatedObject, access: Access) => readonly string[])

/** Methods that need no login, and check themselves what they return. */
const withoutPrivilege: ReadonlySet<string> = new Set([
  'RetrieveServiceContent',
  'Login',
  'Logout',
  'RetrievePropertiesEx',
  'RetrieveProperties',
  'Fetch',
] satisfies MethodName[])

/**
 * Methods that need more than System.View on their object. Privileges on a manager of the vCenter are checked on the root folder,
 * and those on a snapshot on its virtual machine.
 */
export const methodPrivileges: { readonly [M in MethodName]?: MethodPrivileges } = {
  CreateSnapshot_Task: 'VirtualMachine.State.CreateSnapshot',
  CreateSnapshotEx_Task: 'VirtualMachine.State.CreateSnapshot',
  RemoveSnapshot_Task: 'VirtualMachine.State.RemoveSnapshot',
  RemoveAllSnapshots_Task: 'VirtualMachine.State.RemoveSnapshot',
  ConsolidateVMDisks_Task: 'VirtualMachine.State.RemoveSnapshot',
  RevertToSnapshot_Task: 'VirtualMachine.State.RevertToSnapshot',
  RevertToCurrentSnapshot_Task: 'VirtualMachine.State.RevertToSnapshot',
  RenameSnapshot: 'VirtualMachine.State.RenameSnapshot',
  ReconfigVM_Task: ({ spec }) => reconfigurePrivileges((spec ?? {}) as Args),
  PowerOnVM_Task: 'VirtualMachine.Interact.PowerOn',
  PowerOffVM_Task: 'VirtualMachine.Interact.PowerOff',
  PowerOnMultiVM_Task: { self: 'System.View', vm: 'VirtualMachine.Interact.PowerOn' },
  SuspendVM_Task: 'VirtualMachine.Interact.Suspend',
  ResetVM_Task: 'VirtualMachine.Interact.Reset',
  ShutdownGuest: 'VirtualMachine.Interact.PowerOff',
  RebootGuest: 'VirtualMachine.Interact.Reset',
  StandbyGuest: 'VirtualMachine.Interact.Suspend',
  TerminateVM: 'VirtualMachine.Interact.PowerOff',
  AnswerVM: 'VirtualMachine.Interact.AnswerQuestion',
  QueryChangedDiskAreas: 'VirtualMachine.Provisioning.DiskRandomRead',
  CancelTask: (_, task, { userName }) => (startedBy(task) === userName ? [] : ['Global.CancelTask']),
  SetField: { entity: 'Global.SetCustomField' },
  AddCustomFieldDef: 'Global.ManageCustomFields',
  RenameCustomFieldDef: 'Global.ManageCustomFields',
  RemoveCustomFieldDef: 'Global.ManageCustomFields',
  PostEvent: 'Global.LogEvent',
  LogUserEvent: { entity: 'Global.LogEvent' },
  AcknowledgeAlarm: { alarm: 'Alarm.Acknowledge', entity: 'System.Read' },
  GetAlarmState: { entity: 'System.Read' },
  ClearTriggeredAlarms: 'Alarm.SetStatus',
  SessionIsActive: 'Sessions.ValidateSession',
  TerminateSession: 'Sessions.TerminateSession',
  AddAuthorizationRole: 'Authorization.ModifyRoles',
  UpdateAuthorizationRole: 'Authorization.ModifyRoles',
  RemoveAuthorizationRole: 'Authorization.ModifyRoles',
  RetrieveEntityPermissions: { entity: 'System.Read' },
  SetEntityPermissions: { entity: 'Authorization.ModifyPermissions' },
  ResetEntityPermissions: { entity: 'Authorization.ModifyPermissions' },
  RemoveEntityPermission: { entity: 'Authorization.ModifyPermissions' },
  HasPrivilegeOnEntity: { entity: 'System.Read' },
  HasPrivilegeOnEntities: { entity: 'System.Read' },
  HasUserPrivilegeOnEntities: { entities: 'System.View' },
  FetchUserPrivilegeOnEntities: { entities: 'System.View' },
}

/** What each field of a VirtualMachineConfigSpec needs, beside devices. */
const configPrivileges: Readonly<Record<string, string>> = {
  changeTrackingEnabled: 'VirtualMachine.Config.ChangeTracking',
  name: 'VirtualMachine.Config.Rename',
  annotation: 'VirtualMachine.Config.Annotation',
  numCPUs: 'VirtualMachine.Config.CPUCount',
  memoryMB: 'VirtualMachine.Config.Memory',
  extraConfig: 'VirtualMachine.Config.AdvancedConfig',
  deviceChange: 'VirtualMachine.Config.AddRemoveDevice',
  managedBy: 'VirtualMachine.Config.ManagedBy',
}

/** A spec without a change, such as one with `changeVersion` alone, still needs one privilege of the configuration. */
function reconfigurePrivileges(spec: Args): string[] {
  const fields = Object.keys(spec).filter(
    (field) => spec[field] !== undefined && field !== 'changeVersion' && field !== '_typeName',
  )
  const needed = fields.map((field) => configPrivileges[field] ?? 'VirtualMachine.Config.Settings')
  return needed.length > 0 ? [...new Set(needed)] : ['VirtualMachine.Config.Settings']
}

/** Users may cancel their own tasks. */
function startedBy(task: SimulatedObject): string | undefined {
  const { reason } = (task.get('info') ?? {}) as { readonly reason?: { readonly userName?: string } }
  return reason?.userName
}

/**
 * Checks that a user may call a method.
 *
 * @throws NoPermission that names the missing privileges
 */
export function assertMayCall(method: string, self: SimulatedObject, args: Args, access: Access): void {
  if (withoutPrivilege.has(method)) return
  const missing = neededPrivileges(method, self, args, access).flatMap(([ref, ids]) => {
    const privilegeIds = ids.filter((id) => !access.has(ref, id))
    return privilegeIds.length > 0 ? [{ entity: access.entityOf(ref), privilegeIds }] : []
  })
  const [first] = missing
  if (first) throw noPermission(missing)
}

export const noPermission = (
  missing: readonly { readonly entity: ManagedObjectReference; readonly privilegeIds: readonly string[] }[],
): VimFault =>
  new VimFault({
    _typeName: 'NoPermission',
    object: missing[0]?.entity,
    privilegeId: missing[0]?.privilegeIds[0],
    missingPrivileges: missing,
  })

function neededPrivileges(
  method: string,
  self: SimulatedObject,
  args: Args,
  access: Access,
): (readonly [ManagedObjectReference, readonly string[]])[] {
  const needed = Object.hasOwn(methodPrivileges, method) ? methodPrivileges[method as MethodName] : undefined
  if (needed === undefined) return [[self.ref, ['System.View']]]
  if (typeof needed === 'string') return [[self.ref, [needed]]]
  if (typeof needed === 'function') return [[self.ref, needed(args, self, access)]]
  return Object.entries(needed).flatMap(([name, privilege]) =>
    (name === 'self' ? [self.ref] : [args[name] ?? []].flat())
      .map((ref) => [ref as ManagedObjectReference, [privilege]] as const)
      // The method itself reports objects that do not exist for the user.
      .filter(([ref]) => access.canView(ref)),
  )
}
