// The authorization of one vCenter: its users, roles and permissions, and what each user may do.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { Access } from './access.ts'
import { isSameAccount, principalOf } from './accounts.ts'
import { Permissions } from './permissions.ts'
import { type RoleName, roleIds } from './roles.ts'

/** A permission that a user has from the start. */
export interface Grant {
  readonly role: RoleName
  /** An inventory path such as `/Frankfurt`, or a reference. @default the root folder */
  readonly on?: string | ManagedObjectReference
  /** Whether it applies to the objects below, too. @default true */
  readonly propagate?: boolean
}

/** A user that can log in. */
export interface SimulatedUser {
  readonly username: string
  readonly password: string
  /** @default the role Admin on everything */
  readonly grants?: readonly Grant[]
}

const everything: readonly Grant[] = [{ role: 'Admin' }]

export class Authorization {
  readonly permissions: Permissions
  readonly #objects: SimulatedInventory
  readonly #users: readonly Pick<SimulatedUser, 'username'>[]
  readonly #accesses = new Map<string, Access>()

  constructor(objects: SimulatedInventory, users: readonly SimulatedUser[]) {
    this.permissions = new Permissions(objects)
    this.#objects = objects
    this.#users = users
    for (const { username, grants = everything } of users)
      for (const grant of grants) this.grant(username, grant)
  }

  /** Gives a user a role on an object. It replaces the role that the user has by a permission on the same object. */
  grant(username: string, { role, on = '/', propagate = true }: Grant): void {
    const entity = typeof on === 'string' ? this.#at(on) : on
    this.permissions.set({ entity, principal: principalOf(username), roleId: roleIds[role], propagate })
  }

  hasUser(username: string): boolean {
    return this.#users.some((user) => isSameAccount(user.username, username))
  }

  accessOf(username: string): Access {
    const principal = principalOf(username)
    const access =
      this.#accesses.get(principal.toLowerCase()) ?? new Access(principal, this.#objects, this.permissions)
    this.#accesses.set(principal.toLowerCase(), access)
    return access
  }

  /** Returns the object at an inventory path. */
  #at(path: string): ManagedObjectReference {
    let at: ManagedObjectReference = { type: 'Folder', value: 'group-d1' }
    for (const name of path.split('/').filter((each) => each !== '')) {
      const child = [...this.#objects.all()].find(
        (each) =>
          each.get('name') === name && (each.get('parent') as typeof at | undefined)?.value === at.value,
      )
      if (!child) throw new TypeError(`${path} is not an inventory path`)
      at = child.ref
    }
    return at
  }
}
