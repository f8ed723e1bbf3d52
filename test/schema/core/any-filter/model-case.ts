// A filter and an order of a type, with the objects that they select by the model.

import { orderKeysOf, rootFields } from './filterable-schema.ts'
import type { ObjectGraph, Values } from './object-graph.ts'
import { evaluate, type Filter, type OrderKey, sorted } from './reference-filter.ts'

const pageFields =
  'totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { NODE } }'
/** The arguments of a connection, as variables. */
export const pageArgs =
  'filter: $filter, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before'
export const pageVariables = (typeName: string) =>
  `$filter: ${typeName}Filter, $orderBy: [${typeName}Order!], $first: Int, $last: Int, $after: String, $before: String`
export const pageQuery = (typeName: string) => `query (${pageVariables(typeName)}) {
  ${rootFields.get(typeName)}(${pageArgs}) {
    ${pageFields.replace('NODE', typeName === 'TriggeredAlarm' ? 'moid: id' : 'moid')} coverage { isComplete undecidedCount }
  }
}`

/** What a case is compared with. */
export interface Case {
  readonly typeName: string
  readonly filter: Filter
  readonly orderBy: readonly OrderKey[]
  /** The objects that match, in order. */
  readonly expected: readonly Values[]
  readonly undecidedCount: number
}

/** @param ids the objects of the connection, by default those of the root connection */
export function modelOf(
  graph: ObjectGraph,
  typeName: string,
  filter: Filter,
  orderBy: readonly OrderKey[],
  ids: readonly string[] = graph.roots.get(typeName) ?? [],
): Case {
  const objects = ids.map((id) => graph.objects.get(id) as Values)
  const verdicts = objects.map((values) => evaluate(graph, typeName, values, filter))
  const keys = orderBy.length > 0 ? orderBy : [defaultOrders[typeName] ?? { field: 'NAME' }]
  const expected = sorted(
    graph,
    typeName,
    objects.filter((_, index) => verdicts[index]),
    keys.map(({ field, direction }) => ({
      path: orderKeysOf(typeName).get(field) as readonly string[],
      isDescending: direction === 'DESC',
    })),
  )
  return {
    typeName,
    filter,
    orderBy,
    expected,
    undecidedCount: verdicts.filter((each) => each === undefined).length,
  }
}

const defaultOrders: Readonly<Record<string, OrderKey>> = {
  Snapshot: { field: 'CREATED_AT' },
  TriggeredAlarm: { field: 'TRIGGERED_AT', direction: 'DESC' },
}

/** Triggered alarms have no moid. */
export const moidsOf = (objects: readonly Values[]) => objects.map(({ moid, id }) => moid ?? id)
