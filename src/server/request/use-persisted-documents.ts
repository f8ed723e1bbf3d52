// Serves persisted operations by id. All are validated at startup, so that a document that does not match the
// schema or exceeds a limit is found before a client sends its id.

import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { type GraphQLSchema, specifiedRules, type ValidationRule, validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ConfigError } from '../../config/config-error.ts'
import type { PersistedOperations } from '../../config/persisted-operations.ts'
import type { Log } from '../../observability/log.ts'
import { ApiError, badInput } from '../../schema/errors/api-error.ts'
import { rejectionError } from '../errors/rejection-error.ts'
import { type DocumentLimits, parseWithLimits } from './document-limits.ts'
import { noIntrospection } from './use-no-introspection.ts'

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

interface PersistedDocumentsOptions {
  readonly schema: GraphQLSchema
  readonly limits: DocumentLimits
  /** Whether introspection is enabled. */
  readonly introspection: boolean
  readonly log: Log
}

/**
 * Validates the persisted operations, and serves them.
 * @throws ConfigError if any document is invalid; each one is logged
 */
export function usePersistedDocuments(
  { documents, persistedOnly }: PersistedOperations,
  { schema, limits, introspection, log }: PersistedDocumentsOptions,
): Plugin {
  const rules = introspection ? specifiedRules : [...specifiedRules, noIntrospection]
  const invalid = [...documents].filter(([id, document]) => {
    const problem = validationProblem(document, schema, limits, rules)
    if (problem !== undefined) log.error(`--persisted-operations: ${JSON.stringify(id)}: ${problem}`)
    return problem !== undefined
  })
  if (invalid.length > 0)
    throw new ConfigError(
      `--persisted-operations: ${invalid.length} of ${documents.size} documents are invalid`,
    )
  const byId = usePersistedOperations({
    allowArbitraryOperations: !persistedOnly,
    // The id as in the draft of GraphQL over HTTP, with or without the prefix `sha256:`; or as in Apollo's
    // protocol.
    extractPersistedOperationId: (params) => documentIdOf(params),
    getPersistedOperation: (id) => documents.get(id) ?? documents.get(id.replace(/^sha256:/, '')) ?? null,
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
  schema: GraphQLSchema,
  limits: DocumentLimits,
  rules: readonly ValidationRule[],
): string | undefined {
  try {
    const parsed = parseWithLimits(limits, document)
    // Validation does not report a missing root type.
    for (const { kind, ...definition } of parsed.definitions)
      if ('operation' in definition && !schema.getRootType(definition.operation))
        return `this gateway has no ${definition.operation}s`
    return validate(schema, parsed, rules)[0]?.message
  } catch (error) {
    return (error as Error).message
  }
}
