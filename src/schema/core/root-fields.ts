// The root fields that every noun of the inventory has: all of them as a connection, and one of them by its id, moid, name or path.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { builder, type EntityType } from '../builder.ts'
import { inventoryPage } from './connection.ts'
import { findBy, loadSelected } from './lookup.ts'
import type { NamedConnection } from './named-connection.ts'

interface RootFieldsOptions {
  readonly type: EntityType
  readonly singular: string
  readonly plural: string
  /** In words. */
  readonly label: string
  /** False where the contract has it so: then it takes the whole answer with it when it fails. @default true */
  readonly nullable?: boolean
  /** A path of one. */
  readonly example: string
}

export function connectionRootField(
  { type, plural, label, nullable = true }: Pick<RootFieldsOptions, 'type' | 'plural' | 'label' | 'nullable'>,
  connection: NamedConnection,
): void {
  builder.queryFields((t) => ({
    [plural]: t.field({
      type: `${type}Connection`,
      nullable,
      args: connection.args(t.arg),
      description: `The ${label}s of the vCenter.`,
      resolve: (_root, args, context, info) => inventoryPage(connection.all, args, context, info),
    }),
  }))
}

/** What to know of the argument `name` of every `by`. */
export const nameArgDescription =
  'Its name, exactly as it is shown. Several may share it. All names are read for it: id, moid and path cost less, and only ids and moids are unique.'

/** The input type that tells one object. */
export const lookupInputType = ({
  type,
  label,
  example,
}: Pick<RootFieldsOptions, 'type' | 'label' | 'example'>) =>
  builder.inputType(`${type}By`, {
    description: `One way to find a ${label}.`,
    isOneOf: true,
    fields: (t) => ({
      id: t.id({ description: 'Its global id.' }),
      moid: t.string({ description: 'Its managed object id, as govc and PowerCLI tell it.' }),
      name: t.string({ description: nameArgDescription }),
      path: t.string({
        description: `Its inventory path, such as "${example}". Several may share it. Escapes as vSphere writes them.`,
      }),
    }),
  })

/** Both. */
export function rootFields(options: RootFieldsOptions, connection: NamedConnection): void {
  connectionRootField(options, connection)
  const LookupInput = lookupInputType(options)
  builder.queryFields((t) => ({
    [options.singular]: t.field({
      type: options.type,
      args: { by: t.arg({ type: LookupInput, required: true, description: 'Which.' }) },
      description: `One ${options.label}; null when nothing fits, AMBIGUOUS (with the candidates) when several do.`,
      resolve: async (_root, { by }, context, info) => {
        const ref = await findBy(by, options.type, context)
        return ref
          ? (((await loadSelected(ref, options.type, context, info)) as ManagedObject<never>) ?? null)
          : null
      },
    }),
  }))
}
