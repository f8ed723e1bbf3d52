// Declares which vSphere properties a field needs. The result is spread into the field's options:
// `...vimProperty('runtime.powerState', ...)`. With `vimProperty` the planned path is also the path that is read. The other helpers
// only plan; a resolver that reads a path outside the plan throws (planner/managed-object.ts).

import { ConnectionPlan } from '../../planner/connection-plan.ts'
import { isOfType, type ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { FieldPlan, PlanPosition } from '../../planner/selection.ts'
import type { Traversal } from '../../planner/traversals.ts'
import type { ManagedObjectType, PathExpression, PathValue } from '../../soap/vim-types.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { Context } from '../context.ts'

/** Creates the field options that carry a plan. */
export const requires = (plan: FieldPlan<Context>): FieldRequirements => ({ extensions: { plan } })

interface FieldRequirements {
  readonly extensions: { readonly plan: FieldPlan<Context> }
}

/** Returns the position of a field's plan as the plan node of an object. */
export function nodeAt(position: PlanPosition): PlanNode {
  if (position instanceof PlanNode) return position
  throw new Error('a field of an object cannot be planned on a connection')
}

/** Returns the position of a field's plan as the plan of a connection. */
export function connectionAt(position: PlanPosition): ConnectionPlan {
  if (position instanceof ConnectionPlan) return position
  throw new Error('a field of a connection cannot be planned on an object')
}

/** Requires paths of the field's own object. The selection below the field is planned on the same object. */
export const requiresPaths = (...paths: readonly string[]): FieldRequirements =>
  requires((position) => nodeAt(position).read(...paths))

/** Requires the objects along an edge, and paths of the field's own object. */
export const requiresTraversal = (traversal: Traversal, ...paths: readonly string[]): FieldRequirements =>
  requires((position) => {
    nodeAt(position)
      .read(...paths)
      .follow(traversal)
    return undefined
  })

/** Requires paths of the field's own object. The resolver loads the selection later, when it knows the references. */
export const requiresThenLoads = (...paths: readonly string[]): FieldRequirements =>
  requires((position) => {
    nodeAt(position).read(...paths)
    return undefined
  })

/** Requires nothing, neither for the field nor for the selection below it. */
export const noRequirements = requires(() => undefined)

type CheckedPath<M extends ManagedObjectType, P extends string> =
  PathExpression<M, P> extends never ? never : P

/** The plan and the resolver of a field, to be spread into its options. */
type VimField<M extends ManagedObjectType, T> = FieldRequirements & {
  readonly resolve: (object: ManagedObject<M>) => T
}

/** Reads a path that only objects of a subtype have. The field is null if the path is unset or the object is of another type. */
export const vimSubtypeProperty = <N extends ManagedObjectType, const P extends string>(
  subtype: N,
  path: CheckedPath<N, P>,
) => ({
  ...requires((position) => {
    nodeAt(position).readSubtype(subtype, path)
    return undefined
  }),
  resolve: (object: ManagedObject): NonNullable<PathValue<N, P>> | null =>
    isOfType(object, subtype)
      ? ((object.read(path as never) as NonNullable<PathValue<N, P>> | undefined) ?? null)
      : null,
})

/** The field helpers of one managed object type. The compiler checks each path against the type's declaration. */
export interface VimFields<M extends ManagedObjectType> {
  /** Reads the value at a path and decodes it if `decode` is given. The field is null if the path is unset. */
  vimProperty<const P extends string, T = PathValue<M, P>>(
    path: CheckedPath<M, P>,
    decode?: (value: NonNullable<PathValue<M, P>>) => T,
  ): VimField<M, NonNullable<T> | null>
  /** Reads a value that vSphere holds at two paths. The fallback is used if the first path is unset or may not be read. */
  vimPropertyOr<const P extends string, const Q extends string, T = PathValue<M, P>>(
    path: CheckedPath<M, P>,
    fallback: CheckedPath<M, Q>,
    decode?: (value: NonNullable<PathValue<M, P>>) => T,
  ): VimField<M, NonNullable<T> | null>
}

/**
 * Returns the value at the first of two paths that is set. A value that cannot be decoded throws; it does not cause a fallback.
 *
 * @throws VimFaultError if one path cannot be read and the other is unset or cannot be read
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

/** A sequence of edges. The last one leads to objects of a type. */
export type TraversalPath<N extends ManagedObjectType> = readonly [
  ...before: readonly Traversal[],
  last: Traversal<N>,
]

/** Creates the field helpers of a type, or of the properties that several types share. */
export const vimFields = <M extends ManagedObjectType>(_type?: M): VimFields<M> => ({
  vimProperty: (path, decode) => ({
    ...requiresPaths(path),
    resolve: (object) => decoded(object.read(path as never), decode as never),
  }),
  vimPropertyOr: (path, fallback, decode) => ({
    ...requiresPaths(path, fallback),
    resolve: (object) => decoded(readEither(object as never, path, fallback), decode as never),
  }),
})

const decoded = (value: unknown, decode: ((value: unknown) => unknown) | undefined): never =>
  (value === undefined || value === null ? null : decode ? decode(value) : value) as never

/** Resolves to the object at the end of a sequence of edges; null if there is none. */
export const reference = <N extends ManagedObjectType>(...path: TraversalPath<N>) => ({
  ...requiresPathTraversals(path),
  resolve: (object: ManagedObject): ManagedObject<N> | null => followPath(object, path)[0] ?? null,
})

/** Resolves to all objects at the end of a sequence of edges. */
export const references = <N extends ManagedObjectType>(...path: TraversalPath<N>) => ({
  ...requiresPathTraversals(path),
  resolve: (object: ManagedObject): ManagedObject<N>[] => followPath(object, path),
})

const requiresPathTraversals = (path: readonly Traversal[]) =>
  requires((position) => path.reduce((node, traversal) => node.follow(traversal), nodeAt(position)))

const followPath = <N extends ManagedObjectType>(object: ManagedObject, path: TraversalPath<N>) =>
  path.reduce<ManagedObject[]>(
    (objects, traversal) => objects.flatMap((each) => traversal.follow(each)),
    [object],
  ) as ManagedObject<N>[]
