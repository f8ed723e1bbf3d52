// NumberStats and PercentStats: the statistics of one number over a set of objects.

import { builder } from '../../builder.ts'
import type { NumberStatistics } from '../criteria/statistics.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    NumberStats: NumberStatistics
    PercentStats: NumberStatistics
  }
}

builder.objectType('NumberStats', {
  description:
    'Statistics of a whole number over a set of objects, in the unit of the field. Objects without a value do not count. A value is null, with an error, if the number of an object cannot be read, or if it exceeds 2^53 - 1.',
  fields: (t) => ({
    sum: t.field({ type: 'BigInt', description: 'Sum of the values.', resolve: ({ sum }) => sum }),
    avg: t.exposeFloat('avg', { description: 'Average of the values.' }),
    min: t.field({ type: 'BigInt', description: 'Smallest value.', resolve: ({ min }) => min }),
    max: t.field({ type: 'BigInt', description: 'Largest value.', resolve: ({ max }) => max }),
  }),
})

builder.objectType('PercentStats', {
  description: 'Statistics of a percentage over a set of objects. Objects without a value do not count.',
  fields: (t) => ({
    avg: t.exposeFloat('avg', { description: 'Average of the values.' }),
    min: t.float({ description: 'Smallest value.', resolve: ({ min }) => min as number | null }),
    max: t.float({ description: 'Largest value.', resolve: ({ max }) => max as number | null }),
  }),
})
