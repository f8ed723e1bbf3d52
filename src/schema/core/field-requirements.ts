// How fields say what they need of vSphere, spread into a field's options: `...property('runtime.powerState', ...)`.
// In `property` the path that is planned and the path that is read are one word. The other kinds name their paths beside
// what reads them, and reading another throws (planner/managed-object.ts).

import { ConnectionPlan } from '../../planner/connection-plan.ts'
import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { Cursor, FieldPlan } from '../../planner/selection.ts'
import type { Traversal } from '../../planner/traversals.ts'
import type { ManagedObjectType, PathExpression, PathValue } from '../../soap/vim-types.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { Context } from '../context.ts'

/** The option that carries a field's plan. */
export const requires = (plan: FieldPlan<Context>): FieldRequirements => ({ extensions: { plan } })

interface FieldRequirements {
  readonly extensions: { readonly plan: FieldPlan<Context> }
}

/** The place that a field's plan stands at. */
export function nodeAt(cursor: Cursor): PlanNode {
  if (cursor instanceof PlanNode) return cursor
  throw new Error('the field is planned at a connection, but belongs to an object')
}

/** The connection that a field's plan stands at. */
export function connectionAt(cursor: Cursor): ConnectionPlan {
  if (cursor instanceof ConnectionPlan) return cursor
  throw new Error('the field is planned at an object, but belongs to a connection')
}

/** A field that needs some paths of its own object, whatever it makes of them; the selection below stands there too. */
export const requiresPaths = (...paths: readonly string[]): FieldRequirements =>
  requires((cursor) => nodeAt(cursor).read(...paths))

/** A field that needs what an edge finds on its way, and some paths of its own object. */
export const requiresTraversal = (traversal: Traversal, ...paths: readonly string[]): FieldRequirements =>
  requires((cursor) => {
    nodeAt(cursor)
      .read(...paths)
      .follow(traversal)
    return undefined
  })

/** A field that needs some paths of its own object, and retrieves what its selection needs when it knows of whom. */
export const requiresThenLoads = (...paths: readonly string[]): FieldRequirements =>
  requires((cursor) => {
    nodeAt(cursor).read(...paths)
    return undefined
  })

/** A field without needs, whose selection below needs nothing of vSphere either. */
export const noRequirements = requires(() => undefined)

type CheckedPath<M extends ManagedObjectType, P extends string> =
  PathExpression<M, P> extends never ? never : P

/** What is spread into a field's options: its plan, and its resolver. */
type VimField<M extends ManagedObjectType, T> = FieldRequirements & {
  readonly resolve: (object: ManagedObject<M>) => T
}

/** The value at a path that only objects of a subtype have; null when it is unset, and for any other object. */
export const propertyOf = <N extends ManagedObjectType, const P extends string>(
  subtype: N,
  path: CheckedPath<N, P>,
) => ({
  ...requires((cursor) => {
    nodeAt(cursor).readOf(subtype, path)
    return undefined
  }),
  resolve: (object: ManagedObject): NonNullable<PathValue<N, P>> | null =>
    isOfType(object, subtype)
      ? ((object.read(path as never) as NonNullable<PathValue<N, P>> | undefined) ?? null)
      : null,
})

/** The field kinds of one managed object type. A property's path is checked against its declaration. */
export interface VimFields<M extends ManagedObjectType> {
  /** The value at a path, as it is or decoded; null when it is unset. */
  vimProperty<const P extends string, T = PathValue<M, P>>(
    path: CheckedPath<M, P>,
    decode?: (value: NonNullable<PathValue<M, P>>) => T,
  ): VimField<M, NonNullable<T> | null>
  /** The same for a value that vSphere holds at two paths: the second is read where the first is unset or may not be read. */
  propertyOr<const P extends string, const Q extends string, T = PathValue<M, P>>(
    path: CheckedPath<M, P>,
    fallback: CheckedPath<M, Q>,
    decode?: (value: NonNullable<PathValue<M, P>>) => T,
  ): VimField<M, NonNullable<T> | null>
}

/**
 * The value at the first of two paths that has one. A value that is not of its type is no reason to read the other.
 * @throws why one of them cannot be read if the other has none either
 */
function readEither(object: ManagedObject, path: string, fallback: string): unknown {
  let denied: VimFaultError | undefined
  try {
    const value: unknown = object.read(path as never)
    if (value !== undefined) return value
  } catch (error) {
    if (!(error instanceof VimFaultError)) throw error
    denied = error
  }
  if (!denied) return object.read(fallback as never)
  const value: unknown = object.tryRead(fallback as never)
  if (value === undefined) throw denied
  return value
}

/** Edges, the last of which leads to objects of a type. */
export type TraversalPath<N extends ManagedObjectType> = readonly [
  ...before: readonly Traversal[],
  last: Traversal<N>,
]

/** `property` for one type, or for what several have alike. */
export const vimFields = <M extends ManagedObjectType>(_type?: M): VimFields<M> => ({
  vimProperty: (path, decode) => ({
    ...requiresPaths(path),
    resolve: (object) => decoded(object.read(path as never), decode as never),
  }),
  propertyOr: (path, fallback, decode) => ({
    ...requiresPaths(path, fallback),
    resolve: (object) => decoded(readEither(object as never, path, fallback), decode as never),
  }),
})

const decoded = (value: unknown, decode: ((value: unknown) => unknown) | undefined): never =>
  (value === undefined || value === null ? null : decode ? decode(value) : value) as never

/** The one object that an edge leads to, or several edges one after another. */
export const reference = <N extends ManagedObjectType>(...path: TraversalPath<N>) => ({
  ...requiresPathTraversals(path),
  resolve: (object: ManagedObject): ManagedObject<N> | null => followPath(object, path)[0] ?? null,
})

/** The objects that it leads to. */
export const references = <N extends ManagedObjectType>(...path: TraversalPath<N>) => ({
  ...requiresPathTraversals(path),
  resolve: (object: ManagedObject): ManagedObject<N>[] => followPath(object, path),
})

const requiresPathTraversals = (path: readonly Traversal[]) =>
  requires((cursor) => path.reduce((node, traversal) => node.follow(traversal), nodeAt(cursor)))

const followPath = <N extends ManagedObjectType>(object: ManagedObject, path: TraversalPath<N>) =>
  path.reduce<ManagedObject[]>(
    (objects, traversal) => objects.flatMap((each) => traversal.follow(each)),
    [object],
  ) as ManagedObject<N>[]
