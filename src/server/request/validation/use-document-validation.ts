// Parses documents within the limits and registers all validation rules, so that an invalid document is
// rejected before any vCenter call.

import { GraphQLError, type ParseOptions, type Source, type ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ApiError } from '../../../schema/errors/api-error.ts'
import { rejectionError } from '../../errors/rejection-error.ts'
import { type DocumentLimits, parseWithLimits } from './document-limits.ts'
import { noConditionalSubscription } from './no-conditional-subscription.ts'
import { noIntrospection } from './no-introspection.ts'
import { noMutations } from './no-mutations.ts'
import { noThenAlias } from './no-then-alias.ts'

export interface RuleOptions {
  readonly readOnly: boolean
  /** Whether introspection is enabled. */
  readonly introspection: boolean
}

/**
 * Returns the rules that apply in addition to those of the GraphQL specification. Yoga caches results by the
 * names of the rules, which must therefore differ.
 */
export const additionalRules = ({ readOnly, introspection }: RuleOptions): readonly ValidationRule[] => [
  ...(readOnly ? [noMutations] : []),
  ...(introspection ? [] : [noIntrospection]),
  noThenAlias,
  noConditionalSubscription,
]

/** GraphQL's error message when it stops comparing a document's fields with each other. */
const validationAborted = 'Validation aborted.'

const tooManyRepeatedFields = new ApiError(
  'QUERY_TOO_COMPLEX',
  'the document repeats the same fields too often to be validated',
  { remedy: 'Select each field once, and remove fragments that repeat a selection.' },
)

export function useDocumentValidation(limits: DocumentLimits, options: RuleOptions): Plugin {
  const rules = additionalRules(options)
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source, options?: ParseOptions) =>
        parseWithLimits(limits, source, options),
      )
    },
    onValidate({ addValidationRule }) {
      for (const rule of rules) addValidationRule(rule)
      return ({ result, setResult }) => {
        const isAborted = (error: unknown) =>
          error instanceof GraphQLError && error.message === validationAborted
        if (Array.isArray(result) && result.some(isAborted))
          setResult([rejectionError(tooManyRepeatedFields)])
      }
    },
  }
}
