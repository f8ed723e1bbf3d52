// The field method `t.vimProperty`: a field that is read at a property path of its managed object. The declaration is data: the
// planner retrieves its paths, the resolver reads them, and others find it in the field's extensions.

import {
  FieldBuilder,
  type FieldKind,
  type FieldNullability,
  type FieldRef,
  type SchemaTypes,
  type ShapeFromTypeParam,
  type TypeParam,
} from '@pothos/core'
import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import type { ManagedObjectType, PathExpression, PathValue } from '../../soap/vim-types.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { Marks } from './criteria/marks.ts'
import { nodeAt, requires, requiresPaths } from './field-requirements.ts'

/** Where the value of a field comes from. */
export interface VimProperty {
  readonly path: string
  /** A path that is read too, and used if the first one is unset or may not be read. */
  readonly fallback?: string | undefined
  /** The subtype whose objects have the property. The field is null for objects of other types. */
  readonly subtype?: ManagedObjectType | undefined
  /** Converts the value of vSphere to that of the field. @default the same value */
  readonly decode?: ((value: never) => unknown) | undefined
  /** Converts the value of the fallback, if it has another unit. @default `decode` */
  readonly decodeFallback?: ((value: never) => unknown) | undefined
}

/** A path of a managed object type; `never` if the type does not declare it. */
type CheckedPath<M extends ManagedObjectType, P extends string> =
  PathExpression<M, P> extends never ? never : P

/** The managed object type that backs a GraphQL type. */
type ManagedTypeOf<ParentShape> = ParentShape extends ManagedObject<infer M> ? M : never

/** `decode` may only be omitted if the value of vSphere is a value of the field. */
type Decode<Value, Shape> = [Value] extends [Shape]
  ? { readonly decode?: (value: Value) => Shape }
  : { readonly decode: (value: Value) => Shape }

type VimPropertyOptions<
  Types extends SchemaTypes,
  M extends ManagedObjectType,
  Subtype extends ManagedObjectType,
  P extends string,
  Fallback extends string,
  Type extends TypeParam<Types>,
  Nullable extends FieldNullability<Type>,
> = {
  readonly type: Type
  readonly description: string
  readonly nullable?: Nullable
  readonly fallback?: CheckedPath<M, Fallback>
  readonly decodeFallback?: (
    value: NonNullable<PathValue<M, Fallback>>,
  ) => ShapeFromTypeParam<Types, Type, true>
  readonly subtype?: Subtype
  readonly derives?: Marks
} & Decode<NonNullable<PathValue<Subtype, P>>, ShapeFromTypeParam<Types, Type, true>>

declare global {
  export namespace PothosSchemaTypes {
    export interface FieldBuilder<
      Types extends SchemaTypes,
      ParentShape,
      Kind extends FieldKind = FieldKind,
    > {
      /**
       * Declares a field that is read at a property path. The field is null if the path is unset.
       *
       * @param path - a path that the managed object type declares; the compiler checks it
       */
      vimProperty<
        const P extends string,
        Type extends TypeParam<Types>,
        Subtype extends ManagedObjectType = ManagedTypeOf<ParentShape>,
        const Fallback extends string = never,
        Nullable extends FieldNullability<Type> = Types['DefaultFieldNullability'],
      >(
        path: CheckedPath<Subtype, P>,
        options: VimPropertyOptions<Types, ManagedTypeOf<ParentShape>, Subtype, P, Fallback, Type, Nullable>,
      ): FieldRef<Types, ShapeFromTypeParam<Types, Type, Nullable>, Kind>
    }
  }
}

interface AnyOptions extends Omit<VimProperty, 'path'> {
  readonly type: TypeParam<SchemaTypes>
  readonly description: string
  readonly derives?: Marks
}

const prototype = FieldBuilder.prototype as PothosSchemaTypes.FieldBuilder<SchemaTypes, ManagedObject>

prototype.vimProperty = function vimProperty(
  this: typeof prototype,
  path: string,
  { fallback, subtype, decode, decodeFallback, ...options }: AnyOptions,
) {
  const property: VimProperty = { path, fallback, subtype, decode, decodeFallback }
  return this.field({
    ...options,
    extensions: { ...requirementsOf(property).extensions, vim: property },
    resolve: (object: ManagedObject) => readVimProperty(object, property) as never,
  } as never)
} as never

/** Returns the declaration of a field that `t.vimProperty` created; undefined for any other field. */
export const vimPropertyOf = ({
  extensions,
}: {
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}): VimProperty | undefined => extensions?.vim as VimProperty | undefined

function requirementsOf({ path, fallback, subtype }: VimProperty) {
  if (subtype)
    return requires((position) => {
      nodeAt(position).readSubtype(subtype, path)
      return undefined
    })
  return requiresPaths(path, ...(fallback === undefined ? [] : [fallback]))
}

/**
 * Reads the value of a field from an object: the value at the first of its paths that is set. A value that cannot be decoded throws; it
 * does not cause a fallback.
 *
 * @throws VimFaultError if the property cannot be read: one path, while the other one is unset or cannot be read
 */
function readVimProperty(object: ManagedObject, property: VimProperty): unknown {
  const { path, fallback, subtype, decode, decodeFallback = decode } = property
  if (subtype && !isOfType(object, subtype)) return null
  const decoded = (value: unknown, convert = decode): unknown =>
    value === undefined || value === null ? null : convert ? convert(value as never) : value
  if (fallback === undefined) return decoded(object.read(path as never))
  let denied: VimFaultError | undefined
  try {
    const value: unknown = object.read(path as never)
    if (value !== undefined) return decoded(value)
  } catch (error) {
    if (!(error instanceof VimFaultError)) throw error
    denied = error
  }
  // Of two paths, the one that is set counts, also if the other one may not be read.
  const value: unknown = denied ? object.tryRead(fallback as never) : object.read(fallback as never)
  if (denied && value === undefined) throw denied
  return decoded(value, decodeFallback)
}
