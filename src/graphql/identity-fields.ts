// The fields that many managed objects have, as a field's options: who it is, what it is called, and where it belongs.

import type { ManagedObject } from '../plan/managed-object.ts'
import { ancestors } from '../plan/traversals.ts'
import type { Context, VCenter } from './context.ts'
import { needsNothing, reads, readsAlong } from './field-plan.ts'
import { encodeId } from './ids.ts'
import { inventoryPath, shownName } from './names.ts'

export const globalId = {
  nullable: false,
  description: 'The global id.',
  resolve: ({ ref }: ManagedObject, _args: object, context: Context): string => encodeId(context, ref),
} as const

/** `example` shows what moids of the type look like. */
export const moid = (example: string) =>
  ({
    nullable: false,
    description: `The managed object id, such as ${example}: for govc, PowerCLI and support tickets.`,
    resolve: ({ ref }: ManagedObject): string => ref.value,
  }) as const

export const itsVCenter = {
  ...needsNothing,
  type: 'VCenter',
  nullable: false,
  description: 'The vCenter that it is in.',
  resolve: (_object: object, _args: object, { vcenter }: Context): VCenter => vcenter,
} as const

export const itsName = {
  ...reads('name'),
  nullable: false,
  description: 'name, its escapes (%2f %5c %25) decoded; the moid where it cannot be read.',
  resolve: shownName,
} as const

/** `example` shows what paths of the type look like. */
export const itsPath = (example: string) =>
  ({
    ...readsAlong(ancestors, 'name'),
    description: `The inventory path, such as "${example}", made from name and parent. Escapes stay. Null when not all of the way may be read.`,
    resolve: (object: ManagedObject): string | null => inventoryPath(object) ?? null,
  }) as const
