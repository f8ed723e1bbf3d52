// Declares the connections of an inventory type: its connection, filter and order types. A filter has the name and further fields.

import type { InputShapeFromTypeParam, InputType } from '@pothos/core'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import type { PaginationArgs } from '../../../planner/page.ts'
import type { Filter, PlanNode } from '../../../planner/plan-node.ts'
import type { Traversal } from '../../../planner/traversals.ts'
import { builder, type EntityType } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { globMatcher, nameGlobDescription } from '../glob.ts'
import { displayName } from '../names.ts'
import { type ConnectionDeclaration, connectionField, connectionTypes } from './connection.ts'
import { type OrderBy, ordering } from './ordering.ts'
import { type ArgBuilder, paginationArgs } from './pagination-args.ts'

type Types = typeof builder.$inferSchemaTypes

export interface NamedConnectionArgs extends PaginationArgs {
  readonly filter?: FilterInput | null | undefined
  readonly orderBy?: OrderBy
  /** Only of connections of containers (recursive-connection.ts). */
  readonly recursive?: boolean
}

type FilterInput = Readonly<Record<string, unknown>>

/** The condition that a field of a filter sets: the paths that it needs, and its predicate. */
interface Condition<N extends EntityType> {
  readonly plan: (node: PlanNode) => unknown
  readonly matches: (object: ManagedObject<N>) => boolean
}

/** A field of a filter. */
interface FilterField<N extends EntityType> {
  readonly type: InputType<Types> | [InputType<Types>]
  readonly description: string
  readonly condition: (value: never, context: Context) => Condition<N>
}

/** Creates the filter fields of a type. The type of a field's value follows from its GraphQL type. */
export const filterFieldsOf =
  <N extends EntityType>(_type: N) =>
  <Type extends InputType<Types> | [InputType<Types>]>(
    type: Type,
    description: string,
    condition: (value: InputShapeFromTypeParam<Types, Type, true>, context: Context) => Condition<N>,
  ): FilterField<N> => ({ type, description, condition })

const nameField: FilterField<EntityType> = {
  type: 'String',
  description: nameGlobDescription,
  condition: (glob: string) => {
    const matches = globMatcher(glob)
    return { plan: (node) => node.read('name'), matches: (object) => matches(displayName(object)) }
  },
}

/** The connections of a type. */
export type NamedConnection<N extends EntityType> = ReturnType<typeof namedConnection<N>>

export interface NamedConnectionOptions<N extends EntityType> {
  readonly type: N
  /** The type's name in descriptions, in the singular. */
  readonly label: string
  /** Sort fields beside the name. */
  readonly sortFields?: Parameters<typeof ordering>[2]
  /** Fields of the filter beside the name. */
  readonly filterFields?: Readonly<Record<string, FilterField<N>>>
}

/** Creates the connection, filter and order types of a type. */
export function namedConnection<N extends EntityType>({
  type,
  label,
  sortFields,
  filterFields: otherFields,
}: NamedConnectionOptions<N>) {
  connectionTypes(type, label)
  const { Input, orderOf } = ordering(type, label, sortFields)
  const filterFields: Readonly<Record<string, FilterField<N>>> = { name: nameField, ...otherFields }
  const Filter = builder.inputType(`${type}Filter` as string, {
    description: `Conditions that select ${label}s. A ${label} must meet all of them.`,
    fields: (t) =>
      Object.fromEntries(
        Object.entries(filterFields).map(([name, { condition, ...options }]) => [name, t.field(options)]),
      ),
  })

  /**
   * Converts a filter argument to a filter of the planner.
   *
   * @throws ApiError if a value is invalid
   */
  function filterOf(filter: FilterInput | null | undefined, context: Context): Filter {
    const conditions = Object.entries(filterFields).flatMap(([name, { condition }]) => {
      const value = filter?.[name]
      return value === null || value === undefined ? [] : condition(value as never, context)
    })
    return {
      plan: (node) => {
        for (const condition of conditions) condition.plan(node)
      },
      matches: (object) => conditions.every(({ matches }) => matches(object as ManagedObject<N>)),
    }
  }

  const args = (arg: ArgBuilder) => ({
    ...paginationArgs(arg),
    filter: arg({ type: Filter, description: 'Returns only objects that match this filter.' }),
    orderBy: arg({ type: Input, description: 'Sort order. Defaults to the name, ascending.' }),
  })
  const declarationOf = (
    name: string,
    traversal?: Traversal,
  ): ConnectionDeclaration<NamedConnectionArgs> => ({
    type,
    collection: { name, type, ...(traversal && { traversal }) },
    order: ({ orderBy, recursive }) => {
      const order = orderOf(orderBy)
      // A cursor of the objects at any depth is not valid for those directly in a container, nor the other way around.
      return recursive ? { ...order, name: `${order.name} RECURSIVE` } : order
    },
    filter: ({ filter }, context) => filterOf(filter, context),
  })
  return {
    type: `${type}Connection` as `${N}Connection`,
    args,
    Filter,
    filterOf,
    /** The connection of all objects of the vCenter. */
    all: declarationOf(type),
    /** Returns the options of a field with the objects that an edge leads to, except its description. */
    via: (arg: ArgBuilder, traversal: Traversal) => ({
      ...connectionField(declarationOf(traversal.name, traversal)),
      type: `${type}Connection` as `${N}Connection`,
      args: args(arg),
    }),
  }
}
