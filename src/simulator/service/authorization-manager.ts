// AuthorizationManager: roles, permissions, and checks of privileges.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Access } from '../authorization/access.ts'
import { principalOf } from '../authorization/accounts.ts'
import type { Authorization } from '../authorization/authorization.ts'
import type { Permission } from '../authorization/permissions.ts'
import { privilegeGroups, privilegeIds, privileges } from '../authorization/privileges.ts'
import { isGrantable, type Role, roleIds, systemPrivileges } from '../authorization/roles.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { authorizationManager, rootFolder } from './service-content.ts'
import { findOrFault, invalidArgument, type ServiceMethodTable } from './service-method.ts'
import type { Sessions } from './sessions.ts'

/** Adds the manager, and lets objects report the permissions on them. */
export function addAuthorizationManager(
  objects: SimulatedInventory,
  { permissions: { roles } }: Authorization,
): void {
  objects.add('AuthorizationManager', authorizationManager.value, {
    privilegeList,
    roleList: () => [...roles.values()].map(toRole),
    description,
  })
}

export function authorizationManagerMethods(
  authorization: Authorization,
  sessions: Sessions,
): ServiceMethodTable {
  const { permissions } = authorization
  const accessOfSession = (key: string): Access | undefined => sessions.withKey(key)?.access
  const requireRole = (id: number): Role => {
    const role = permissions.roles.get(id)
    if (!role) throw new VimFault({ _typeName: 'NotFound' })
    return role
  }
  const requireOwnRole = (id: number): Role => {
    const role = requireRole(id)
    if (role.isSystem) throw invalidArgument('roleId')
    return role
  }
  const assertNewName = (name: string, others: readonly Role[]) => {
    if (name.trim() === '') throw new VimFault({ _typeName: 'InvalidName', name })
    if (others.some((role) => role.name === name)) throw new VimFault({ _typeName: 'AlreadyExists', name })
  }
  /** @returns the permissions as they are stored, after checks of their users and roles */
  const checked = (
    entity: ManagedObjectReference,
    given: readonly DataObject<'Permission'>[],
  ): Permission[] =>
    given.map(({ principal, group, roleId, propagate }) => {
      if (group || !authorization.hasUser(principal))
        throw new VimFault({ _typeName: 'UserNotFound', principal, unresolved: false })
      if (!isGrantable(requireRole(roleId))) throw invalidArgument('permission')
      return { entity, principal: principalOf(principal), roleId, propagate }
    })
  /** Changes the permissions on an object, unless the vCenter would have no administrator afterwards. */
  const change = (entity: ManagedObjectReference, next: readonly Permission[]) => {
    const isAdmin = ({ roleId, propagate }: Permission) => roleId === roleIds.Admin && propagate
    if (entity.value === rootFolder.value && !next.some(isAdmin))
      throw new VimFault({ _typeName: 'AuthMinimumAdminPermission' })
    permissions.reset(entity, next)
  }

  return {
    AddAuthorizationRole({ args: { name, privIds } }) {
      const roles = [...permissions.roles.values()]
      assertNewName(name, roles)
      const id = Math.max(...roles.map((role) => role.id)) + 1
      permissions.setRole(newRole(id, name, privIds))
      return id
    },

    UpdateAuthorizationRole({ args: { roleId, newName, privIds } }) {
      const role = requireOwnRole(roleId)
      assertNewName(
        newName,
        [...permissions.roles.values()].filter((each) => each !== role),
      )
      permissions.setRole(newRole(roleId, newName, privIds))
    },

    RemoveAuthorizationRole({ args: { roleId, failIfUsed } }) {
      requireOwnRole(roleId)
      const isUsed = permissions.all.some((each) => each.roleId === roleId)
      if (isUsed && failIfUsed) throw new VimFault({ _typeName: 'RemoveFailed' })
      permissions.removeRole(roleId)
    },

    RetrieveRolePermissions({ args: { roleId } }) {
      requireRole(roleId)
      return permissions.all.filter((each) => each.roleId === roleId).map(toPermission)
    },

    RetrieveAllPermissions: () => permissions.all.map(toPermission),

    RetrieveEntityPermissions({ args: { entity, inherited }, find }) {
      findOrFault({ find }, entity)
      return permissions.on(entity, inherited).map(toPermission)
    },

    SetEntityPermissions({ args: { entity, permission }, find }) {
      findOrFault({ find }, entity)
      const added = checked(entity, permission ?? [])
      const kept = permissions
        .on(entity)
        .filter(({ principal }) => !added.some((each) => each.principal === principal))
      change(entity, [...kept, ...added])
    },

    ResetEntityPermissions({ args: { entity, permission }, find }) {
      findOrFault({ find }, entity)
      change(entity, checked(entity, permission ?? []))
    },

    RemoveEntityPermission({ args: { entity, user, isGroup }, find }) {
      findOrFault({ find }, entity)
      const principal = principalOf(user)
      const kept = permissions.on(entity).filter((each) => each.principal !== principal)
      if (isGroup || kept.length === permissions.on(entity).length)
        throw new VimFault({ _typeName: 'NotFound' })
      change(entity, kept)
    },

    HasPrivilegeOnEntity({ args: { entity, sessionId, privId }, find }) {
      findOrFault({ find }, entity)
      const access = accessOfSession(sessionId)
      return (privId ?? []).map((id) => access?.has(entity, id) ?? false)
    },

    HasPrivilegeOnEntities({ args: { entity, sessionId, privId }, find }) {
      const access = accessOfSession(sessionId)
      return (entity ?? []).map((ref) => {
        findOrFault({ find }, ref)
        return availability(ref, privId, access)
      })
    },

    HasUserPrivilegeOnEntities({ args: { entities, userName, privId }, find }) {
      const access = requireUser(authorization, userName)
      return (entities ?? []).map((ref) => {
        findOrFault({ find }, ref)
        return availability(access.entityOf(ref), privId, access)
      })
    },

    FetchUserPrivilegeOnEntities({ args: { entities, userName }, find }) {
      const access = requireUser(authorization, userName)
      return (entities ?? []).map((ref) => {
        findOrFault({ find }, ref)
        return { entity: ref, privileges: [...access.privilegesOn(ref)] }
      })
    },
  }
}

