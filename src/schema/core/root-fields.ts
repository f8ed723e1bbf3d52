// Declares how an inventory type is reached: its connections, its lookup, and the root fields of both.

import { pluralOf } from '../../text/plural.ts'
import { builder, type EntityType } from '../builder.ts'
import { inventoryPage } from './connections/connection-field.ts'
import {
  type NamedConnection,
  type NamedConnectionOptions,
  namedConnection,
} from './connections/named-connection.ts'
import { inventoryLookup, type LookupOptions, loadSelected } from './lookup.ts'

interface RootFieldsOptions<N extends EntityType> extends NamedConnectionOptions<N>, LookupOptions {
  readonly type: N
  readonly plural: string
  /** The name of the lookup field. Without it, the type's file declares that field. */
  readonly singular?: string
  /** All objects of the type in descriptions, in the plural. @default the label with s */
  readonly all?: string
}

/**
 * Declares the connections and the lookup of an inventory type, and the root fields of both.
 *
 * @returns the connections, for fields of other objects, and the lookup
 */
export function rootFields<N extends EntityType>(options: RootFieldsOptions<N>) {
  const { plural, singular, label, all = pluralOf(label) } = options
  const type: EntityType = options.type
  const connection = namedConnection(options)
  const lookup = inventoryLookup(options)
  const { declarationOf, args, type: connectionType }: NamedConnection<EntityType> = connection
  const declaration = declarationOf({ name: type })
  builder.queryField(plural, (t) =>
    t.field({
      type: connectionType,
      args: args(t.arg),
      description: `All ${all} of the vCenter, page by page.`,
      resolve: (_root, args, context, info) => inventoryPage(declaration, args, context, info),
    }),
  )
  if (singular !== undefined)
    builder.queryField(singular, (t) =>
      t.field({
        type,
        args: {
          by: t.arg({ type: lookup.Input, required: true, description: `The ${label} to look up.` }),
        },
        description: `Finds one ${label}. Returns null if no object matches, and the error AMBIGUOUS with the candidates if several do.`,
        resolve: async (_root, { by }, context, info) =>
          loadSelected(await lookup.find(by, context), type, context, info) as Promise<never>,
      }),
    )
  return { ...connection, lookup }
}
