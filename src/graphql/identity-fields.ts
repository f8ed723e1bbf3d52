// The fields that every managed object has, to be spread into a field's options: who it is, here and in vSphere.

import type { ManagedObject } from '../plan/managed-object.ts'
import type { Context, VCenter } from './context.ts'
import { needsNothing } from './field-plan.ts'
import { encodeId } from './ids.ts'

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
