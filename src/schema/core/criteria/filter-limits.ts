// The limits of a filter: how many conditions it has, and how deep they are nested.

import { limitExceeded } from '../../errors/api-error.ts'

const maxConditions = 100
const maxDepth = 10

/** Counts the conditions of one filter. */
export class ConditionCount {
  #total = 0

  get total(): number {
    return this.#total
  }

  /** @throws ApiError QUERY_TOO_COMPLEX if there are too many conditions */
  add(): void {
    this.#total += 1
    if (this.#total > maxConditions)
      throw limitExceeded({
        subject: 'a filter has',
        actual: this.#total,
        limit: maxConditions,
        unit: 'conditions',
        scope: 'filter',
        remedy: 'Use in with a list instead of many conditions on the same field.',
      })
  }
}

/** @throws ApiError QUERY_TOO_COMPLEX if a condition is nested too deep */
export function checkDepth(depth: number): void {
  if (depth > maxDepth)
    throw limitExceeded({
      subject: 'a filter is nested',
      actual: depth,
      limit: maxDepth,
      unit: 'levels deep',
      scope: 'filter',
      remedy: 'Move conditions to the same level: the keys of one object must all hold.',
    })
}
