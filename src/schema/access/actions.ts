// The actions that mutations take on objects: what each needs, and which vim25 methods it calls. The fields `can` and the errors of
// mutations read this table.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { ManagedObjectType } from '../../soap/vim-types.ts'
import { type Role, roleForMutation } from './roles.ts'

export interface ActionRule {
  readonly description: string
  /** The mutation field. */
  readonly mutation: string
  /** The objects that it applies to. */
  readonly appliesTo: ManagedObjectType
  /** Privileges on the object, except those that isCheckedOnRoot. */
  readonly privileges: readonly string[]
  /** The vim25 methods that it calls. None of a tag, which is not in vim25. */
  readonly methods: readonly string[]
  /** The methods that a state of the object, in its disabledMethod, rules out. Methods of snapshots are not in there. */
  readonly disabledBy: readonly string[]
}

type Rule = readonly [
  mutation: string,
  privileges: readonly string[],
  methods: readonly string[],
  description: string,
  disabledBy?: readonly string[],
]

const state = (name: string) => `VirtualMachine.State.${name}`
const interact = (name: string) => `VirtualMachine.Interact.${name}`
const onTag = 'InventoryService.Tagging.AttachTag'
const onAlarm = 'Alarm.Acknowledge'
const tagging = [onTag, 'InventoryService.Tagging.ObjectAttachable']

/**
 * Whether a privilege is checked on the root folder, not on the object. It is needed on a tag, which has no permissions in vim25: global
 * permissions, which tags have too, apply to the root folder. Or on an alarm, which has the permissions of the object that it is defined
 * on: of the alarms of vCenter itself, the root folder.
 */
export const isCheckedOnRoot = (privilege: string): boolean => [onTag, onAlarm].includes(privilege)

const onAnyObject = {
  ACKNOWLEDGE_ALARM: [
    'acknowledgeAlarm',
    [onAlarm],
    ['AcknowledgeAlarm'],
    'Acknowledge an alarm that is triggered on the object. The privilege is needed where the alarm is defined, not on the object. It is checked on the root folder, where the alarms of vCenter are defined: for an alarm that is defined on another object, the permissions there decide, which are not recognized.',
  ],
  ATTACH_TAG: [
    'attachTag',
    tagging,
    [],
    'Attach a tag to the object. The privilege on the tag is checked on the root folder: permissions on single tags are not recognized.',
  ],
  DETACH_TAG: [
    'detachTag',
    tagging,
    [],
    'Detach a tag from the object. The privilege on the tag is checked on the root folder: permissions on single tags are not recognized.',
  ],
  SET_CUSTOM_ATTRIBUTE: [
    'setCustomAttribute',
    ['Global.SetCustomField'],
    ['SetField'],
    'Set the value of a custom attribute of the object.',
  ],
} satisfies Record<string, Rule>

const onVirtualMachines = {
  CAPTURE_CHANGES: [
    'captureChanges',
    [state('CreateSnapshot'), state('RemoveSnapshot'), 'VirtualMachine.Provisioning.DiskRandomRead'],
    ['CreateSnapshot_Task'],
    'Take a snapshot for a backup by changed blocks.',
  ],
  CONSOLIDATE_DISKS: [
    'consolidateDisks',
    [state('RemoveSnapshot')],
    ['ConsolidateVMDisks_Task'],
    'Merge disk files that removed snapshots have left behind.',
  ],
  CREATE_SNAPSHOT: ['createSnapshot', [state('CreateSnapshot')], ['CreateSnapshot_Task'], 'Take a snapshot.'],
  POWER_OFF: ['changePower', [interact('PowerOff')], ['PowerOffVM_Task'], 'Power off at once.'],
  POWER_ON: [
    'changePower',
    [interact('PowerOn')],
    ['PowerOnVM_Task', 'PowerOnMultiVM_Task'],
    'Power on, or resume a suspended virtual machine.',
    ['PowerOnVM_Task'],
  ],
  REBOOT_GUEST: [
    'changePower',
    [interact('Reset')],
    ['RebootGuest'],
    'Restart the guest operating system through VMware Tools.',
  ],
  RELEASE_CAPTURE: [
    'releaseCapture',
    [state('RemoveSnapshot')],
    ['RemoveSnapshot_Task'],
    'Remove a snapshot of captureChanges.',
    ['RemoveAllSnapshots_Task'],
  ],
  REMOVE_ALL_SNAPSHOTS: [
    'removeAllSnapshots',
    [state('RemoveSnapshot')],
    ['RemoveAllSnapshots_Task'],
    'Remove all snapshots.',
  ],
  REMOVE_SNAPSHOT: [
    'removeSnapshot',
    [state('RemoveSnapshot')],
    ['RemoveSnapshot_Task'],
    'Remove one of its snapshots.',
    ['RemoveAllSnapshots_Task'],
  ],
  RENAME_SNAPSHOT: [
    'renameSnapshot',
    [state('RenameSnapshot')],
    ['RenameSnapshot'],
    'Rename one of its snapshots, or change its description.',
    [],
  ],
  RESET: ['changePower', [interact('Reset')], ['ResetVM_Task'], 'Power-cycle at once.'],
  REVERT_TO_SNAPSHOT: [
    'revertToSnapshot',
    [state('RevertToSnapshot')],
    ['RevertToSnapshot_Task'],
    'Revert to one of its snapshots.',
    ['RevertToCurrentSnapshot_Task'],
  ],
  SET_CHANGE_TRACKING: [
    'setChangeTracking',
    ['VirtualMachine.Config.ChangeTracking'],
    ['ReconfigVM_Task'],
    'Enable or disable changed block tracking. With activate, CREATE_SNAPSHOT and REMOVE_SNAPSHOT must be allowed too.',
  ],
  SHUTDOWN_GUEST: [
    'changePower',
    [interact('PowerOff')],
    ['ShutdownGuest'],
    'Shut down the guest operating system through VMware Tools.',
  ],
  SUSPEND: ['changePower', [interact('Suspend')], ['SuspendVM_Task'], 'Suspend.'],
} satisfies Record<string, Rule>

export type Action = keyof typeof onAnyObject | keyof typeof onVirtualMachines

const rulesFor = (rules: Readonly<Record<string, Rule>>, appliesTo: ManagedObjectType) =>
  Object.entries(rules).map(
    ([action, [mutation, privileges, methods, description, disabledBy = methods]]) =>
      [
        action as Action,
        { mutation, privileges, methods, description, disabledBy, appliesTo } satisfies ActionRule,
      ] as const,
  )

/** The actions, sorted by name. */
export const actions: ReadonlyMap<Action, ActionRule> = new Map(
  [...rulesFor(onAnyObject, 'ManagedEntity'), ...rulesFor(onVirtualMachines, 'VirtualMachine')].sort(
    ([one], [other]) => (one < other ? -1 : 1),
  ),
)

export const ruleOf = (action: Action): ActionRule => actions.get(action) as ActionRule

export const roleFor = (action: Action): Role => roleForMutation(ruleOf(action).mutation)

/** Returns the actions that apply to objects of a managed object type. */
export const actionsOn = (type: string): Action[] =>
  [...actions].filter(([, { appliesTo }]) => isManagedSubtype(type, appliesTo)).map(([action]) => action)

/** Returns the privileges that a vim25 method needs as a part of an action. */
export const privilegesOfMethod = (method: string): readonly string[] =>
  [...actions.values()]
    .filter(({ methods }) => methods.includes(method))
    .map(({ privileges }) => privileges)
    // An action of several steps needs more than this method does.
    .sort((one, other) => one.length - other.length)[0] ?? []
