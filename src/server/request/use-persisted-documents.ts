// Serves persisted operations by id. All are validated at startup, so that a document that does not match the
// schema or exceeds a limit is found before a client sends its id.

import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { type GraphQLSchema, specifiedRules, validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ConfigError } from '../../config/config-error.ts'
import type { PersistedOperations } from '../../config/persisted-operations.ts'
import type { Log } from '../../observability/log.ts'
import { exportPath } from '../../schema/changed-areas/areas-export.ts'
import { ApiError, badInput } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'
import { type DocumentLimits, parseWithLimits } from './validation/document-limits.ts'
import { additionalRules, type RuleOptions } from './validation/use-document-validation.ts'

/** The request parameter with the document's id, in addition to those of GraphQL over HTTP. */
export const documentIdParam = 'documentId'

// The message that Apollo Client and urql expect before they send the whole document.
const persistedQueryNotFound = new ApiError('NOT_FOUND', 'PersistedQueryNotFound', {
  remedy: 'Send the document itself, or add it to the file of --persisted-operations.',
})
const persistedQueryOnly = new ApiError('FORBIDDEN', 'PersistedQueryOnly', {
  remedy: 'Send the id of an operation in --persisted-operations, without a document.',
})
const missingDocument = badInput(
  'the request has neither a document nor a document id',
  `Send query, ${documentIdParam} or extensions.persistedQuery.`,
)

interface PersistedDocumentsOptions extends RuleOptions {
  readonly schema: GraphQLSchema
  readonly limits: DocumentLimits
  readonly log: Log
  /** The setting or option with the documents, for error messages. */
  readonly name: string
}

/**
 * Validates the persisted operations, and serves them.
 * @throws ConfigError if any document is invalid; each one is logged
 */
export function usePersistedDocuments(
  { documents, persistedOnly }: PersistedOperations,
  options: PersistedDocumentsOptions,
): Plugin {
  const invalid = [...documents].filter(([id, document]) => {
    const problem = validationProblem(document, options)
    if (problem !== undefined) options.log.error(`${options.name}: ${JSON.stringify(id)}: ${problem}`)
    return problem !== undefined
  })
  if (invalid.length > 0)
    throw new ConfigError(`${options.name} has invalid documents (${invalid.length} of ${documents.size})`)
  const byId = usePersistedOperations({
    // A download is an operation of the gateway itself.
    allowArbitraryOperations: ({ url }) => !persistedOnly || new URL(url).pathname === exportPath,
    // The id as in the draft of GraphQL over HTTP, or as in Apollo's protocol. The prefix `sha256:` of the draft may be missing in the
    // request or in the file.
    extractPersistedOperationId: (params) => documentIdOf(params),
    getPersistedOperation: (id) =>
      documents.get(id) ?? documents.get(withoutPrefix(id)) ?? documents.get(`sha256:${id}`) ?? null,
    customErrors: {
      notFound: () => rejectionError(persistedQueryNotFound),
      persistedQueryOnly: () => rejectionError(persistedQueryOnly),
      keyNotFound: () => rejectionError(missingDocument),
    },
  })
  return {
    onPluginInit: ({ addPlugin }) => addPlugin(byId),
    // Yoga's parser only reads its own parameters of a GET request.
    onRequestParse({ request, url, requestParser, setRequestParser }) {
      const id = url.searchParams.get(documentIdParam)
      if (request.method !== 'GET' || id === null || !requestParser) return
      setRequestParser(async (request) => ({ ...(await requestParser(request)), [documentIdParam]: id }))
    },
  }
}

const withoutPrefix = (id: string): string => id.replace(/^sha256:/, '')

function documentIdOf(params: object): string | null {
  const { [documentIdParam]: id, extensions } = params as {
    readonly [documentIdParam]?: unknown
    readonly extensions?: { readonly persistedQuery?: { readonly sha256Hash?: unknown } | null } | null
  }
  const documentId = id ?? extensions?.persistedQuery?.sha256Hash
  return typeof documentId === 'string' ? documentId : null
}

function validationProblem(
  document: string,
  { schema, limits, ...ruleOptions }: PersistedDocumentsOptions,
): string | undefined {
  try {
    const rules = [...specifiedRules, ...additionalRules(ruleOptions)]
    return validate(schema, parseWithLimits(limits, document), rules)[0]?.message
  } catch (error) {
    return (error as Error).message
  }
}
