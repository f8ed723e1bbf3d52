// Resolves connections: a root field reads its page, and a field of an object returns the page that was read with the object.

import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import { pageOf } from '../../../planner/connections/connection-pages.ts'
import { ConnectionPlan, connectionsOf } from '../../../planner/connections/connection-plan.ts'
import { PaginationError } from '../../../planner/connections/cursor.ts'
import type { Filter } from '../../../planner/connections/filter.ts'
import { type Page, type PaginationArgs, parsePagination } from '../../../planner/connections/page.ts'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import { type Collection, PlanNode } from '../../../planner/plan-node.ts'
import { type FieldPlan, planSelection } from '../../../planner/selection.ts'
import type { ConnectedType } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors/api-error.ts'
import { compileFilter } from '../criteria/conditions.ts'
import { type ConnectionType, connectionTypeOf } from '../criteria/connection-registry.ts'
import type { FieldEdge } from '../criteria/derived-field.ts'
import { compileOrder, filterKey, type OrderInput } from '../criteria/order.ts'
import type { FilterInput } from '../criteria/three-valued.ts'
import { nodeAt } from '../field-requirements.ts'

export interface ConnectionArgs extends PaginationArgs {
  readonly filter?: FilterInput | null | undefined
  readonly orderBy?: readonly OrderInput[] | null | undefined
  /** Only of connections of containers (recursive-connection.ts). */
  readonly recursive?: boolean
}

/** Declares a connection field: its type, and where its objects come from. */
export interface ConnectionDeclaration {
  readonly type: ConnectedType
  readonly collection: Collection
}

/** @throws PaginationError or ApiError if an argument is invalid */
function createConnectionPlan(
  { type, collection }: ConnectionDeclaration,
  args: ConnectionArgs,
  context: Context,
  key = connectionKeyOf(collection, args),
): ConnectionPlan {
  const { filter, orderBy } = args
  const { defaultOrder } = connectionTypeOf(type) as ConnectionType
  const keys = compileOrder(type, orderBy, defaultOrder, filter, context)
  // A cursor of the objects at any depth is not valid for those directly in a container, nor the other way around.
  const order = args.recursive ? { ...keys, name: `${keys.name} RECURSIVE` } : keys
  return new ConnectionPlan(
    { key, orderKey: orderKeyOf(collection, args) },
    collection,
    parsePagination(args, order, context.pageSizes),
    order,
    filterOf({ type, collection }, filter, context),
  )
}

/** A filter in a variable is compiled once for all connections of the operation. */
const compiled = new WeakMap<FilterInput, { readonly context: Context; readonly filter: Filter }>()

function filterOf(
  { type, collection }: ConnectionDeclaration,
  input: FilterInput | null | undefined,
  context: Context,
): Filter {
  const known = input && compiled.get(input)
  if (known?.context === context) return known.filter
  const newOwner = () => new PlanNode(collection.type)
  const plan = collection.parts?.plan
  const scanned = newOwner()
  plan?.(scanned)
  const filter = compileFilter(type, input, context, { newOwner, plan }, plan && scanned)
  if (input) compiled.set(input, { context, filter })
  return filter
}

const connectionKeyOf = ({ name }: Collection, args: ConnectionArgs): string =>
  `${name}(${JSON.stringify({ ...args, filter: filterKey(args.filter) })})`
const orderKeyOf = (
  collection: Collection,
  { first, after, last, before, ...filterAndOrder }: ConnectionArgs,
): string => connectionKeyOf(collection, filterAndOrder)

/** The keys of fields. They are computed once for all objects: graphql-js passes the same fieldNodes array for all objects of a field. */
const fieldKeys = new WeakMap<readonly FieldNode[], string>()

/** Resolves a root connection: plans the selection, retrieves the objects, and returns the page. */
export async function inventoryPage(
  declaration: ConnectionDeclaration,
  args: ConnectionArgs,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Page> {
  const vcenter = context.vcenters.only()
  await vcenter.session.ensureLogin(context.callOptions)
  const connection = createConnectionPlan(declaration, args, context)
  planSelection(info, `${declaration.type}Connection`, connection, context)
  return vcenter.reader.page(connection)
}

/**
 * Returns the options of a connection field of an object, to be spread into the field's options. The page is built when the object
 * is retrieved; the resolver only returns it.
 */
export function connectionField(declaration: ConnectionDeclaration) {
  const { type, collection } = declaration
  const plan: FieldPlan<Context> = (position, args, context, field) => {
    const node = nodeAt(position)
    try {
      const key = connectionKeyOf(collection, args)
      const known = connectionsOf(node).find((each) => each.key === key)
      const connection = known ?? createConnectionPlan(declaration, args, context, key)
      if (!known) node.connections.push(connection)
      connection.fields.add(field)
      return connection
    } catch (error) {
      // The field's own resolver reports the error. It must not fail the plan of the whole operation.
      if (error instanceof PaginationError || error instanceof ApiError) return undefined
      throw error
    }
  }
  const edge: FieldEdge | undefined = collection.traversal && {
    traversal: collection.traversal,
    typeName: type,
  }
  return {
    extensions: { plan, edge },
    resolve: (
      parent: ManagedObject,
      args: ConnectionArgs,
      context: Context,
      info: GraphQLResolveInfo,
    ): Page | null => {
      const key = fieldKeys.get(info.fieldNodes) ?? connectionKeyOf(collection, args)
      fieldKeys.set(info.fieldNodes, key)
      const page = pageOf(parent, key, info.fieldNodes)
      // Without a page the arguments are invalid. Throws the error that the plan above suppressed.
      if (!page) createConnectionPlan(declaration, args, context)
      return page ?? null
    },
  }
}
