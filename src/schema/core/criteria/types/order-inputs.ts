// Creates the input types of orders: the sort keys of each type with a connection.

import type { SchemaTypes } from '@pothos/core'
import { pluralOf } from '../../../../text/plural.ts'
import { type ConnectionType, orderInput } from '../connection-registry.ts'
import { derivedType } from '../derived-types.ts'

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>
type FieldsBuilder = Parameters<Parameters<Builder['inputType']>[1]['fields']>[0]

export function addOrderInputs(builder: Builder, { typeName, label }: ConnectionType): void {
  const { sortPaths } = derivedType(typeName)
  const Field = builder.enumType(`${typeName}OrderField`, {
    description: `Sort keys of ${pluralOf(label)}.`,
    values: Object.fromEntries(
      [...sortPaths].map(([name, { path }]) => [name, { description: path.description }]),
    ),
  })
  builder.inputType(orderInput(builder, typeName), {
    description: `A sort key of a connection of ${pluralOf(label)}. A cursor is valid only with the order that it came from.`,
    fields: (t: FieldsBuilder) => ({
      field: t.field({ type: Field as never, required: true, description: 'The value to sort by.' }),
      direction: t.field({
        type: 'OrderDirection' as never,
        required: true,
        defaultValue: 'ASC' as never,
        description: 'Sort direction.',
      }),
    }),
  } as never)
}
