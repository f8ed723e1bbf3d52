// Derives TypeScript types from the vim25 declarations: the compiler knows from the table that `capacityInKB` is a long.
// type-registry.ts has the lookups on the same declarations at run time, so that each type is declared once for both.

import type { dataObjects } from './declarations/data-objects.ts'
import type { enums } from './declarations/enums.ts'
import type { events } from './declarations/events.ts'
import type { faults } from './declarations/faults.ts'
import type { managedObjects } from './declarations/managed-objects.ts'

/** A managed object reference: the managed object's type and its moid. */
export interface ManagedObjectReference {
  readonly type: string
  readonly value: string
  /** Only set on references into another vCenter. */
  readonly serverGuid?: string
}

/** The XML Schema types that vim25 uses. A long that a number cannot represent exactly is a bigint. A dateTime has milliseconds. */
export interface Primitives {
  boolean: boolean
  byte: number
  short: number
  int: number
  long: number | bigint
  float: number
  double: number
  string: string
  dateTime: Date
  base64Binary: Uint8Array
  anyType: unknown
}

type DataObjects = typeof dataObjects & typeof events & typeof faults
type Enums = typeof enums
type ManagedObjects = typeof managedObjects

export type DataObjectName = keyof DataObjects
export type FaultName = keyof typeof faults
export type EnumName = keyof Enums
/** A declared value of an enumeration. A server may send others. */
export type EnumValue<E extends EnumName> = Enums[E][number]
export type ManagedObjectType = keyof ManagedObjects

/** The type name in a type expression, without `?` or `*`. */
type NameOf<E> = E extends `${infer N}?` ? N : E extends `${infer N}*` ? N : E

type Named<N> = N extends 'ManagedObjectReference'
  ? ManagedObjectReference
  : N extends keyof Primitives
    ? Primitives[N]
    : N extends EnumName
      ? Enums[N][number] | (string & {})
      : N extends DataObjectName
        ? DataObject<N>
        : unknown

/** The TypeScript type of a type expression, such as `int`, `string?` or `VirtualDevice*`. */
export type ValueOf<E> = E extends `${infer N}*`
  ? readonly Named<N>[]
  : E extends `${infer N}?`
    ? Named<N> | undefined
    : Named<E>

type OwnFields<N extends DataObjectName> = DataObjects[N] extends { fields: infer F } ? F : never
type BaseOf<T> = T extends { extends: infer B } ? B : never
type AllFields<N> = N extends DataObjectName
  ? OwnFields<N> & (BaseOf<DataObjects[N]> extends never ? unknown : AllFields<BaseOf<DataObjects[N]>>)
  : unknown

type Optional<F> = { [K in keyof F]: F[K] extends `${string}?` | `${string}*` ? K : never }[keyof F]

/** A vim25 data object. `_typeName` is its dynamic type, which may be a subtype of `N`. It is always set on decoded objects. */
export type DataObject<N extends DataObjectName> = { readonly _typeName?: string } & {
  readonly [K in Exclude<keyof AllFields<N>, Optional<AllFields<N>>>]: ValueOf<AllFields<N>[K]>
} & { readonly [K in Optional<AllFields<N>>]?: ValueOf<AllFields<N>[K]> }

type Properties<M extends ManagedObjectType> = ManagedObjects[M] extends { properties: infer P } ? P : never
type AllProperties<M> = M extends ManagedObjectType
  ? Properties<M> &
      (BaseOf<ManagedObjects[M]> extends never ? unknown : AllProperties<BaseOf<ManagedObjects[M]>>)
  : unknown

type Step<E, Rest extends string> =
  NameOf<E> extends DataObjectName ? PathIn<AllFields<NameOf<E>>, Rest> : never
type PathIn<F, P extends string> = P extends keyof F
  ? F[P]
  : P extends `${infer Head}.${infer Rest}`
    ? Head extends keyof F
      ? F[Head] extends `${string}*`
        ? never
        : Step<F[Head], Rest>
      : KeyedPathIn<F, P>
    : KeyedPathIn<F, P>

/** A path that selects an array element by a string key. The key may contain dots: `extraConfig["a.b"].value`. */
type KeyedPathIn<F, P extends string> = P extends `${infer Head}["${string}"].${infer Rest}`
  ? Head extends keyof F
    ? F[Head] extends `${string}*`
      ? Step<F[Head], Rest>
      : never
    : never
  : P extends `${infer Head}["${string}"]`
    ? Head extends keyof F
      ? F[Head] extends `${infer Item}*`
        ? `${Item}?`
        : never
      : never
    : never

/** The type expression at a property path, or never if there is no such path. */
export type PathExpression<M extends ManagedObjectType, P extends string> = PathIn<AllProperties<M>, P>

/** The value at a property path; undefined if the property is unset, also for an array. */
export type PathValue<M extends ManagedObjectType, P extends string> =
  | ValueOf<PathExpression<M, P>>
  | undefined

/** The top-level property names of a managed object type, without paths. */
export type PropertyName<M extends ManagedObjectType> = keyof AllProperties<M> & string
