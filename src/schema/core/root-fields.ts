// Declares the root fields of an inventory type: a connection of all its objects, and a lookup of one by id, moid, name or path.

import { builder, type EntityType } from '../builder.ts'
import { inventoryPage } from './connections/connection.ts'
import type { NamedConnection } from './connections/named-connection.ts'
import { inventoryLookup, type LookupOptions, loadSelected } from './lookup.ts'

interface RootFieldsOptions extends LookupOptions {
  readonly singular: string
  readonly plural: string
  /** All objects of the type in descriptions, in the plural. @default the label with s */
  readonly all?: string
}

export function connectionRootField(
  { label, plural, all = `${label}s` }: Pick<RootFieldsOptions, 'plural' | 'label' | 'all'>,
  connection: NamedConnection<EntityType>,
): void {
  builder.queryFields((t) => ({
    [plural]: t.field({
      type: connection.type,
      args: connection.args(t.arg),
      description: `All ${all} of the vCenter, page by page.`,
      resolve: (_root, args, context, info) => inventoryPage(connection.all, args, context, info),
    }),
  }))
}

/** Declares both root fields of a type: the connection and the lookup. */
export function rootFields(
  options: RootFieldsOptions,
  connection: NamedConnection<EntityType>,
  { Input, find } = inventoryLookup(options),
): void {
  const { type, singular, label } = options
  connectionRootField(options, connection)
  builder.queryFields((t) => ({
    [singular]: t.field({
      type,
      args: { by: t.arg({ type: Input, required: true, description: `The ${label} to look up.` }) },
      description: `Finds one ${label}. Returns null if no object matches, and the error AMBIGUOUS with the candidates if several do.`,
      resolve: async (_root, { by }, context, info) =>
        loadSelected(await find(by, context), type, context, info) as Promise<never>,
    }),
  }))
}
