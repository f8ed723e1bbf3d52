// Declares a mutation field and its input and payload types, which are named after the field.

import type { FieldMap, InputFieldMap, InputShapeFromFields } from '@pothos/core'
import type { GraphQLResolveInfo } from 'graphql'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'

type Types = typeof builder.$inferSchemaTypes

builder.mutationType({
  description:
    'Operations that change the vCenter. If one mutation field fails, the other fields of the operation still take effect.',
})

export interface InputOptions<Fields extends InputFieldMap> {
  readonly description: string
  /** The description of the argument. @default the description of the type */
  readonly argument?: string
  readonly fields: (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => Fields
}

export type PayloadFields<Payload> = (t: PothosSchemaTypes.ObjectFieldBuilder<Types, Payload>) => FieldMap

interface MutationOptions<Fields extends InputFieldMap, Payload> {
  readonly description: string
  readonly input: InputOptions<Fields>
  readonly resolve: (
    input: InputShapeFromFields<Fields>,
    context: Context,
    info: GraphQLResolveInfo,
  ) => Promise<Payload>
  readonly payload: {
    readonly description: string
    /** Such as the cost of its lists (cost-estimate.ts). */
    readonly extensions?: Readonly<Record<string, unknown>>
    readonly fields: PayloadFields<Payload>
  }
}

export function declareMutation<Fields extends InputFieldMap, Payload extends object>(
  name: string,
  { description, input, resolve, payload }: MutationOptions<Fields, Payload>,
): void {
  const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const Input = builder.inputType(`${typeName}Input` as string, {
    description: input.description,
    fields: input.fields,
  })
  const PayloadType = builder.objectRef<Payload>(`${typeName}Payload`).implement(payload)
  builder.mutationField(name, (t) =>
    t.field({
      type: PayloadType,
      args: {
        input: t.arg({ type: Input, required: true, description: input.argument ?? input.description }),
      },
      description,
      resolve: (_root, args, context, info) =>
        resolve((args as { readonly input: never }).input, context, info) as never,
    }),
  )
}
