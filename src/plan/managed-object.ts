// What was retrieved: a bag of managed objects with the values of the paths that were asked for. Resolvers read from it,
// synchronously. Reading a path that nobody declared is a bug of ours and throws.

import {
  expressionAt,
  type ManagedObjectReference,
  type ManagedObjectType,
  type PathExpression,
  type PathValue,
} from '../soap/vim-types.ts'
import type { ObjectContent } from '../vim25/property-collector.ts'
import { fromLocalizedFault } from '../vim25/vim-fault-error.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import type { Page } from './page.ts'

/** A managed object as far as this request has retrieved it. */
export class ManagedObject<M extends ManagedObjectType = ManagedObjectType> {
  readonly ref: ManagedObjectReference
  readonly bag: Bag
  readonly #values = new Map<string, unknown>()
  readonly #missing = new Map<string, Error>()
  readonly #asked = new Set<string>()
  #reported = false

  constructor(bag: Bag, ref: ManagedObjectReference) {
    this.bag = bag
    this.ref = ref
  }

  /** Whether vSphere answered for it; false if it is only known as a reference, or gone, or out of sight. */
  get reported(): boolean {
    return this.#reported
  }

  /** Whether a path was asked for, whatever came of it. */
  wasAsked(path: string): boolean {
    return this.#asked.has(path)
  }

  /**
   * The value at a path; undefined when it is unset or the object was not reported.
   * @throws VimFaultError when vSphere said why it cannot be read (NoPermission and the like).
   */
  read<const P extends string>(path: PathExpression<M, P> extends never ? never : P): PathValue<M, P> {
    const missing = this.#missing.get(path)
    if (missing) throw missing
    const value = this.#values.get(path)
    if (value === undefined && this.#reported && !this.wasAsked(path)) {
      throw new Error(`${this.ref.type} was read at ${path}, which the operation's plan does not ask for`)
    }
    return value as PathValue<M, P>
  }

  /** Like read, but undefined where vSphere would not tell. */
  peek<const P extends string>(path: PathExpression<M, P> extends never ? never : P): PathValue<M, P> {
    return this.#missing.has(path) ? undefined : this.read(path)
  }

  /** The objects that the references at a path name: one, several or none. */
  references(path: string): ManagedObject[] {
    const missing = this.#missing.get(path)
    if (missing) throw missing
    const value = this.#values.get(path) as
      | ManagedObjectReference
      | readonly ManagedObjectReference[]
      | undefined
    if (value === undefined) return []
    return (Array.isArray(value) ? value : [value]).map((ref) => this.bag.get(ref))
  }

  /** Takes in one answer. Values are checked against the declared type of their path. */
  fill({ propSet, missingSet }: ObjectContent, asked: Iterable<string>): void {
    this.#reported = true
    for (const path of asked) this.#asked.add(path)
    for (const { name, val } of propSet ?? []) {
      this.#missing.delete(name)
      this.#values.set(name, checked(this.ref.type, name, val))
    }
    for (const { path, fault } of missingSet ?? []) {
      // A property that this server does not know reads as unset; whoever retrieved it remembers that.
      if (fault.fault._typeName !== 'InvalidProperty') this.#missing.set(path, fromLocalizedFault(fault))
    }
  }
}

export class Bag {
  readonly #objects = new Map<string, ManagedObject>()
  readonly #connections = new Map<string, Set<ConnectionPlan>>()

  /** Keeps a connection whose pages were cut from this bag. */
  keep(connection: ConnectionPlan): void {
    const kept = this.#connections.get(connection.key)
    if (kept) kept.add(connection)
    else this.#connections.set(connection.key, new Set([connection]))
  }

  /** The page of an object's connection; the key says which connection, with which arguments. */
  page(key: string, parent: ManagedObjectReference): Page | undefined {
    for (const connection of this.#connections.get(key) ?? []) {
      const page = connection.page(parent)
      if (page) return page
    }
    return undefined
  }

  /** The object behind a reference; one that was not reported reads as unset everywhere. */
  get<M extends ManagedObjectType>(ref: ManagedObjectReference): ManagedObject<M> {
    const key = `${ref.type} ${ref.value}`
    let object = this.#objects.get(key)
    if (!object) {
      object = new ManagedObject(this, ref)
      this.#objects.set(key, object)
    }
    return object as unknown as ManagedObject<M>
  }
}

const typeofPrimitive: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  int: 'number',
  short: 'number',
  byte: 'number',
}

// The answer's xsi:type decided how the value was decoded; a server that answers another type than the declared one
// must not make a number of a name.
function checked(type: string, path: string, value: unknown): unknown {
  const declared = expressionAt(type, path)
  if (!declared) return value
  const expected = declared.repeated ? 'array' : typeofPrimitive[declared.type]
  const actual = Array.isArray(value) ? 'array' : typeof value
  if (expected !== undefined && expected !== actual)
    throw new TypeError(`vSphere answered ${type}.${path} as ${actual}, which should be ${declared.type}`)
  return value
}
