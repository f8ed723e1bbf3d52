// Reads the file of persisted operations. server/, which has the schema, validates them.

import { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { type ReadFile, readText } from './read-text.ts'
import type { ResolvedSettings } from './resolve-settings.ts'
import { serveSettings } from './settings.ts'

export interface PersistedOperations {
  /** Documents by id. */
  readonly documents: ReadonlyMap<string, string>
  /** Whether all other operations are rejected. */
  readonly persistedOnly: boolean
}

/** The format of Relay's compiler and graphql-codegen. */
const byId = z.record(z.string(), z.string())

/** The format of Apollo's generate-persisted-query-manifest. */
const manifest = z
  .object({
    format: z.literal('apollo-persisted-query-manifest'),
    operations: z.array(z.object({ id: z.string(), body: z.string() })),
  })
  .transform(({ operations }) => Object.fromEntries(operations.map(({ id, body }) => [id, body])))

/**
 * Reads the settings of persisted operations.
 * @throws ConfigError
 */
export function readPersistedOperations(
  { values, label }: Pick<ResolvedSettings, 'values' | 'label'>,
  readFile: ReadFile,
): PersistedOperations | undefined {
  const { persistedOperations: file, persistedOnly } = values
  const name = label(serveSettings.persistedOperations)
  if (file === undefined) {
    if (persistedOnly) throw new ConfigError(`${label(serveSettings.persistedOnly)} needs ${name}`)
    return undefined
  }
  const result = byId.or(manifest).safeParse(json(readText(file, name, readFile)))
  if (!result.success)
    throw new ConfigError(
      `${name} must contain a JSON object that maps ids to documents, or an Apollo manifest`,
    )
  return { documents: new Map(Object.entries(result.data)), persistedOnly }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
