// Marks on field declarations: how a field takes part in filters, orders, groups and statistics beyond what its type gives it. The
// option `derives` of a field has them.

import type { FieldNullability, InputFieldMap, SchemaTypes, TypeParam } from '@pothos/core'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import type { Context } from '../../context.ts'

/** The unit of a number of which statistics are computed. `%` gives averages but no sums. */
export type StatisticUnit = 'bytes' | 'MHz' | 'count' | '%'

export interface Marks {
  /** Its values form groups. Enums, Booleans and references form groups without it. */
  readonly group?: true
  /** Statistics of it are computed. */
  readonly statistics?: StatisticUnit
  /** The fields of the object that it returns are sort keys, group keys and statistics of this object. */
  readonly flat?: true
  /** Only conditions use it: there is no sort key and no group key. */
  readonly only?: 'filter'
  /** The property whose references show whether the list is empty. A condition on that alone does not read the list. */
  readonly emptiness?: string
  /** Finds the objects by the items of the list, so that the list is not read of each object. */
  readonly lookup?: ListLookup
  /** Whether a null value of an item is unknown rather than unset, so that neither a condition on it nor its negation holds. */
  readonly isUnknown?: (item: never) => boolean
  /** How the value is planned and read, if the resolver of the field loads it with a retrieval of its own. */
  readonly read?: ReadMark
  /** The filter of the interface that declares the field does not have it, only those of object types; the reason why. */
  readonly ofObjectsOnly?: string
  /** Nothing is derived from it; the reason why. */
  readonly nothing?: string
}

interface ReadMark {
  /** Adds what the value needs to the plan node of its object, and returns the position below it. */
  readonly plan: (position: PlanNode) => PlanNode
  /** Returns the value of an object that was read with this plan; null or undefined if it is unset. */
  readonly value: (object: never) => unknown
}

/**
 * Finds the objects whose list has an item that meets a condition, by calls of its own.
 *
 * @returns whether an object is one of them
 */
export type ListLookup = (
  accepts: (item: object) => boolean,
  context: Context,
) => Promise<(object: ManagedObject) => boolean>

declare global {
  export namespace PothosSchemaTypes {
    export interface FieldOptions<
      Types extends SchemaTypes = SchemaTypes,
      ParentShape = unknown,
      Type extends TypeParam<Types> = TypeParam<Types>,
      Nullable extends FieldNullability<Type> = FieldNullability<Type>,
      Args extends InputFieldMap = InputFieldMap,
      ResolveShape = unknown,
      ResolveReturnShape = unknown,
    > {
      /** How the field takes part in filters, orders, groups and statistics. */
      readonly derives?: Marks | undefined
    }
  }
}
