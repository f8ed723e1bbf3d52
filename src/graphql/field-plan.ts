// How fields say what they need of vSphere, spread into a field's options: `...property('runtime.powerState', ...)`.
// In `property` the path that is planned and the path that is read are one word. The other kinds name their paths beside
// what reads them, and reading another throws (plan/managed-object.ts).

import { ConnectionPlan } from '../plan/connection-plan.ts'
import type { ManagedObject } from '../plan/managed-object.ts'
import { PlanNode } from '../plan/plan-node.ts'
import type { Cursor, FieldPlan } from '../plan/selection.ts'
import type { Traversal } from '../plan/traversals.ts'
import type { ManagedObjectType, PathExpression, PathValue } from '../soap/vim-types.ts'
import type { Context } from './context.ts'

/** The option that carries a field's plan. */
export const planned = (plan: FieldPlan<Context>): Planned => ({ extensions: { plan } })

interface Planned {
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
export const reads = (...paths: readonly string[]): Planned =>
  planned((cursor) => nodeAt(cursor).read(...paths))

/** A field that needs what an edge finds on its way, and some paths of its own object. */
export const readsAlong = (traversal: Traversal, ...paths: readonly string[]): Planned =>
  planned((cursor) => {
    nodeAt(cursor)
      .read(...paths)
      .follow(traversal)
    return undefined
  })

/** A field without needs, whose selection below needs nothing of vSphere either. */
export const needsNothing = planned(() => undefined)

type Checked<M extends ManagedObjectType, P extends string> = PathExpression<M, P> extends never ? never : P

/** What is spread into a field's options: its plan, and its resolver. */
type PlannedField<M extends ManagedObjectType, T> = Planned & {
  readonly resolve: (object: ManagedObject<M>) => T
}

/** The field kinds of one managed object type. A property's path is checked against its declaration. */
export interface FieldKinds<M extends ManagedObjectType> {
  /** The value at a path, as it is or decoded; null when it is unset. */
  property<const P extends string, T = PathValue<M, P>>(
    path: Checked<M, P>,
    decode?: (value: NonNullable<PathValue<M, P>>) => T,
  ): PlannedField<M, NonNullable<T> | null>
  /** The one object that an edge leads to. */
  reference<N extends ManagedObjectType>(traversal: Traversal<N>): PlannedField<M, ManagedObject<N> | null>
  /** The objects that an edge leads to. */
  references<N extends ManagedObjectType>(traversal: Traversal<N>): PlannedField<M, ManagedObject<N>[]>
}

export function fieldsOf<M extends ManagedObjectType>(_type: M): FieldKinds<M> {
  const followed = (traversal: Traversal) => planned((cursor) => nodeAt(cursor).follow(traversal))
  return {
    property: (path, decode) => ({
      ...reads(path),
      resolve: (object) => {
        const value = object.read(path as never) as never
        if (value === undefined || value === null) return null
        return (decode ? decode(value) : value) as never
      },
    }),
    reference: (traversal) => ({
      ...followed(traversal),
      resolve: (object) => traversal.follow(object)[0] ?? null,
    }),
    references: (traversal) => ({
      ...followed(traversal),
      resolve: (object) => traversal.follow(object),
    }),
  }
}
