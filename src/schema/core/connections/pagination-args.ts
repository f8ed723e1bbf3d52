// The pagination arguments of connections.

import { formatNumber } from '../../../text/format-number.ts'
import type { builder } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../errors/api-error.ts'

export type ArgBuilder = Parameters<NonNullable<Parameters<typeof builder.queryField>[1]>>[0]['arg']

export const paginationArgs = (arg: ArgBuilder) => ({
  first: arg.int({
    description:
      'Maximum number of items, from the start. Without `first` and `last` the page has the configured default size (100 if not configured).',
  }),
  after: arg.string({
    description:
      'Returns only items after this cursor. The gateway keeps the order of the previous page for up to 30 seconds, so that the pages are consistent.',
  }),
  last: arg.int({
    description: 'Maximum number of items, from the end. It cannot be combined with `first`.',
  }),
  before: arg.string({ description: 'Returns only items before this cursor.' }),
})

/**
 * Returns the size of a page of a connection that has only `first`.
 *
 * @throws ApiError BAD_USER_INPUT if it is negative or too large
 */
export function pageSizeOf(first: number | null | undefined, { pageSizes }: Context): number {
  if (first == null) return pageSizes.defaultSize
  if (first < 0)
    throw badInput(
      `first is ${first}, but must not be negative`,
      'Pass the number of objects that a page should have.',
    )
  if (first > pageSizes.maxSize)
    throw badInput(
      `first is ${formatNumber(first)}, but must be at most ${formatNumber(pageSizes.maxSize)}`,
      'Use after to request more pages.',
    )
  return first
}
