// Reads and merges files of persisted operations, as compilers write them, into one map of ids and documents.

/** A file of persisted operations has no known format, or contradicts another one. */
export class PersistedOperationsError extends Error {
  override readonly name = 'PersistedOperationsError'
}

const unknownFormat = 'must contain a JSON object that maps ids to documents, or an Apollo manifest'

/**
 * Reads the contents of files, as parsed JSON: maps of ids and documents (Relay's compiler, graphql-codegen's client preset), or
 * manifests of Apollo's generate-persisted-query-manifest.
 * @returns the documents by id
 * @throws PersistedOperationsError if a format is unknown, or two different documents have the same id
 */
export function readPersistedOperations(...contents: readonly unknown[]): Map<string, string> {
  const documents = new Map<string, string>()
  for (const [id, document] of contents.flatMap(entriesOf)) {
    if ((documents.get(id) ?? document) !== document)
      throw new PersistedOperationsError(`has different documents with the id ${JSON.stringify(id)}`)
    documents.set(id, document)
  }
  return documents
}

/**
 * Merges the contents of files, such as those of two frontends, into the content of one that `--persisted-operations` reads.
 * @throws PersistedOperationsError as `readPersistedOperations`
 */
export const mergePersistedOperations = (...contents: readonly unknown[]): Record<string, string> =>
  Object.fromEntries(readPersistedOperations(...contents))

type Entry = readonly [id: string, document: string]

function entriesOf(content: unknown): readonly Entry[] {
  const entries = isApolloManifest(content)
    ? content.operations.map((operation) => [operation?.id, operation?.body] as const)
    : isObject(content)
      ? Object.entries(content)
      : undefined
  if (entries?.every(isEntry)) return entries
  throw new PersistedOperationsError(unknownFormat)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isEntry = (entry: readonly [unknown, unknown]): entry is Entry =>
  typeof entry[0] === 'string' && typeof entry[1] === 'string'

const isApolloManifest = (
  content: unknown,
): content is { readonly operations: readonly ({ id?: unknown; body?: unknown } | null)[] } =>
  isObject(content) &&
  content.format === 'apollo-persisted-query-manifest' &&
  Array.isArray(content.operations)
