// The connections of the nouns that are told by their names: datacenters, folders, hosts, datastores and the like.
// Virtual machines have a filter of their own (virtual-machine-connection.ts).

import type { Filter } from '../../planner/connection-plan.ts'
import type { PaginationArgs } from '../../planner/page.ts'
import type { Traversal } from '../../planner/traversals.ts'
import { builder, type EntityType } from '../builder.ts'
import { type ConnectionDeclaration, connectionTypes } from './connection.ts'
import { globMatcher, nameGlobDescription } from './glob.ts'
import { displayName } from './names.ts'
import { type OrderBy, ordering } from './ordering.ts'
import { type ArgBuilder, paginationArgs } from './pagination-args.ts'

interface Args extends PaginationArgs {
  readonly filter?: { readonly name?: string | null | undefined } | null | undefined
  readonly orderBy?: OrderBy
}

/** The connections of one noun. */
export interface NamedConnection {
  readonly args: ReturnType<typeof argsOf>
  /** All of the vCenter. */
  readonly all: ConnectionDeclaration<Args>
  /** Those that an edge leads to. */
  readonly via: (traversal: Traversal) => ConnectionDeclaration<Args>
}

/** Makes the types of a noun's connections; gives their arguments, and where their objects can come from. */
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
    description: `Which ${label}s belong in a connection: those that fit all that is given.`,
    fields: (t) => ({ name: t.string({ description: nameGlobDescription }) }),
  })

const argsOf =
  (Filter: ReturnType<typeof filterType>, Input: ReturnType<typeof ordering>['Input']) =>
  (arg: ArgBuilder) => ({
    ...paginationArgs(arg),
    filter: arg({ type: Filter, description: 'Only those that fit.' }),
    orderBy: arg({ type: Input, description: 'By name, smallest first, unless told otherwise.' }),
  })

function nameFilter(name: string | null | undefined): Filter {
  if (name == null) return { plan: () => {}, matches: () => true }
  const matches = globMatcher(name)
  return { plan: (node) => node.read('name'), matches: (object) => matches(displayName(object)) }
}
