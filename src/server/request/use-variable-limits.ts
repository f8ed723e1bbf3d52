// Refuses variables that are too many values, or too deep, before they are compared with what the operation declares: each
// value that does not fit is an error that shows what it is part of.

import type { Plugin } from 'graphql-yoga'
import { limitExceeded } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'

export interface VariableLimits {
  /** Of all variables, with those inside lists and objects. */
  readonly variableValues: number
  /** Lists and objects inside each other. */
  readonly depth: number
}

export function useVariableLimits({ variableValues, depth }: VariableLimits): Plugin {
  return {
    onParams({ params: { variables } }) {
      let count = 0
      let currentLevel: unknown[] = [variables]
      for (let level = 0; currentLevel.length > 0; level += 1) {
        if (level > depth)
          throw rejectionError(
            limitExceeded({
              subject: 'the variables have at least',
              actual: level,
              limit: depth,
              unit: 'levels',
              remedy: 'Give values that are less deep, or raise --max-depth.',
            }),
          )
        currentLevel = currentLevel.flatMap((each) =>
          typeof each === 'object' && each !== null ? Object.values(each) : [],
        )
        count += currentLevel.length
        if (count > variableValues)
          throw rejectionError(
            limitExceeded({
              subject: 'the variables have at least',
              actual: count,
              limit: variableValues,
              unit: 'values',
              remedy: 'Ask for fewer objects at once, or raise --max-variable-values.',
            }),
          )
      }
    },
  }
}
