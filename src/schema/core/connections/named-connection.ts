// Declares the connections of a type: its page types, the arguments, and the fields that return pages. Filters and orders are derived
// from the fields of the type (criteria/).

import type { Collection } from '../../../planner/plan-node.ts'
import type { Traversal } from '../../../planner/traversals.ts'
import { builder, type ConnectedType } from '../../builder.ts'
import { filterInput, orderInput, registerConnectionType } from '../criteria/connection-registry.ts'
import type { OrderInput } from '../criteria/order.ts'
import { type ConnectionDeclaration, connectionField } from './connection-field.ts'
import { connectionTypes } from './connection-types.ts'
import { type ArgBuilder, paginationArgs } from './pagination-args.ts'

builder.enumType('OrderDirection', {
  description: 'Sort direction. Objects without a value come last in both directions.',
  values: {
    ASC: {
      description: 'Ascending: the smallest value comes first. Text is compared without regard to case.',
    },
    DESC: { description: 'Descending: the largest value comes first.' },
  } as const,
})

/** The connections of a type. */
export type NamedConnection<N extends ConnectedType> = ReturnType<typeof namedConnection<N>>

export interface NamedConnectionOptions<N extends ConnectedType> {
  readonly type: N
  /** The type's name in descriptions, in the singular. */
  readonly label: string
  /** The sort key without `orderBy`. @default the name */
  readonly defaultOrder?: OrderInput
  /** Whether its connections have aggregates and groups. @default false */
  readonly hasStatistics?: boolean
}

/** Creates the connection types of a type. */
export function namedConnection<N extends ConnectedType>({
  type,
  label,
  defaultOrder = { field: 'NAME' },
  hasStatistics = false,
}: NamedConnectionOptions<N>) {
  registerConnectionType({ typeName: type, label, defaultOrder, hasStatistics })
  connectionTypes(type, label)
  const Filter = filterInput(builder, type)
  const args = (arg: ArgBuilder) => ({
    ...paginationArgs(arg),
    filter: arg({ type: Filter, description: 'Returns only objects that meet these conditions.' }),
    orderBy: arg({
      type: [orderInput(builder, type)],
      description: `Sort keys, the most significant first. Without it, objects are sorted by ${defaultOrder.field}${defaultOrder.direction === 'DESC' ? ', the latest first' : ''}. Objects with equal keys are sorted by moid.`,
    }),
  })
  const declarationOf = (
    collection: Omit<Collection, 'type'> & Partial<Collection>,
  ): ConnectionDeclaration => ({
    type,
    collection: {
      type: type as Exclude<ConnectedType, 'Snapshot' | 'Tag' | 'TagCategory' | 'TriggeredAlarm'>,
      ...collection,
    },
  })
  return {
    type: `${type}Connection` as `${N}Connection`,
    args,
    Filter,
    declarationOf,
    /** Returns the options of a field with the objects that an edge leads to, except its description. */
    via: (arg: ArgBuilder, traversal: Traversal) => ({
      ...connectionField(declarationOf({ name: traversal.name, traversal })),
      type: `${type}Connection` as `${N}Connection`,
      args: args(arg),
    }),
  }
}
