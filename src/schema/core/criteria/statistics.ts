// Statistics of the items that match a filter: sums, averages, minima and maxima of their numbers.

import { isOverBudget } from '../../../concurrency/event-loop.ts'
import type { Context } from '../../context.ts'
import type { FieldPath } from './derived-types.ts'

/** The items that statistics are computed of. */
export interface ItemSet {
  readonly items: readonly object[]
}

/** Statistics of a number. Null if no item has a value. */
export interface NumberStatistics {
  readonly sum: number | bigint | null
  readonly avg: number | null
  readonly min: number | bigint | null
  readonly max: number | bigint | null
}

/**
 * Computes the statistics of the values at a path. Items without a value do not count.
 *
 * @throws VimFaultError, SoapError or ApiError if the value of an item cannot be read or is invalid: a number must not describe only a
 * part
 */
export async function statisticsOf(
  path: FieldPath,
  { items }: ItemSet,
  context: Context,
): Promise<NumberStatistics> {
  let count = 0
  // Exact beyond 2^53, where the scalar reports an error instead of a rounded sum.
  let total = 0n
  let fraction = 0
  let min: number | bigint | null = null
  let max: number | bigint | null = null
  for (const item of items) {
    if (isOverBudget()) await context.batchScheduler.yieldToEventLoop()
    const value = path.value(item, context) as number | bigint | null
    if (value === null) continue
    count += 1
    if (typeof value === 'bigint' || Number.isSafeInteger(value)) total += BigInt(value)
    else fraction += value
    if (min === null || value < min) min = value
    if (max === null || value > max) max = value
  }
  if (count === 0) return { sum: null, avg: null, min: null, max: null }
  const sum = fraction === 0 ? total : Number(total) + fraction
  return { sum, avg: Number(sum) / count, min, max }
}
