// The orders of connections: the input types of one noun's, and what an order reads.

import type { ManagedObject } from '../../planner/managed-object.ts'
import type { Order, SortKey } from '../../planner/page.ts'
import { isEnum, type ManagedObjectType, type PathExpression, typeAtPath } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { displayName } from './names.ts'
import { unsigned } from './units.ts'

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end comes first. What has no value comes last in both.',
  values: { ASC: { description: 'Smallest first.' }, DESC: { description: 'Largest first.' } } as const,
})

/** Something to order by. */
interface SortField {
  readonly description: string
  readonly path: string
  /** Where the same value is read if the path has none. */
  readonly fallback?: string | undefined
  readonly key: (object: ManagedObject) => SortKey
}

/** Makes the fields of a type: `by('summary.freeSpace', ...)` orders by the value at a path. */
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
      // As the field shows it.
      const known = typeof value === 'number' || typeof value === 'bigint' ? unsigned(value) : null
      return known === null ? null : Number(known)
    },
  })

const nameSortField: SortField = { description: 'name, by code unit.', path: 'name', key: displayName }

function isTextPath(type: string, path: string): boolean {
  const declared = typeAtPath(type, path)?.type ?? ''
  return declared === 'string' || isEnum(declared)
}

/** What is given as `orderBy`; null or nothing is by name, smallest first. */
export type OrderBy =
  | { readonly field: string; readonly direction?: 'ASC' | 'DESC' | null | undefined }
  | null
  | undefined

/** Makes the input type of a noun's order: by name, or by what else there is. */
export function ordering(type: string, label: string, otherFields: Readonly<Record<string, SortField>> = {}) {
  const fields: Readonly<Record<string, SortField>> = { NAME: nameSortField, ...otherFields }
  const Field = builder.enumType(`${type}OrderField`, {
    description: `What ${label}s can be ordered by. Equal ones are ordered by moid.`,
    values: Object.fromEntries(
      Object.entries(fields).map(([name, { description }]) => [name, { description }]),
    ),
  })
  const Input = builder.inputType(`${type}Order`, {
    description: `The order of a connection of ${label}s. Its cursors belong to it.`,
    fields: (t) => ({
      field: t.field({ type: Field, required: true, description: 'What to order by.' }),
      direction: t.field({
        type: OrderDirection,
        required: true,
        defaultValue: 'ASC',
        description: 'Which end comes first.',
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
