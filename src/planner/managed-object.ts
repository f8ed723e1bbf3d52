// What was retrieved: a bag of managed objects with the values of the paths that were asked for. Resolvers read from it,
// synchronously. Reading a path that nobody declared is a bug of ours and throws.

import { SoapError } from '../soap/soap-error.ts'
import {
  isEnum,
  isManagedSubtype,
  type ManagedObjectReference,
  type ManagedObjectType,
  type PathExpression,
  type PathValue,
  typeAtPath,
} from '../soap/vim-types.ts'
import type { ObjectContent } from '../vim25/property-collector/property-collector.ts'
import { fromLocalizedFault, VimFaultError } from '../vim25/vim-fault-error.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import type { Page } from './page.ts'

/** Why a property that was asked for cannot be read: vSphere would not tell, or told something that is not of its type. */
type UnreadableError = VimFaultError | SoapError

export const isUnreadable = (error: unknown): error is UnreadableError =>
  error instanceof VimFaultError || error instanceof SoapError

/** Which object could not be read, and why: the same for all of its properties that fail alike. */
const causes = new WeakMap<object, string>()

/** What made a property unreadable, for telling whether two errors have one cause; undefined for other errors. */
export const causeOf = (error: object): string | undefined => causes.get(error)

function noteCause({ type, value }: ManagedObjectReference, error: UnreadableError): void {
  const { privilegeId = '' } =
    error instanceof VimFaultError ? (error.fault as { readonly privilegeId?: string }) : {}
  const why = error instanceof VimFaultError ? `${error.faultName} ${privilegeId}` : error.message
  causes.set(error, `${type} ${value}: ${why}`)
}

/** What is read, or something else where part of the way to it may not be read. */
export function readOr<T, U>(read: () => T, fallback: U): T | U {
  try {
    return read()
  } catch (error) {
    if (isUnreadable(error)) return fallback
    throw error
  }
}

/** Tells a managed object's type by its reference: a portgroup is a Network too. */
export const isOfType = <T extends ManagedObjectType>(
  object: ManagedObject,
  type: T,
): object is ManagedObject<T> => isManagedSubtype(object.ref.type, type)

/** A managed object as far as this request has retrieved it. */
export class ManagedObject<M extends ManagedObjectType = ManagedObjectType> {
  /**
   * For the compiler alone: which type's paths can be read. The methods take it from here and not from the class, so that
   * two ManagedObjects are compared by it and not by every path they have.
   */
  declare readonly declaredType: M
  readonly ref: ManagedObjectReference
  readonly objectCache: ObjectCache
  readonly #values = new Map<string, unknown>()
  // A scan makes ten thousand of these: what is rarely needed, or rarely more than one, is no collection each.
  #errors: Map<string, UnreadableError> | undefined
  #requestedPaths: readonly ReadonlySet<string>[] = noPaths
  #completePaths: readonly ReadonlySet<string>[] = noPaths
  #isLoaded = false
  #isGone = false

  constructor(objectCache: ObjectCache, ref: ManagedObjectReference) {
    this.objectCache = objectCache
    this.ref = ref
  }

  /** Whether vSphere answered for it; false if it is only known as a reference, or gone, or out of sight. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** It was asked for and not told of: it is gone, or out of sight. What may have been told of it before does not count. */
  markGone(): void {
    this.#isLoaded = false
    this.#isGone = true
  }

  /** Whether it is known to be gone, or out of sight; not so where only its reference was of interest. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** Whether a path was asked for, whatever came of it. */
  wasRequested(path: string): boolean {
    return this.#requestedPaths.some((paths) => paths.has(path))
  }

  /** Whether vSphere told what is at a path, or why it would not. That a path was asked of others of the type is not enough. */
  wasReturned(path: string): boolean {
    return this.#values.has(path) || this.isUnreadable(path)
  }

  /**
   * The value at a path; undefined when it is unset or the object was not reported.
   * @throws VimFaultError when vSphere said why it cannot be read (NoPermission and the like); SoapError for a value of a wrong type.
   */
  read<N extends ManagedObjectType, const P extends string>(
    this: ManagedObject<N>,
    path: PathExpression<N, P> extends never ? never : P,
  ): PathValue<N, P> {
    const missing = this.#errors?.get(path)
    if (missing) throw missing
    const value = this.#values.get(path)
    if (value === undefined && this.#isLoaded && !this.wasRequested(path)) {
      throw unplannedReadError(this.ref, path)
    }
    return value as never
  }

  /** Takes note that all of these paths were asked for of this very object, and answered as far as they are set. */
  markComplete(paths: ReadonlySet<string>): void {
    this.#completePaths = appendUnique(this.#completePaths, paths)
  }

