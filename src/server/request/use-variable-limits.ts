// Refuses variables that are too many values, or too deep, before they are compared with what the operation declares: each
// value that does not fit is an error that shows what it is part of.

import type { Plugin } from 'graphql-yoga'
import { tooComplex } from '../../schema/errors/api-error.ts'
import { refused } from '../errors/rejection-error.ts'

export interface VariableLimits {
  /** Of all variables, with those inside lists and objects. */
  readonly values: number
  /** Lists and objects inside each other. */
  readonly depth: number
}

export function useVariableLimits({ values, depth }: VariableLimits): Plugin {
  return {
    onParams({ params: { variables } }) {
      let count = 0
      let level: unknown[] = [variables]
      for (let at = 0; level.length > 0; at += 1) {
        if (at > depth)
          throw refused(
            tooComplex(
              'the variables have at least',
              at,
              depth,
              'levels',
              'Give values that are less deep, or raise --max-depth.',
            ),
          )
        level = level.flatMap((each) =>
          typeof each === 'object' && each !== null ? Object.values(each) : [],
        )
        count += level.length
        if (count > values)
          throw refused(
            tooComplex(
              'the variables have at least',
              count,
              values,
              'values',
              'Ask for fewer objects at once, or raise --max-values.',
            ),
          )
      }
    },
  }
}
