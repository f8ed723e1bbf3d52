// Operations that clients ask by the id that a file gives them. All are looked at when the gateway starts: one that does not
// fit the schema, or is larger than a document may be, is no surprise for its first client.

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

/** In requests, beside what GraphQL over HTTP knows: the id of a document. */
export const documentIdParam = 'documentId'

// What Apollo's clients and urql look for, to send the whole document instead.
const persistedQueryNotFound = new ApiError('NOT_FOUND', 'PersistedQueryNotFound', {
  remedy: 'Send the document itself, or have it added to the file of --persisted-operations.',
})
const persistedQueryOnly = new ApiError('FORBIDDEN', 'PersistedQueryOnly', {
  remedy: 'Send the id of an operation of --persisted-operations, and no document.',
})
const missingDocument = badInput(
  'the request has neither a document nor the id of one',
  `Send query, ${documentIdParam} or extensions.persistedQuery.`,
)

interface PersistedDocumentsOptions {
  readonly schema: GraphQLSchema
  readonly limits: DocumentLimits
  /** Whether clients are told the schema. */
  readonly introspection: boolean
  readonly log: Log
}

/** @throws ConfigError when a document is not valid; the log is told which, a line each. */
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
      `${invalid.length} of the ${documents.size} documents of --persisted-operations cannot be asked`,
    )
  const byId = usePersistedOperations({
    allowArbitraryOperations: !persistedOnly,
    // As GraphQL over HTTP is about to have it, with or without the name of the hash; or as Apollo has it.
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
    // Of a GET Yoga's parser knows its own names alone.
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
    // Validation says nothing of it.
    for (const { kind, ...definition } of parsed.definitions)
      if ('operation' in definition && !schema.getRootType(definition.operation))
        return `it is a ${definition.operation}, and this gateway has none`
    return validate(schema, parsed, rules)[0]?.message
  } catch (error) {
    return (error as Error).message
  }
}
