// Declares connections whose filter is the name alone: datacenters, folders, hosts, datastores and so on. Virtual machines have
// their own filter (virtual-machine-connection.ts).

import type { PaginationArgs } from '../../../planner/page.ts'
import type { Filter } from '../../../planner/plan-node.ts'
import type { Traversal } from '../../../planner/traversals.ts'
import { builder, type EntityType } from '../../builder.ts'
import { globMatcher, nameGlobDescription } from '../glob.ts'
import { displayName } from '../names.ts'
import { type ConnectionDeclaration, connectionTypes } from './connection.ts'
import { type OrderBy, ordering } from './ordering.ts'
import { type ArgBuilder, paginationArgs } from './pagination-args.ts'

interface Args extends PaginationArgs {
  readonly filter?: { readonly name?: string | null | undefined } | null | undefined
  readonly orderBy?: OrderBy
}

/** The connections of one type. */
export interface NamedConnection {
  readonly args: ReturnType<typeof argsOf>
  /** The connection of all objects of the vCenter. */
  readonly all: ConnectionDeclaration<Args>
  /** The connection of the objects that an edge leads to. */
  readonly via: (traversal: Traversal) => ConnectionDeclaration<Args>
}

/** Creates the connection, filter and order types of a type. Returns the connection's arguments and its possible sources. */
export function namedConnection(
  type: EntityType,
  label: string,
  sortFields?: Parameters<typeof ordering>[2],
): NamedConnection {
  connectionTypes(type, label)
  const { Input, orderOf } = ordering(type, label, sortFields)
  const declaration = {
    type,
    order: ({ orderBy }: Args) => orderOf(orderBy),
    filter: ({ filter }: Args) => nameFilter(filter?.name),
  }
  return {
    args: argsOf(filterType(type, label), Input),
    all: { ...declaration, collection: { name: type, type } },
    via: (traversal) => ({ ...declaration, collection: { name: traversal.name, type, traversal } }),
  }
}

const filterType = (type: EntityType, label: string) =>
  builder.inputType(`${type}Filter`, {
    description: `Conditions that select ${label}s. A ${label} must meet all of them.`,
    fields: (t) => ({ name: t.string({ description: nameGlobDescription }) }),
  })

const argsOf =
  (Filter: ReturnType<typeof filterType>, Input: ReturnType<typeof ordering>['Input']) =>
  (arg: ArgBuilder) => ({
    ...paginationArgs(arg),
    filter: arg({ type: Filter, description: 'Returns only objects that match this filter.' }),
    orderBy: arg({ type: Input, description: 'Sort order. Defaults to the name, ascending.' }),
  })

function nameFilter(name: string | null | undefined): Filter {
  if (name == null) return { plan: () => {}, matches: () => true }
  const matches = globMatcher(name)
  return { plan: (node) => node.read('name'), matches: (object) => matches(displayName(object)) }
}