  /** Whether there is nothing to learn by asking for a path again. */
  isComplete(path: string): boolean {
    return this.#completePaths.some((paths) => paths.has(path))
  }

  /** Whether vSphere would not tell what is at a path. */
  isUnreadable(path: string): boolean {
    return this.#errors?.has(path) ?? false
  }

  /** Like read, but undefined where vSphere would not tell. */
  tryRead<N extends ManagedObjectType, const P extends string>(
    this: ManagedObject<N>,
    path: PathExpression<N, P> extends never ? never : P,
  ): PathValue<N, P> {
    return this.#errors?.has(path) ? undefined : this.read(path)
  }

  /** The objects that the references at a path name: one, several or none. */
  references<T extends ManagedObjectType>(path: string): ManagedObject<T>[] {
    const missing = this.#errors?.get(path)
    if (missing) throw missing
    const value = this.#values.get(path) as
      | ManagedObjectReference
      | readonly ManagedObjectReference[]
      | undefined
    if (value === undefined && this.#isLoaded && !this.wasRequested(path))
      throw unplannedReadError(this.ref, path)
    if (value === undefined) return []
    return (Array.isArray(value) ? value : [value]).map((ref) => this.objectCache.get<T>(ref))
  }

  #recordError(path: string, error: UnreadableError): void {
    noteCause(this.ref, error)
    this.#errors ??= new Map()
    this.#errors.set(path, error)
  }

  /** Takes in one answer. Values are checked against the declared type of their path. */
  merge({ propSet, missingSet }: ObjectContent, requested: ReadonlySet<string>): void {
    this.#isLoaded = true
    // Shared by all objects of a type, so it is kept as it is.
    this.#requestedPaths = appendUnique(this.#requestedPaths, requested)
    for (const { name, val } of propSet ?? []) {
      const problem = val instanceof SoapError ? val : typeMismatch(this.ref.type, name, val)
      if (problem) this.#recordError(name, problem)
      else {
        this.#errors?.delete(name)
        this.#values.set(name, val)
      }
    }
    for (const { path, fault } of missingSet ?? []) {
      // A property that this server does not know reads as unset; whoever retrieved it remembers that.
      if (fault.fault._typeName !== 'InvalidProperty') this.#recordError(path, fromLocalizedFault(fault))
    }
  }
}

const noPaths: readonly never[] = []

const appendUnique = <T>(known: readonly T[], one: T): readonly T[] =>
  known.includes(one) ? known : known.length === 0 ? [one] : [...known, one]

const unplannedReadError = ({ type }: ManagedObjectReference, path: string): Error =>
  new Error(`${type} was read at ${path}, which the operation's plan does not ask for`)

export class ObjectCache {
  readonly #objects = new Map<string, ManagedObject>()
  readonly #connections = new Map<string, Set<ConnectionPlan>>()

  /** Keeps a connection whose pages were cut from this bag. */
  addConnection(connection: ConnectionPlan): void {
    const connections = this.#connections.get(connection.key)
    if (connections) connections.add(connection)
    else this.#connections.set(connection.key, new Set([connection]))
  }

  /** The page of an object's connection that was planned for these fields; the key says which connection, with which arguments. */
  page(key: string, parent: ManagedObjectReference, fields: readonly object[]): Page | undefined {
    for (const connection of this.#connections.get(key) ?? []) {
      // Elsewhere in the operation the same connection may select less, or have been read at another moment.
      const page = fields.every((field) => connection.fields.has(field)) ? connection.page(parent) : undefined
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

// The answer's xsi:type decided how the value was decoded; a server that answers another type than the declared one
// must not make a number of a name. It spoils that one property of that one object.
function typeMismatch(type: string, path: string, value: unknown): UnreadableError | undefined {
  const declared = typeAtPath(type, path)
  if (!declared) return undefined
  const values = declared.repeated ? value : [value]
  if (Array.isArray(values) && values.every((each) => hasType(declared.type, each))) return undefined
  return new SoapError(`vSphere answered ${type}.${path} with something that is no ${declared.type}`)
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case 'anyType':
      return true
    case 'boolean':
    case 'string':
      return typeof value === type
    case 'byte':
    case 'short':
    case 'int':
    case 'float':
    case 'double':
      return typeof value === 'number'
    case 'long':
      return typeof value === 'number' || typeof value === 'bigint'
    case 'dateTime':
      return value instanceof Date
  }
  if (isEnum(type)) return typeof value === 'string'
  // Subtypes that we do not know are let through; what we know of them is read by name.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