/** A user that does not exist is an invalid argument. */
function requireUser(authorization: Authorization, userName: string): Access {
  if (!authorization.hasUser(userName)) throw invalidArgument('userName')
  return authorization.accessOf(userName)
}

const availability = (
  entity: ManagedObjectReference,
  privIds: readonly string[] = [],
  access: Access | undefined,
) => ({
  entity,
  privAvailability: privIds.map((privId) => ({ privId, isGranted: access?.has(entity, privId) ?? false })),
})

function newRole(id: number, name: string, privIds: readonly string[] = []): Role {
  if (!privIds.every((each) => privilegeIds.has(each))) throw invalidArgument('privIds')
  const all = new Set([...systemPrivileges, ...privIds])
  return { id, name, label: name, summary: name, isSystem: false, privileges: all }
}

const toRole = ({ id, isSystem, name, label, summary, privileges: ids }: Role) => ({
  roleId: id,
  system: isSystem,
  name,
  info: { label, summary },
  privilege: [...ids],
})

const toPermission = ({ entity, principal, roleId, propagate }: Permission) => ({
  entity,
  principal,
  group: false,
  roleId,
  propagate,
})

/** Turns a name such as `CreateSnapshot` into the words that a vCenter shows. */
function describe(key: string, name: string): DataObject<'ElementDescription'> {
  const words = name.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  )
  return { label: words, summary: words, key }
}

const privilegeList = privileges.map(({ id, name, group }) => ({
  privId: id,
  onParent: false,
  name,
  privGroupName: group,
}))

const description = {
  privilege: privileges.map(({ id, name }) => describe(id, name)),
  privilegeGroup: privilegeGroups.map((group) => describe(group, group.split('.').at(-1) ?? group)),
}
