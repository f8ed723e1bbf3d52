// The pagination arguments of every connection of managed objects.

import type { builder } from '../../builder.ts'

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
