// Fields that return a list of parts of an object, such as the disks of a virtual machine, with the arguments `filter` and `orderBy`.

import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import type { Filter } from '../../../planner/connections/filter.ts'
import { type Order, sortPositions } from '../../../planner/connections/sort.ts'
import type { PlanNode } from '../../../planner/plan-node.ts'
import type { FieldPlan } from '../../../planner/selection.ts'
import { builder } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors/api-error.ts'
import { compileFilter } from '../criteria/conditions.ts'
import { filterInput, orderInput } from '../criteria/connection-registry.ts'
import { compileOrder, type OrderInput } from '../criteria/order.ts'
import type { FilterInput } from '../criteria/three-valued.ts'
import type { ArgBuilder } from './pagination-args.ts'

/** A list of parts, and how it is read. */
interface PartList<Owner, Item> {
  /** The GraphQL type of the items. */
  readonly typeName: string
  /** Adds what the list is read from to the plan node of its owner, and returns the position of the items. */
  readonly plan: (position: PlanNode) => PlanNode
  /** Returns a new plan node of an owner. */
  readonly newOwner: () => PlanNode
  /** Returns all items; undefined if they are not known. */
  readonly itemsOf: (owner: Owner) => readonly Item[] | undefined
}

export interface ListArgs {
  readonly filter?: FilterInput | null | undefined
  readonly orderBy?: readonly OrderInput[] | null | undefined
}

interface Criteria {
  readonly filter: Filter
  /** Undefined for the order of vSphere. */
  readonly order: Order | undefined
  /** Settles when the filter is prepared. */
  prepared?: Promise<void>
}

export const filterArg = (arg: ArgBuilder, typeName: string) =>
  arg({
    type: filterInput(builder, typeName),
    description: 'Returns only items that meet these conditions.',
  })

export const orderByArg = (arg: ArgBuilder, typeName: string) =>
  arg({
    type: [orderInput(builder, typeName)],
    description: 'Sort keys, the most significant first. Without it, items are in the order of vSphere.',
  })

/** Returns the options `extensions` and `resolve` of a field with a filter, and an order if it has the argument. */
export function filteredList<Owner extends object, Item extends object>(list: PartList<Owner, Item>) {
  const plan: FieldPlan<Context> = (position, args, context) => {
    const below = list.plan(position as PlanNode)
    try {
      const { filter, order } = compile(list, args, context)
      filter.plan(below, 'all')
      for (const key of order?.keys ?? []) key.plan(below)
    } catch (error) {
      // The resolver reports it.
      if (!(error instanceof ApiError)) throw error
    }
    return below
  }
  return {
    extensions: { plan },
    resolve: (
      owner: Owner,
      args: ListArgs,
      context: Context,
      info: GraphQLResolveInfo,
    ): readonly Item[] | null | Promise<readonly Item[] | null> => {
      if (!args.filter && !args.orderBy) return list.itemsOf(owner) ?? null
      const criteria = compiled.get(info.fieldNodes) ?? compile(list, args, context)
      compiled.set(info.fieldNodes, criteria)
      const items = list.itemsOf(owner)
      if (!items) return null
      const { prepare } = criteria.filter
      if (!prepare) return select(items, criteria)
      criteria.prepared ??= prepare()
      return criteria.prepared.then(() => select(items, criteria))
    },
  }
}

/** Compiled once for all owners: graphql-js passes the same fieldNodes array for all objects of a field. */
const compiled = new WeakMap<readonly FieldNode[], Criteria>()

function compile<Owner, Item>(
  { typeName, newOwner, plan }: PartList<Owner, Item>,
  { filter, orderBy }: ListArgs,
  context: Context,
): Criteria {
  const hasOrder = orderBy && orderBy.length > 0
  return {
    filter: compileFilter(typeName, filter, context, { newOwner, plan }),
    order: hasOrder ? compileOrder(typeName, orderBy, undefined, filter, context) : undefined,
  }
}

function select<Item extends object>(items: readonly Item[], { filter, order }: Criteria): Item[] {
  const verdicts = items.map((item) => filter.evaluate(item, 'all'))
  // A list has no coverage, so it must not leave out items silently.
  if (verdicts.includes(undefined))
    throw new ApiError('FORBIDDEN', 'the filter needs a value that cannot be read', {
      remedy: 'Leave out the condition, or let the account read the object.',
    })
  const matching = items.filter((_item, index) => verdicts[index])
  if (!order) return matching
  const positions = matching.map((item) => ({ item, moid: '', keys: order.keys.map((key) => key.of(item)) }))
  return sortPositions(order, positions).map(({ item }) => item)
}
