// Rejects variables with too many or too deeply nested values before validation against their types: each
// invalid value would add an error that quotes the value around it.

import type { Plugin } from 'graphql-yoga'
import { limitExceeded } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'

export interface VariableLimits {
  /** Number of values of all variables, including those inside lists and objects. */
  readonly variableValues: number
  /** Nesting of lists and objects. */
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
              remedy: 'Send values with fewer levels, or raise --max-depth.',
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
              remedy: 'Send fewer values in one operation, or raise --max-variable-values.',
            }),
          )
      }
    },
  }
}
