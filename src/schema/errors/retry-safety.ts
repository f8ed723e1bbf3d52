// Whether a failed mutation may be sent again without repeating a change of the same operation.

import type { GraphQLResolveInfo } from 'graphql'
import { collectFields } from '../collect-fields.ts'
import type { Context } from '../context.ts'

/**
 * Whether the operation has changed something, or may have, or has further mutation fields, which run after the error is returned.
 * Without mutations, never.
 */
export function mayRepeatChanges({ mutationRecords }: Context, info: GraphQLResolveInfo): boolean {
  const { operation, schema } = info
  const type = schema.getMutationType()
  if (operation.operation !== 'mutation' || !type) return false
  if (mutationRecords.some(({ mayHaveBeenApplied }) => mayHaveBeenApplied)) return true
  const names = [...collectFields(info, type, operation.selectionSet).values()].map(
    ([field]) => field?.name.value,
  )
  return names.filter((name) => name !== '__typename').length > mutationRecords.length
}
