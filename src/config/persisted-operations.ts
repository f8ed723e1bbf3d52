// Reads the files of persisted operations. server/, which has the schema, validates them.

import {
  PersistedOperationsError,
  readPersistedOperations as readContents,
} from '../client/persisted-operations.ts'
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

/**
 * Reads the settings of persisted operations.
 * @throws ConfigError
 */
export function readPersistedOperations(
  { values, label }: Pick<ResolvedSettings, 'values' | 'label'>,
  readFile: ReadFile,
): PersistedOperations | undefined {
  const { persistedOperations: files, persistedOnly } = values
  const name = label(serveSettings.persistedOperations)
  if (files.length === 0) {
    if (persistedOnly) throw new ConfigError(`${label(serveSettings.persistedOnly)} needs ${name}`)
    return undefined
  }
  const contents = files.map((file) => json(readText(file, name, readFile)))
  try {
    return { documents: readContents(...contents), persistedOnly }
  } catch (error) {
    if (error instanceof PersistedOperationsError) throw new ConfigError(`${name} ${error.message}`)
    throw error
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
