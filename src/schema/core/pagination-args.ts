// The window arguments that every connection of managed objects takes.

import type { builder } from '../builder.ts'

export type ArgBuilder = Parameters<NonNullable<Parameters<typeof builder.queryField>[1]>>[0]['arg']

export const paginationArgs = (arg: ArgBuilder) => ({
  first: arg.int({
    description:
      'How many, counted from the start. Without first and last: the configured page size, 100 unless told otherwise.',
  }),
  after: arg.string({
    description:
      'Only what comes after this cursor. Such a page goes on in the order of the page before, which is kept for up to 30 seconds.',
  }),
  last: arg.int({ description: 'How many, counted from the end. Not together with first.' }),
  before: arg.string({ description: 'Only what comes before this cursor.' }),
})
