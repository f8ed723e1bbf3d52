// Declares the root fields of an inventory type: a connection of all its objects, and a lookup of one by id, moid, name or path.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { builder, type EntityType } from '../builder.ts'
import { inventoryPage } from './connections/connection.ts'
import type { NamedConnection } from './connections/named-connection.ts'
import { findBy, loadSelected } from './lookup.ts'

interface RootFieldsOptions {
  readonly type: EntityType
  readonly singular: string
  readonly plural: string
  /** The type's name in descriptions, in the singular. */
  readonly label: string
  /** An example of an inventory path. */
  readonly example: string
}

export function connectionRootField(
  { type, plural, label }: Pick<RootFieldsOptions, 'type' | 'plural' | 'label'>,
  connection: NamedConnection,
): void {
  builder.queryFields((t) => ({
    [plural]: t.field({
      type: `${type}Connection`,
      args: connection.args(t.arg),
      description: `All ${label}s of the vCenter, page by page.`,
      resolve: (_root, args, context, info) => inventoryPage(connection.all, args, context, info),
    }),
  }))
}

/** The description of the key `name` in every lookup input. */
export const nameArgDescription =
  'Exact display name. Several objects can share it. The lookup reads all names, so id, moid and path are cheaper. Only ids and moids are unique.'

/** Creates the input type that identifies one object of a type. */
export const lookupInputType = ({
  type,
  label,
  example,
}: Pick<RootFieldsOptions, 'type' | 'label' | 'example'>) =>
  builder.inputType(`${type}By`, {
    description: `Identifies a ${label} by exactly one of these keys.`,
    isOneOf: true,
    fields: (t) => ({
      id: t.id({ description: 'Global id.' }),
      moid: t.string({ description: 'Managed object id, as govc and PowerCLI show it.' }),
      name: t.string({ description: nameArgDescription }),
      path: t.string({
        description: `Inventory path, such as "${example}", with escapes (%2f, %5c, %25) as vSphere writes them. Several objects can share it.`,
      }),
    }),
  })

/** Declares both root fields of a type: the connection and the lookup. */
export function rootFields(options: RootFieldsOptions, connection: NamedConnection): void {
  connectionRootField(options, connection)
  const LookupInput = lookupInputType(options)
  builder.queryFields((t) => ({
    [options.singular]: t.field({
      type: options.type,
      args: {
        by: t.arg({ type: LookupInput, required: true, description: `The ${options.label} to look up.` }),
      },
      description: `Finds one ${options.label}. Returns null if no object matches, and the error AMBIGUOUS with the candidates if several do.`,
      resolve: async (_root, { by }, context, info) => {
        const ref = await findBy(by, options.type, context)
        return ref
          ? (((await loadSelected(ref, options.type, context, info)) as ManagedObject<never>) ?? null)
          : null
      },
    }),
  }))
}
