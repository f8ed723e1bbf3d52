// Retrieved data of a request: managed objects with the values of the requested paths. Resolvers read it
// synchronously. Reading a path that no field declared is a bug in the gateway and throws.

import { SoapError } from '../soap/soap-error.ts'
import { isManagedSubtype } from '../soap/type-registry.ts'
import type {
  DataObject,
  ManagedObjectReference,
  ManagedObjectType,
  PathExpression,
  PathValue,
} from '../soap/vim-types.ts'
import { fromLocalizedFault, VimFaultError } from '../vim25/vim-fault-error.ts'
import { allDevices, type DevicePath, isDevicePath } from './device-path.ts'
import { typeMismatch } from './type-mismatch.ts'

/** Why a requested property cannot be read: vSphere returned a fault, or a value of the wrong type. */
type UnreadableError = VimFaultError | SoapError

export const isUnreadable = (error: unknown): error is UnreadableError =>
  error instanceof VimFaultError || error instanceof SoapError

/** The object and the reason for each error: equal for all properties of an object that fail for the same reason. */
const causes = new WeakMap<object, string>()

/** Returns the cause of an unreadable property, to detect errors with the same cause; undefined for other errors. */
export const causeOf = (error: object): string | undefined => causes.get(error)

function recordCause({ type, value }: ManagedObjectReference, error: UnreadableError): void {
  const { privilegeId = '' } =
    error instanceof VimFaultError ? (error.fault as { readonly privilegeId?: string }) : {}
  const why = error instanceof VimFaultError ? `${error.faultName} ${privilegeId}` : error.message
  causes.set(error, `${type} ${value}: ${why}`)
}

/** Returns the result of `read`, or the fallback if a property on the path cannot be read. */
export function readOr<T, U>(read: () => T, fallback: U): T | U {
  try {
    return read()
  } catch (error) {
    if (isUnreadable(error)) return fallback
    throw error
  }
}

/** Checks the type of a managed object by its reference, including subtypes: a portgroup is a Network too. */
export const isOfType = <T extends ManagedObjectType>(
  object: ManagedObject,
  type: T,
): object is ManagedObject<T> => isManagedSubtype(object.ref.type, type)

/** Like `isOfType`, but a datastore cluster, which is a Folder in vim25, has a type of its own in the schema. */
export const isEntityOf = <T extends ManagedObjectType>(
  object: ManagedObject,
  type: T,
): object is ManagedObject<T> =>
  isOfType(object, type) && !(type === 'Folder' && isOfType(object as ManagedObject, 'StoragePod'))

/** A managed object with the data that this request has retrieved so far. */
export class ManagedObject<M extends ManagedObjectType = ManagedObjectType> {
  /**
   * For the compiler only: the type whose paths can be read. The methods take the type from here and not from
   * the class, so that the compiler compares two ManagedObjects by this property and not by every path.
   */
  declare readonly declaredType: M
  readonly ref: ManagedObjectReference
  readonly objectCache: ObjectCache
  /** The values by the positions of their paths, which all objects of the type share. */
  readonly #positions: Map<string, number>
  readonly #values: unknown[] = []
  // A scan creates ten thousand of these, so rarely used collections are created lazily or shared.
  #errors: Map<string, UnreadableError> | undefined
  #requestedPaths: readonly ReadonlySet<string>[] = noPaths
  #completePaths: readonly ReadonlySet<string>[] = noPaths
  #isLoaded = false
  #isMissing = false

  /** @param positions a number for each path, the same map for all objects of the type; new paths are added to it */
  constructor(objectCache: ObjectCache, ref: ManagedObjectReference, positions: Map<string, number>) {
    this.objectCache = objectCache
    this.ref = ref
    this.#positions = positions
  }

  /** The inventory source that it is read from. */
  get source(): object {
    return this.objectCache.source
  }

  /**
   * Whether vSphere returned the object; false if only its reference is known, it no longer exists, or it is
   * not visible.
   */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Marks an object that was requested but not returned: deleted or not visible. Overrides earlier results. */
  markMissing(): void {
    this.#isLoaded = false
    this.#isMissing = true
  }

  /** Whether the object is known to be deleted or not visible; false if only its reference was needed. */
  get isMissing(): boolean {
    return this.#isMissing
  }

  /** Whether a path was requested, regardless of the result. */
  wasRequested(path: string): boolean {
    return this.#requestedPaths.some((paths) => paths.has(path))
  }

  /**
   * Whether vSphere returned a value or an error for a path of this object. A request for other objects does
   * not count.
   */
  wasReturned(path: string): boolean {
    return this.#valueAt(path) !== undefined || this.isUnreadable(path)
  }

  /**
   * Returns the value at a path; undefined if it is unset or the object was not returned.
   * @throws VimFaultError if vSphere reported why it cannot be read (such as NoPermission); SoapError for a
   * value of the wrong type.
   */
  read<N extends ManagedObjectType, const P extends string>(
    this: ManagedObject<N>,
    path: PathExpression<N, P> extends never ? never : P,
  ): PathValue<N, P> {
    return this.#read(path) as never
  }

