// Properties that depend on permissions, most of which differ between sessions.

import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { Access } from '../../authorization/access.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'

/** The session for which objects are selected and read: the objects that it finds, and the rights of its user. */
export interface Viewer {
  find(ref: ManagedObjectReference): SimulatedObject | undefined
  readonly session: { readonly access: Access }
}

type SessionValue = (object: SimulatedObject, access: Access) => unknown

const sessionValues: Readonly<Record<string, SessionValue>> = {
  effectiveRole: ({ ref }, access) => access.rolesOn(ref),
  permission: ({ ref }, access) => access.permissionsOn(ref).map((each) => ({ ...each, group: false })),
  // Of the task manager, the tasks of all objects.
  recentTask: (object, access) =>
    (object.get('recentTask') as readonly ManagedObjectReference[] | undefined)?.filter((task) =>
      access.canView(task),
    ),
}

/** Returns how the value of a property is derived for a session; undefined if it is the same for all sessions. */
export const sessionValueOf = (property: string): SessionValue | undefined =>
  Object.hasOwn(sessionValues, property) ? sessionValues[property] : undefined
