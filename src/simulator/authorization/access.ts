// What one user may do to the objects of the inventory: the roles on each, by the nearest permission above it.

import { isManagedSubtype } from '../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { parentProperties, parentsOf } from './parents.ts'
import type { Permission, Permissions } from './permissions.ts'
import { type Role, roleIds } from './roles.ts'

/** The object that privileges on managers of the vCenter are checked on. */
const rootFolder: ManagedObjectReference = { type: 'Folder', value: 'group-d1' }

export class Access {
  readonly userName: string
  readonly #objects: SimulatedInventory
  readonly #permissions: Permissions
  #version = -1
  #own: ReadonlyMap<string, Permission> = new Map()
  /** Objects above one that the user has a role on: their names are visible. */
  #ancestors: ReadonlySet<string> = new Set()
  /** Whether the user is an administrator of everything. */
  #isAdministrator = false
  readonly #roles = new Map<string, readonly number[]>()
  readonly #inherited = new Map<string, readonly number[]>()

  constructor(userName: string, objects: SimulatedInventory, permissions: Permissions) {
    this.userName = userName
    this.#objects = objects
    this.#permissions = permissions
    const forget = () => {
      this.#version = -1
    }
    objects.on('changed', (_, property) => {
      if (parentProperties.has(property)) forget()
    })
    objects.on('removed', ({ type }) => {
      if (isManagedSubtype(type, 'ManagedEntity')) forget()
    })
  }

  /** Grows with each change of a role or a permission. */
  get version(): number {
    return this.#permissions.version
  }

  /** Returns the permissions of all users on an object. */
  permissionsOn(entity: ManagedObjectReference): Permission[] {
    return this.#permissions.on(entity)
  }

  /** Whether the user has a role on any object. */
  get hasAny(): boolean {
    this.#refresh()
    return this.#ancestors.size > 0
  }

  /** Returns the ids of the user's roles on an object, or on the object that its privileges depend on. */
  rolesOn(ref: ManagedObjectReference): readonly number[] {
    this.#refresh()
    return this.#rolesOn(this.entityOf(ref))
  }

  has(ref: ManagedObjectReference, privilege: string): boolean {
    this.#refresh()
    if (this.#isAdministrator)
      return this.#permissions.roles.get(roleIds.Admin)?.privileges.has(privilege) ?? false
    return this.rolesOn(ref).some((id) => this.#roleWith(id)?.privileges.has(privilege))
  }

  /** Returns all privileges on an object. */
  privilegesOn(ref: ManagedObjectReference): Set<string> {
    return new Set(this.rolesOn(ref).flatMap((id) => [...(this.#roleWith(id)?.privileges ?? [])]))
  }

  /** Whether the user sees that an object exists, or, if it was removed, that it existed. */
  canView(ref: ManagedObjectReference): boolean {
    return this.#objects.find(ref) ? this.has(ref, 'System.View') : this.has(rootFolder, 'System.Read')
  }

  /**
   * Returns the object of the inventory that privileges on an object depend on: for a snapshot its virtual machine, for a task the
   * object that it changes, for an alarm the object that it is defined on, for managers of the vCenter the root folder.
   */
  entityOf(ref: ManagedObjectReference): ManagedObjectReference {
    if (isManagedSubtype(ref.type, 'ManagedEntity')) return ref
    const object = this.#objects.find(ref)
    if (ref.type === 'VirtualMachineSnapshot')
      return (object?.get('vm') as typeof ref | undefined) ?? rootFolder
    if (ref.type !== 'Task' && ref.type !== 'Alarm') return rootFolder
    const { entity } = (object?.get('info') ?? {}) as Partial<DataObject<'TaskInfo' | 'AlarmInfo'>>
    // A removed object has no permissions.
    return entity && this.#objects.find(entity) ? entity : rootFolder
  }

  #roleWith(id: number): Role | undefined {
    return this.#permissions.roles.get(id)
  }

  #rolesOn(entity: ManagedObjectReference): readonly number[] {
    const known = this.#roles.get(entity.value)
    if (known) return known
    const object = this.#objects.find(entity)
    const own = this.#own.get(entity.value)
    const granted = own
      ? [own.roleId]
      : unique(parentsOf(object).flatMap((each) => this.#inheritedFrom(each)))
    const isVisible = granted.some((id) => this.#roleWith(id)?.privileges.has('System.View'))
    const roles = !isVisible && this.#ancestors.has(entity.value) ? [roleIds.View] : granted
    // A removed object has no parents, but its roles were those of its place in the inventory.
    if (object) this.#roles.set(entity.value, roles)
    return roles
  }

  /** Returns the roles that an object passes on to the objects below it. */
  #inheritedFrom(ref: ManagedObjectReference): readonly number[] {
    const known = this.#inherited.get(ref.value)
    if (known) return known
    const own = this.#own.get(ref.value)
    const roles = own?.propagate
      ? [own.roleId]
      : unique(parentsOf(this.#objects.find(ref)).flatMap((each) => this.#inheritedFrom(each)))
    this.#inherited.set(ref.value, roles)
    return roles
  }

  /** Reads the permissions again after they or the inventory's tree have changed. */
  #refresh(): void {
    if (this.#version === this.#permissions.version) return
    this.#version = this.#permissions.version
    this.#roles.clear()
    this.#inherited.clear()
    const own = this.#permissions.of(this.userName)
    this.#own = new Map(own.map((each) => [each.entity.value, each]))
    const [first] = own
    this.#isAdministrator =
      own.length === 1 &&
      first?.entity.value === rootFolder.value &&
      first.propagate &&
      first.roleId === roleIds.Admin
    const visible = own.filter(({ roleId }) => this.#roleWith(roleId)?.privileges.has('System.View'))
    const ancestors = new Set<string>()
    const pending = visible.map(({ entity }) => entity)
    for (let at = pending.pop(); at; at = pending.pop()) {
      if (ancestors.has(at.value)) continue
      ancestors.add(at.value)
      pending.push(...parentsOf(this.#objects.find(at)))
    }
    this.#ancestors = ancestors
  }
}

const unique = (ids: readonly number[]): readonly number[] => [...new Set(ids)].sort((a, b) => b - a)
