// ManagedEntity.can: which actions the caller may take on an object, and what is missing for those that are not allowed.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { builder, type EntityType } from '../builder.ts'
import type { Context } from '../context.ts'
import { requiresPaths } from '../core/field-requirements.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { type Action, actions, actionsOn, isCheckedOnRoot, roleFor, ruleOf } from './actions.ts'
import { missingPrivileges } from './privilege-checks.ts'
import { hasRole, type Role } from './roles.ts'
import { RoleType } from './viewer.ts'

/** Whether an action may be applied to an object. */
interface ActionAccess {
  readonly action: Action
  readonly allowed: boolean | null
  readonly missingPrivileges: readonly string[]
  readonly requiredRole: Role | null
  readonly blockedByState: boolean | null
}

declare module '../builder.ts' {
  interface ObjectTypes {
    ActionAccess: ActionAccess
  }
}

const ActionType = builder.enumType('Action', {
  description:
    'What mutations do to an object: one value for each mutation field, except `cancelTask`, whose object is a task, and `changePower`, which has one for each power action.',
  values: Object.fromEntries(
    [...actions].map(([action, { description, mutation }]) => [
      action,
      { description: `${description} Mutation: \`${mutation}\`.` },
    ]),
  ) as Record<Action, { description: string }>,
})

builder.objectType('ActionAccess', {
  description: 'Whether an action may be applied to an object, and what is missing if not.',
  fields: (t) => ({
    action: t.expose('action', { type: ActionType, nullable: false, description: 'The action.' }),
    allowed: t.exposeBoolean('allowed', {
      description:
        'Whether the role of the caller in the gateway and the privileges of the account on the object suffice, or on the root folder where the action says so. Always false with --read-only. Null if the server cannot check privileges, as an ESXi host. The action can still fail, for example because it needs a privilege on another object, such as a datastore or a tag. Source: `HasPrivilegeOnEntities`.',
    }),
    missingPrivileges: t.exposeStringList('missingPrivileges', {
      nullable: false,
      description:
        'Privileges that the account lacks on the object, such as `VirtualMachine.State.CreateSnapshot`, or on the root folder: `InventoryService.Tagging.AttachTag`, which is needed on the tag, and `Alarm.Acknowledge`, which is needed on the alarm. Empty if the server cannot check them. Source: `HasPrivilegeOnEntities`.',
    }),
    requiredRole: t.expose('requiredRole', {
      type: RoleType,
      description:
        'The role in the gateway that the action needs. Null if the caller has it, and with --read-only, where allowed is false because no role can help.',
    }),
    blockedByState: t.exposeBoolean('blockedByState', {
      description:
        'Whether the present state of the object rules the action out, whatever the privileges are: a virtual machine that is off cannot be powered off. Null if the state may not be read. Source: `disabledMethod`.',
    }),
  }),
})

builder.interfaceField('ManagedEntity', 'can', (t) =>
  t.field({
    ...requiresPaths('disabledMethod'),
    derives: { nothing: 'takes a call of its own, and depends on the caller' },
    type: ['ActionAccess'],
    args: {
      actions: t.arg({
        type: [ActionType],
        description:
          'The actions to check. Those that do not apply to the type of the object are left out. By default all that apply, by name.',
      }),
    },
    description:
      'Which actions the caller may apply to the object. Costs one call for all objects of a vCenter in a response. Source: `HasPrivilegeOnEntities` with the session of the gateway, `disabledMethod`.',
    resolve: accessTo,
  }),
)

interface CanArgs {
  readonly actions?: readonly Action[] | null | undefined
}

async function accessTo(
  object: ManagedObject<EntityType>,
  { actions: requested }: CanArgs,
  { vcenters, viewer }: Context,
): Promise<ActionAccess[]> {
  const applicable = actionsOn(object.ref.type)
  const checked = requested ? [...new Set(requested)].filter((each) => applicable.includes(each)) : applicable
  const disabled = disabledMethodsOf(object)
  const isReadable = disabled !== null
  const privileges = [...new Set(checked.flatMap((action) => ruleOf(action).privileges))].sort()
  const missing = isReadable ? await missingOf(object, privileges, vcenters.of(object)) : []
  return checked.map((action) => {
    const rule = ruleOf(action)
    const lacking = isReadable ? rule.privileges.filter((each) => missing?.includes(each)) : ['System.Read']
    const role = roleFor(action)
    const isRoleSufficient = hasRole(viewer, role)
    const isGranted = missing === undefined ? null : lacking.length === 0
    return {
      action,
      allowed: isRoleSufficient ? isGranted : false,
      missingPrivileges: lacking,
      requiredRole: isRoleSufficient || viewer.isReadOnly ? null : role,
      blockedByState: disabled ? rule.disabledBy.some((method) => disabled.includes(method)) : null,
    }
  })
}

/** Returns the privileges that the session lacks on an object, or on the root folder; undefined if the server cannot check them. */
async function missingOf(
  { ref }: ManagedObject<EntityType>,
  privileges: readonly string[],
  vcenter: RequestVCenter,
): Promise<readonly string[] | undefined> {
  const { content } = await vcenter.session.ensureLogin(vcenter.callOptions)
  const checks = [
    { ref, privileges: privileges.filter((each) => !isCheckedOnRoot(each)) },
    { ref: content.rootFolder, privileges: privileges.filter(isCheckedOnRoot) },
  ].filter((check) => check.privileges.length > 0)
  const missing = await Promise.all(checks.map((check) => missingPrivileges(vcenter, check)))
  return missing.includes(undefined) ? undefined : missing.flatMap((each) => each ?? []).sort()
}

/**
 * Returns the methods that the state of an object rules out; null without System.Read, which the property and the check of privileges
 * both need: an object without it would fail the check of all others.
 */
function disabledMethodsOf(object: ManagedObject<EntityType>): readonly string[] | null {
  try {
    return object.read('disabledMethod') ?? []
  } catch (error) {
    if (error instanceof VimFaultError && error.is('NoPermission')) return null
    throw error
  }
}
