// Roles: the system roles of a vCenter, and those that clients add.

import { privilegeIds } from './privileges.ts'

export interface Role {
  readonly id: number
  readonly name: string
  readonly label: string
  readonly summary: string
  readonly isSystem: boolean
  readonly privileges: ReadonlySet<string>
}

/** The ids of the roles that always exist; the last one is not a role of vCenter's own. */
export const roleIds = {
  Admin: -1,
  ReadOnly: -2,
  View: -3,
  Anonymous: -4,
  NoAccess: -5,
  VMOperator: 1001,
} as const

export type RoleName = keyof typeof roleIds

/** Privileges that every role has, except NoAccess. */
export const systemPrivileges = ['System.Anonymous', 'System.Read', 'System.View'] as const

const systemRole = (name: RoleName, label: string, summary: string, privileges: Iterable<string>): Role => ({
  id: roleIds[name],
  name,
  label,
  summary,
  isSystem: true,
  privileges: new Set(privileges),
})

const operatorPrivileges = [
  ...systemPrivileges,
  'Alarm.Acknowledge',
  'Global.CancelTask',
  'VirtualMachine.Interact.AnswerQuestion',
  'VirtualMachine.Interact.PowerOff',
  'VirtualMachine.Interact.PowerOn',
  'VirtualMachine.Interact.Reset',
  'VirtualMachine.Interact.Suspend',
  'VirtualMachine.Provisioning.DiskRandomRead',
  'VirtualMachine.State.CreateSnapshot',
  'VirtualMachine.State.RemoveSnapshot',
  'VirtualMachine.State.RenameSnapshot',
  'VirtualMachine.State.RevertToSnapshot',
]

/** The roles of a new vCenter, and one for operators of virtual machines: power and snapshots, but no configuration. */
export const initialRoles: readonly Role[] = [
  systemRole('NoAccess', 'No access', 'Used for restricting granted access', []),
  systemRole('Anonymous', 'Anonymous', 'Not logged-in user (cannot be granted)', ['System.Anonymous']),
  systemRole('View', 'View', 'Visibility access (cannot be granted)', ['System.Anonymous', 'System.View']),
  systemRole('ReadOnly', 'Read-only', 'See details of objects, but not make changes', systemPrivileges),
  systemRole('Admin', 'Administrator', 'Full access rights', privilegeIds),
  {
    id: roleIds.VMOperator,
    name: 'VMOperator',
    label: 'VMOperator',
    summary: 'VMOperator',
    isSystem: false,
    privileges: new Set(operatorPrivileges),
  },
]

/** The roles that permissions may name: the others are for the vCenter's own use. */
export const isGrantable = ({ id }: Role): boolean => id !== roleIds.View && id !== roleIds.Anonymous
