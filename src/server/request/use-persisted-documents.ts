// Operations that clients ask by the id that a file gives them. All are looked at when the gateway starts: one that does not
// fit the schema, or is larger than a document may be, is no surprise for its first client.

import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { type GraphQLSchema, specifiedRules, type ValidationRule, validate } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ConfigError } from '../../config/config-error.ts'
import type { PersistedOperations } from '../../config/persisted-operations.ts'
import { ApiError, badInput } from '../../schema/errors/api-error.ts'
import type { Log } from '../../observability/log.ts'
import { type DocumentLimits, parseWithin } from './document-limits.ts'
import { refused } from '../errors/rejection-error.ts'
import { noIntrospection } from './use-no-introspection.ts'

/** In requests, beside what GraphQL over HTTP knows: the id of a document. */
export const documentId = 'documentId'

// What Apollo's clients and urql look for, to send the whole document instead.
const notFound = new ApiError('NOT_FOUND', 'PersistedQueryNotFound', {
  remedy: 'Send the document itself, or have it added to the file of --persisted-operations.',
})
const onlyPersisted = new ApiError('FORBIDDEN', 'PersistedQueryOnly', {
  remedy: 'Send the id of an operation of --persisted-operations, and no document.',
})
const nothingAsked = badInput(
  'the request has neither a document nor the id of one',
  `Send query, ${documentId} or extensions.persistedQuery.`,
)

interface PersistedOptions {
  readonly schema: GraphQLSchema
  readonly limits: DocumentLimits
  /** Whether clients are told the schema. */
  readonly introspection: boolean
  readonly log: Log
}

/** @throws ConfigError when a document is not valid; the log is told which, a line each. */
export function usePersisted(
  { documents, only }: PersistedOperations,
  { schema, limits, introspection, log }: PersistedOptions,
): Plugin {
  const rules = introspection ? specifiedRules : [...specifiedRules, noIntrospection]
  const wrong = [...documents].filter(([id, document]) => {
    const problem = problemOf(document, schema, limits, rules)
    if (problem !== undefined) log.error(`--persisted-operations: ${JSON.stringify(id)}: ${problem}`)
    return problem !== undefined
  })
  if (wrong.length > 0)
    throw new ConfigError(
      `${wrong.length} of the ${documents.size} documents of --persisted-operations cannot be asked`,
    )
  const byId = usePersistedOperations({
    allowArbitraryOperations: !only,
    // As GraphQL over HTTP is about to have it, with or without the name of the hash; or as Apollo has it.
    extractPersistedOperationId: (params) => idOf(params),
    getPersistedOperation: (id) => documents.get(id) ?? documents.get(id.replace(/^sha256:/, '')) ?? null,
    customErrors: {
      notFound: () => refused(notFound),
      persistedQueryOnly: () => refused(onlyPersisted),
      keyNotFound: () => refused(nothingAsked),
    },
  })
  return {
    onPluginInit: ({ addPlugin }) => addPlugin(byId),
    // Of a GET Yoga's parser knows its own names alone.
    onRequestParse({ request, url, requestParser, setRequestParser }) {
      const id = url.searchParams.get(documentId)
      if (request.method !== 'GET' || id === null || !requestParser) return
      setRequestParser(async (request) => ({ ...(await requestParser(request)), [documentId]: id }))
    },
  }
}

function idOf(params: object): string | null {
  const { [documentId]: id, extensions } = params as {
    readonly [documentId]?: unknown
    readonly extensions?: { readonly persistedQuery?: { readonly sha256Hash?: unknown } | null } | null
  }
  const asked = id ?? extensions?.persistedQuery?.sha256Hash
  return typeof asked === 'string' ? asked : null
}

function problemOf(
  document: string,
  schema: GraphQLSchema,
  limits: DocumentLimits,
  rules: readonly ValidationRule[],
): string | undefined {
  try {
    const parsed = parseWithin(limits, document)
    // Validation says nothing of it.
    for (const { kind, ...definition } of parsed.definitions)
      if ('operation' in definition && !schema.getRootType(definition.operation))
        return `it is a ${definition.operation}, and this gateway has none`
    return validate(schema, parsed, rules)[0]?.message
  } catch (error) {
    return (error as Error).message
  }
}
