// The sort orders of connections: the input types of a type's order, and the paths that an order reads.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import type { Order, SortKey } from '../../../planner/page.ts'
import { isEnum, typeAtPath } from '../../../soap/type-registry.ts'
import type { ManagedObjectType, PathExpression } from '../../../soap/vim-types.ts'
import { builder } from '../../builder.ts'
import { displayName } from '../names.ts'
import { nonNegative } from '../units.ts'

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Sort direction. Objects without a value come last in both directions.',
  values: {
    ASC: { description: 'Ascending: the smallest value comes first.' },
    DESC: { description: 'Descending: the largest value comes first.' },
  } as const,
})

/** A sort key of a type. */
interface SortField {
  readonly description: string
  readonly path: string
  /** The path that is read if `path` is unset. */
  readonly fallback?: string | undefined
  readonly key: (object: ManagedObject) => SortKey
}

/** Creates the sort fields of a type: `sortBy('summary.freeSpace', ...)` sorts by the value at a path. */
export const sortFieldsOf =
  <M extends ManagedObjectType>(_type: M) =>
  <const P extends string, const Q extends string>(
    path: PathExpression<M, P> extends never ? never : P,
    description: string,
    fallback?: PathExpression<M, Q> extends never ? never : Q,
  ): SortField => ({
    description,
    path,
    fallback,
    key: (object) => {
      const value: unknown =
        object.tryRead(path as never) ??
        (fallback === undefined ? undefined : object.tryRead(fallback as never))
      if (typeof value === 'string') return value
      // Converted as the field of the schema is, so that "no value" sorts last.
      const known = typeof value === 'number' || typeof value === 'bigint' ? nonNegative(value) : null
      return known === null ? null : Number(known)
    },
  })

const nameSortField: SortField = {
  description: 'Display name, compared by UTF-16 code unit. Source: `name`.',
  path: 'name',
  key: displayName,
}

function isTextPath(type: string, path: string): boolean {
  const declared = typeAtPath(type, path)?.type ?? ''
  return declared === 'string' || isEnum(declared)
}

/** The argument `orderBy`. Null and undefined mean the name, ascending. */
export type OrderBy =
  | { readonly field: string; readonly direction?: 'ASC' | 'DESC' | null | undefined }
  | null
  | undefined

/**
 * Creates the order types of a type.
 *
 * @param label - the type's name in descriptions, in the singular
 * @param otherFields - sort fields beside the name
 */
export function ordering(type: string, label: string, otherFields: Readonly<Record<string, SortField>> = {}) {
  const fields: Readonly<Record<string, SortField>> = { NAME: nameSortField, ...otherFields }
  const Field = builder.enumType(`${type}OrderField`, {
    description: `Sort keys of ${label}s. Objects with equal values are sorted by moid.`,
    values: Object.fromEntries(
      Object.entries(fields).map(([name, { description }]) => [name, { description }]),
    ),
  })
  const Input = builder.inputType(`${type}Order`, {
    description: `Sort order of a connection of ${label}s. A cursor is valid only with the order that it came from.`,
    fields: (t) => ({
      field: t.field({ type: Field, required: true, description: 'Sort key.' }),
      direction: t.field({
        type: OrderDirection,
        required: true,
        defaultValue: 'ASC',
        description: 'Sort direction.',
      }),
    }),
  })
  const orderOf = (orderBy: OrderBy): Order => {
    const { field, direction } = orderBy ?? { field: 'NAME', direction: 'ASC' }
    const { path, fallback, key } = fields[field] as SortField
    return {
      name: `${type} ${field} ${direction ?? 'ASC'}`,
      descending: direction === 'DESC',
      keyType: isTextPath(type, path) ? 'string' : 'number',
      requiredPaths: fallback === undefined ? [path] : [path, fallback],
      key,
    }
  }
  return { Input, orderOf }
}
