// Permissions: which user has which role on which object of the inventory, and on the objects below it.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { isSameAccount } from './accounts.ts'
import { parentsOf } from './parents.ts'
import { initialRoles, type Role } from './roles.ts'

export interface Permission {
  readonly entity: ManagedObjectReference
  readonly principal: string
  readonly roleId: number
  /** Whether it applies to the objects below, too. */
  readonly propagate: boolean
}

/** The roles and permissions of one vCenter. */
export class Permissions {
  readonly roles = new Map<number, Role>(initialRoles.map((role) => [role.id, role]))
  readonly #objects: SimulatedInventory
  #all: readonly Permission[] = []
  #version = 0

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
  }

  /** Grows with each change of a role or a permission. */
  get version(): number {
    return this.#version
  }

  get all(): readonly Permission[] {
    return this.#all
  }

  /** Returns the permissions on an object, and with `inherited` those on the objects above that apply to it. */
  on(entity: ManagedObjectReference, inherited = false): Permission[] {
    const own = this.#all.filter((each) => each.entity.value === entity.value)
    if (!inherited) return own
    const users = new Set(this.#all.map(({ principal }) => principal))
    return [...users].flatMap((user) => this.#nearest(entity, user, true))
  }

  /** Returns the permissions that decide the roles of a user on an object: one for each path to the root folder at most. */
  #nearest(entity: ManagedObjectReference, user: string, isOwn: boolean): Permission[] {
    const own = this.on(entity).filter(
      ({ principal, propagate }) => principal === user && (isOwn || propagate),
    )
    if (own.length > 0) return own
    const above = parentsOf(this.#objects.find(entity)).flatMap((each) => this.#nearest(each, user, false))
    return [...new Set(above)]
  }

  of(userName: string): Permission[] {
    return this.#all.filter(({ principal }) => isSameAccount(principal, userName))
  }

  /** Adds a permission. It replaces the one that its user has on the same object. */
  set(permission: Permission): void {
    this.#replace(permission.entity, [
      ...this.on(permission.entity).filter(
        ({ principal }) => !isSameAccount(principal, permission.principal),
      ),
      permission,
    ])
  }

  /** Replaces all permissions on an object. */
  reset(entity: ManagedObjectReference, permissions: readonly Permission[]): void {
    this.#replace(entity, permissions)
  }

  setRole(role: Role): void {
    this.roles.set(role.id, role)
    this.#rolesChanged()
  }

  /** Removes a role, and the permissions with it. */
  removeRole(id: number): void {
    this.roles.delete(id)
    for (const { entity } of this.#all.filter(({ roleId }) => roleId === id))
      this.#replace(
        entity,
        this.on(entity).filter(({ roleId }) => roleId !== id),
      )
    this.#rolesChanged()
  }

  #rolesChanged(): void {
    this.#version += 1
    const manager = this.#objects.find({ type: 'AuthorizationManager', value: 'AuthorizationManager' })
    if (manager) this.#objects.changed(manager, 'roleList')
  }

  #replace(entity: ManagedObjectReference, permissions: readonly Permission[]): void {
    this.#all = [...this.#all.filter((each) => each.entity.value !== entity.value), ...permissions]
    this.#version += 1
    const object = this.#objects.find(entity)
    if (object) this.#objects.changed(object, 'permission')
  }
}
