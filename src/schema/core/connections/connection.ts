// Relay connections of managed objects: their types and fields. The planner implements the pagination.

import type { GraphQLResolveInfo } from 'graphql'
import { pageOf } from '../../../planner/connection-pages.ts'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import {
  type Order,
  type Page,
  type PaginationArgs,
  PaginationError,
  parsePagination,
} from '../../../planner/page.ts'
import { type Collection, ConnectionPlan, type Filter } from '../../../planner/plan-node.ts'
import { planSelection } from '../../../planner/selection.ts'
import { builder, type EntityType } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { connectionCost } from '../../cost/cost-estimate.ts'
import { ApiError } from '../../errors/api-error.ts'
import { connectionAt, nodeAt, noRequirements, requires } from '../field-requirements.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    PageInfo: PageInfo
  }
}

export interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

builder.objectType('PageInfo', {
  description: 'The position of a page in its connection.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      nullable: false,
      description: 'Whether there may be more items after this page.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      nullable: false,
      description: 'Whether there are items before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      description:
        'Pass it as `before` to read the previous page. It is the cursor of the first item, or on an empty page the `before` of the request. Otherwise null.',
    }),
    endCursor: t.exposeString('endCursor', {
      description:
        'Pass it as `after` to read the next page. It is the cursor of the last item, or on an empty page the `after` of the request. Otherwise null.',
    }),
  }),
})

/**
 * Creates the connection and edge types of a type of managed objects.
 *
 * @param label - the type's name in descriptions, in the singular
 */
export function connectionTypes(type: EntityType, label: string): void {
  const requiresPage = requires((position) => {
    const connection = connectionAt(position)
    connection.needsOrder = true
    return connection.items
  })
  builder.objectType(`${type}Edge`, {
    description: `A ${label} on a page, with its cursor.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        nullable: false,
        description: `Opaque position of this ${label} in the order of the connection.`,
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
    description: `A page of ${label}s, with the information to read further pages.`,
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
        ...requires((position) => {
          connectionAt(position).needsOrder = true
          return undefined
        }),
        type: 'PageInfo',
        nullable: false,
        description: 'The position of this page in the connection.',
        resolve: (page) => page,
      }),
      totalCount: t.int({
        ...noRequirements,
        nullable: false,
        description: `Number of ${label}s that match the filter, on all pages. Counted only if selected. On a page after a cursor it is the number at the time of the first page, while the gateway keeps the order of that page.`,
        resolve: ({ totalCount }) => totalCount,
      }),
    }),
  })
}

/** Declares a connection field: the source of its objects, and the order and filter that its arguments select. */
export interface ConnectionDeclaration<Args extends PaginationArgs> {
  readonly type: EntityType
  readonly collection: Collection
  readonly order: (args: Args) => Order
  readonly filter: (args: Args, context: Context) => Filter
}

/** @throws PaginationError or ApiError if an argument is invalid */
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
    parsePagination(args, resolvedOrder, context.pageSizes),
    resolvedOrder,
    filter(args, context),
  )
}

const connectionKeyOf = ({ name }: Collection, args: object): string => `${name}(${JSON.stringify(args)})`
const orderKeyOf = (
  collection: Collection,
  { first, after, last, before, ...filterAndOrder }: PaginationArgs,
): string => connectionKeyOf(collection, filterAndOrder)

/** Resolves a root connection: plans the selection, retrieves the objects, and returns the page. */
export async function inventoryPage<Args extends PaginationArgs>(
  declaration: ConnectionDeclaration<Args>,
  args: Args,
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
export function connectionField<Args extends PaginationArgs>(declaration: ConnectionDeclaration<Args>) {
  return {
    ...requires((position, args, context, field) => {
      const node = nodeAt(position)
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
        // The field's own resolver reports the error. It must not fail the plan of the whole operation.
        if (error instanceof PaginationError || error instanceof ApiError) return undefined
        throw error
      }
    }),
    resolve: (parent: ManagedObject, args: Args, context: Context, info: GraphQLResolveInfo): Page | null => {
      const page = pageOf(parent, connectionKeyOf(declaration.collection, args), info.fieldNodes)
      // Without a page the arguments are invalid. Throws the error that the plan above suppressed.
      if (!page) createConnectionPlan(declaration, args, context)
      return page ?? null
    },
  }
}
