// Rejects the alias `then`: Yoga's executor treats an object with a `then` as a promise.

import type { ValidationRule } from 'graphql'
import { badInput } from '../../../schema/errors/api-error.ts'
import { rejectionError } from '../../errors/rejection-error.ts'

const thenAliasError = badInput('the alias "then" is not supported', 'Use another alias.')

export const noThenAlias: ValidationRule = (context) => ({
  Field({ alias }) {
    if (alias?.value === 'then') context.reportError(rejectionError(thenAliasError, { nodes: alias }))
  },
})
