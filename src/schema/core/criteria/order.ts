// Compiles the argument `orderBy` to the sort keys of a connection.

import { createHash } from 'node:crypto'
import type { Order, OrderKey, SortKey } from '../../../planner/connections/sort.ts'
import { canonicalJson } from '../../../text/canonical-json.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../errors/api-error.ts'
import { isUnreadableValue } from './derived-field.ts'
import { derivedType, type SortPath } from './derived-types.ts'
import type { FilterInput } from './three-valued.ts'

/** One element of `orderBy`. */
export interface OrderInput {
  readonly field: string
  readonly direction?: 'ASC' | 'DESC' | null | undefined
}

/**
 * Compiles the sort keys of a connection, and the digest of its filter, which its cursors carry.
 *
 * @throws ApiError BAD_USER_INPUT if a key occurs twice
 */
export function compileOrder(
  typeName: string,
  orderBy: readonly OrderInput[] | null | undefined,
  defaultOrder: OrderInput | undefined,
  filter: FilterInput | null | undefined,
  context: Context,
): Order {
  const inputs = orderBy && orderBy.length > 0 ? orderBy : defaultOrder ? [defaultOrder] : []
  const names = inputs.map(({ field }) => field)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) throw badInput(`orderBy contains ${repeated} twice`, 'Remove one of the two.')
  return {
    name: `${typeName} ${inputs.map(({ field, direction }) => `${field} ${direction ?? 'ASC'}`).join(', ')}`,
    filterDigest: digestOf(filter),
    keys: inputs.map(({ field, direction }) =>
      orderKey(derivedType(typeName).sortPaths.get(field) as SortPath, direction === 'DESC', context),
    ),
  }
}

const orderKey = ({ path, keyType, keyOf }: SortPath, descending: boolean, context: Context): OrderKey => ({
  descending,
  keyType,
  plan: (node) => {
    path.plan(node, context)
  },
  of: (item): SortKey => {
    try {
      const value = path.value(item, context)
      return value === null ? null : keyOf(value)
    } catch (error) {
      // A value that cannot be read sorts as one that is unset.
      if (isUnreadableValue(error)) return null
      throw error
    }
  },
})

/** Computes a digest once for each filter: one in a variable can be long, and the argument of many connections. */
function oncePerFilter(compute: (filter: FilterInput) => string): (filter: FilterInput) => string {
  const known = new WeakMap<FilterInput, string>()
  return (filter) => {
    const digest = known.get(filter) ?? compute(filter)
    known.set(filter, digest)
    return digest
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

const conditionsDigest = oncePerFilter((filter) => {
  const conditions = canonicalJson(filter)
  return conditions === '{}' ? '' : sha256(conditions).slice(0, 12)
})

/** Returns a digest of a filter. Conditions that are null count as absent, and the order of lists does not matter. */
export const digestOf = (filter: FilterInput | null | undefined): string =>
  filter ? conditionsDigest(filter) : ''

const exactDigest = oncePerFilter((filter) => sha256(JSON.stringify(filter)))

/** Returns a short key that differs for different filters, also if one is valid and another has a null that is not. */
export const filterKey = (filter: FilterInput | null | undefined): string | undefined =>
  filter ? exactDigest(filter) : undefined
