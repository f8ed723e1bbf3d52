// Rejects documents that are too long, too deep, or have too many aliases or directives before validation;
// and those whose validation would take too long.

import { GraphQLError, type ParseOptions, type Source } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ApiError } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'
import { type DocumentLimits, parseWithLimits } from './document-limits.ts'

/** GraphQL's error message when it stops comparing a document's fields with each other. */
const validationAborted = 'Validation aborted.'

const tooManyRepeatedFields = new ApiError(
  'QUERY_TOO_COMPLEX',
  'the document repeats the same fields too often to be validated',
  { remedy: 'Select each field once, and remove fragments that repeat a selection.' },
)

export function useDocumentLimits(limits: DocumentLimits): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source, options?: ParseOptions) =>
        parseWithLimits(limits, source, options),
      )
    },
    onValidate() {
      return ({ result, setResult }) => {
        const isAborted = (error: unknown) =>
          error instanceof GraphQLError && error.message === validationAborted
        if (Array.isArray(result) && result.some(isAborted))
          setResult([rejectionError(tooManyRepeatedFields)])
      }
    },
  }
}
