// Connections of managed objects: their types and their fields. The paging itself is in planner/.

import type { GraphQLResolveInfo } from 'graphql'
import { type Collection, ConnectionPlan, type Filter } from '../../planner/connection-plan.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import {
  type Order,
  type Page,
  type PaginationArgs,
  PaginationError,
  parsePagination,
} from '../../planner/page.ts'
import { planSelection } from '../../planner/selection.ts'
import { builder, type EntityType } from '../builder.ts'
import type { Context } from '../context.ts'
import { connectionCost } from '../cost/cost-estimate.ts'
import { ApiError } from '../errors/api-error.ts'
import { connectionAt, nodeAt, noRequirements, requires } from './field-requirements.ts'

export interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

builder.objectType('PageInfo', {
  description: 'Where a page stands among all that there is.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      nullable: false,
      description: 'Whether there may be more after this page.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      nullable: false,
      description: 'Whether there is something before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      description:
        'The cursor to go back from, as `before`: that of the first item, on an empty page the `before` that was given; else null.',
    }),
    endCursor: t.exposeString('endCursor', {
      description:
        'The cursor to go on from, as `after`: that of the last item, on an empty page the `after` that was given; else null.',
    }),
  }),
})

/** Makes the connection and edge types of a type of managed objects. */
export function connectionTypes(type: EntityType, label: string): void {
  const requiresPage = requires((cursor) => {
    const connection = connectionAt(cursor)
    connection.requireOrder()
    return connection.items
  })
  builder.objectType(`${type}Edge`, {
    description: `A ${label} on a page, with its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        nullable: false,
        description: `Where this ${label} stands in the order: its sort key and moid. Opaque.`,
      }),
      node: t.field({
        type,
        nullable: false,
        description: `The ${label}.`,
        resolve: ({ object }) => object as ManagedObject<never>,
      }),
    }),
  })
  builder.objectType(`${type}Connection`, {
    description: `A page of ${label}s, and what there is beyond it.`,
    extensions: { size: connectionCost },
    fields: (t) => ({
      nodes: t.field({
        ...requiresPage,
        type: [type],
        nullable: { list: false, items: false },
        description: `The ${label}s on this page.`,
        resolve: ({ items }) => items.map(({ object }) => object as ManagedObject<never>),
      }),
      edges: t.field({
        ...requiresPage,
        type: [`${type}Edge`],
        nullable: { list: false, items: false },
        description: `The ${label}s on this page, each with its cursor.`,
        resolve: ({ items }) => items,
      }),
      pageInfo: t.field({
        ...requires((cursor) => {
          connectionAt(cursor).requireOrder()
          return undefined
        }),
        type: 'PageInfo',
        nullable: false,
        description: 'Where this page stands.',
        resolve: (page) => page,
      }),
      totalCount: t.int({
        ...noRequirements,
        nullable: false,
        description: `All ${label}s that fit the filter, on this page or not. Counted only if selected; on a page that goes on from another one, as of then.`,
        resolve: ({ totalCount }) => totalCount,
      }),
    }),
  })
}

/** A connection field: where its objects come from, and what its arguments make of them. */
export interface ConnectionDeclaration<Args extends PaginationArgs> {
  readonly type: EntityType
  readonly collection: Collection
  readonly order: (args: Args) => Order
  readonly filter: (args: Args, context: Context) => Filter
}

/** @throws PaginationError or ApiError when the arguments make no sense. */
function createConnectionPlan<Args extends PaginationArgs>(
  declaration: ConnectionDeclaration<Args>,
  args: Args,
  context: Context,
): ConnectionPlan {
  const { collection, order, filter } = declaration
  const resolvedOrder = order(args)
  return new ConnectionPlan(
    { key: connectionKeyOf(collection, args), orderKey: orderKeyOf(collection, args) },
    collection,
    parsePagination(args, resolvedOrder, context.vcenter.pageSizes),
    resolvedOrder,
    filter(args, context),
  )
}

const connectionKeyOf = ({ name }: Collection, args: object): string => `${name}(${JSON.stringify(args)})`
const orderKeyOf = (
  collection: Collection,
  { first, after, last, before, ...filterAndOrder }: PaginationArgs,
): string => connectionKeyOf(collection, filterAndOrder)

/** Resolves a root field: plans its selection, retrieves it, and gives its page. */
export async function inventoryPage<Args extends PaginationArgs>(
  declaration: ConnectionDeclaration<Args>,
  args: Args,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Page> {
  await context.vcenter.session.ensureLogin(context.callOptions)
  const connection = createConnectionPlan(declaration, args, context)
  planSelection(info, `${declaration.type}Connection`, connection, context)
  return context.reader.page(connection)
}

/** A connection field of an object, to be spread into its options. Its page was cut when the object was retrieved. */
export function connectionField<Args extends PaginationArgs>(declaration: ConnectionDeclaration<Args>) {
  return {
    ...requires((cursor, args, context, field) => {
      const node = nodeAt(cursor)
      try {
        let connection = node.connections.find(
          ({ key }) => key === connectionKeyOf(declaration.collection, args),
        )
        if (!connection) {
          connection = createConnectionPlan(declaration, args as Args, context)
          node.connections.push(connection)
        }
        connection.fields.add(field)
        return connection
      } catch (error) {
        // The field's own resolver tells it; the plan of what is around must not fail for it.
        if (error instanceof PaginationError || error instanceof ApiError) return undefined
        throw error
      }
    }),
    resolve: (parent: ManagedObject, args: Args, context: Context, info: GraphQLResolveInfo): Page | null => {
      const page = parent.objectCache.page(
        connectionKeyOf(declaration.collection, args),
        parent.ref,
        info.fieldNodes,
      )
      // For what is wrong with the arguments, which the plan above kept to itself.
      if (!page) createConnectionPlan(declaration, args, context)
      return page ?? null
    },
  }
}
