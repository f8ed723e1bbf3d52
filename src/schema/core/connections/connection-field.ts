// Resolves connections: a root field reads its page, and a field of an object returns the page that was read with the object.

import type { GraphQLResolveInfo } from 'graphql'
import { pageOf } from '../../../planner/connections/connection-pages.ts'
import { ConnectionPlan, connectionsOf } from '../../../planner/connections/connection-plan.ts'
import { PaginationError } from '../../../planner/connections/cursor.ts'
import { type Page, type PaginationArgs, parsePagination } from '../../../planner/connections/page.ts'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import { type Collection, PlanNode } from '../../../planner/plan-node.ts'
import { type FieldPlan, planSelection } from '../../../planner/selection.ts'
import type { ConnectedType } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors/api-error.ts'
import { compileFilter, type FilterInput } from '../criteria/conditions.ts'
import { connectionTypeOf } from '../criteria/connection-registry.ts'
import type { FieldEdge } from '../criteria/derived-field.ts'
import { compileOrder, type OrderInput } from '../criteria/order.ts'
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
): ConnectionPlan {
  const { filter, orderBy } = args
  const newItems = () => {
    const root = new PlanNode(collection.type)
    return { root, node: collection.parts?.plan(root) ?? root }
  }
  const keys = compileOrder(type, orderBy, connectionTypeOf(type).defaultOrder, filter, context)
  // A cursor of the objects at any depth is not valid for those directly in a container, nor the other way around.
  const order = args.recursive ? { ...keys, name: `${keys.name} RECURSIVE` } : keys
  return new ConnectionPlan(
    { key: connectionKeyOf(collection, args), orderKey: orderKeyOf(collection, args) },
    collection,
    parsePagination(args, order, context.pageSizes),
    order,
    compileFilter(type, filter, context, newItems, collection.parts && newItems().root),
  )
}

const connectionKeyOf = ({ name }: Collection, args: object): string => `${name}(${JSON.stringify(args)})`
const orderKeyOf = (
  collection: Collection,
  { first, after, last, before, ...filterAndOrder }: PaginationArgs,
): string => connectionKeyOf(collection, filterAndOrder)

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
      const known = connectionsOf(node).find(({ key }) => key === connectionKeyOf(collection, args))
      const connection = known ?? createConnectionPlan(declaration, args, context)
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
      const page = pageOf(parent, connectionKeyOf(collection, args), info.fieldNodes)
      // Without a page the arguments are invalid. Throws the error that the plan above suppressed.
      if (!page) createConnectionPlan(declaration, args, context)
      return page ?? null
    },
  }
}