  #read(path: string): unknown {
    if (this.#errors?.has(path)) throw this.#errors.get(path)
    const value = this.#valueAt(path)
    if (value === undefined && this.#isLoaded && !this.wasRequested(path))
      throw unplannedReadError(this.ref, path)
    return value
  }

  /** Records that these paths were requested for this object and that every set value was returned. */
  markComplete(paths: ReadonlySet<string>): void {
    this.#completePaths = appendUnique(this.#completePaths, paths)
  }

  /** Whether requesting a path again would return nothing new. */
  isComplete(path: string): boolean {
    return this.#completePaths.some((paths) => paths.has(path))
  }

  /** Whether vSphere returned an error instead of the value at a path. */
  isUnreadable(path: string): boolean {
    return this.#errors?.has(path) ?? false
  }

  /** Like read, but returns undefined if the value is unreadable. */
  tryRead<N extends ManagedObjectType, const P extends string>(
    this: ManagedObject<N>,
    path: PathExpression<N, P> extends never ? never : P,
  ): PathValue<N, P> {
    return this.#errors?.has(path) ? undefined : this.read(path)
  }

  /** Returns the devices at a path of `devicesOf`, of which only those of its types have properties; undefined if unset. */
  devices(
    this: ManagedObject<'VirtualMachine' | 'VirtualMachineSnapshot'>,
    path: DevicePath,
  ): readonly DataObject<'VirtualDevice'>[] | undefined {
    return this.read(path as never)
  }

  /** Returns the objects that the references at a path name: one, several or none. */
  references<T extends ManagedObjectType>(path: string): ManagedObject<T>[] {
    const value = this.#read(path) as ManagedObjectReference | readonly ManagedObjectReference[] | undefined
    if (value === undefined) return []
    return (Array.isArray(value) ? value : [value]).map((ref) => this.objectCache.get<T>(ref))
  }

  #valueAt(path: string): unknown {
    const position = this.#positions.get(path)
    return position === undefined ? undefined : this.#values[position]
  }

  /** Merges one result. Checks each value against the declared type of its path. */
  merge({ propSet, missingSet }: DataObject<'ObjectContent'>, requested: ReadonlySet<string>): void {
    this.#isLoaded = true
    // Shared by all objects of a type, so it is kept by reference.
    this.#requestedPaths = appendUnique(this.#requestedPaths, requested)
    for (const { name, val } of propSet ?? []) {
      const error = val instanceof SoapError ? val : typeMismatch(this.ref.type, name, val)
      this.#record(name, error ?? val, requested)
    }
    for (const { path, fault } of missingSet ?? []) {
      // A property that this server does not know reads as unset; retrieveProperties remembers it.
      if (fault.fault._typeName === 'InvalidProperty') continue
      this.#record(path, fromLocalizedFault(fault), requested)
    }
  }

  /** Records a value or an error for the paths of the plan that a property was requested for. */
  #record(property: string, result: unknown, requested: ReadonlySet<string>): void {
    if (property !== allDevices) this.#recordAt(property, result)
    else for (const path of requested) if (isDevicePath(path)) this.#recordAt(path, result)
  }

  #recordAt(path: string, result: unknown): void {
    if (isUnreadable(result)) {
      recordCause(this.ref, result)
      this.#errors ??= new Map()
      this.#errors.set(path, result)
      return
    }
    this.#errors?.delete(path)
    const position = this.#positions.get(path) ?? this.#positions.size
    this.#positions.set(path, position)
    this.#values[position] = result
  }
}

const noPaths: readonly never[] = []

const appendUnique = <T>(known: readonly T[], one: T): readonly T[] =>
  known.includes(one) ? known : known.length === 0 ? [one] : [...known, one]

const unplannedReadError = ({ type }: ManagedObjectReference, path: string): Error =>
  new Error(`${type}.${path} was read, but the operation's plan does not include it`)

/** The objects that one reader has read. */
export class ObjectCache {
  /** The inventory source that its objects are read from. It identifies their vCenter. */
  readonly source: object
  /** The objects and the positions of their paths, by type. */
  readonly #types = new Map<
    string,
    { readonly objects: Map<string, ManagedObject>; readonly positions: Map<string, number> }
  >()

  constructor(source: object) {
    this.source = source
  }

  /** Returns the object behind a reference; one that was not returned reads as unset everywhere. */
  get<M extends ManagedObjectType>(ref: ManagedObjectReference): ManagedObject<M> {
    let type = this.#types.get(ref.type)
    if (!type) {
      type = { objects: new Map(), positions: new Map() }
      this.#types.set(ref.type, type)
    }
    let object = type.objects.get(ref.value)
    if (!object) {
      object = new ManagedObject(this, ref, type.positions)
      type.objects.set(ref.value, object)
    }
    return object as unknown as ManagedObject<M>
  }
}
