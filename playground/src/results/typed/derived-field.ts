// Fields that a result does not have, computed from it for a table.

import type { GraphQLEnumType } from 'graphql'
import type { TypedField, TypedObject, TypedValue } from './typed-value.ts'
import type { Unit } from './units.ts'

interface Declaration {
  readonly unit?: Unit
  /** Shows the value as those of an enum. */
  readonly leafType?: GraphQLEnumType
}

/** Returns a field of an object under a key that the object does not have. */
export function derivedField(
  { path }: Pick<TypedObject, 'path'>,
  key: string,
  raw: number | string | null,
  { unit, leafType }: Declaration = {},
): TypedField {
  const common = { path: [...path, key], type: undefined, unit, nodes: [] }
  const value: TypedValue =
    raw === null ? { ...common, kind: 'null', raw, errors: [] } : { ...common, kind: 'leaf', raw, leafType }
  return { key, name: key, nodes: [], definition: undefined, type: undefined, unit, value }
}
