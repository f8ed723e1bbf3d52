// Reads the text of a file that a setting names.

import { resolve } from 'node:path'
import { ConfigError } from './config-error.ts'

/** Returns the text of a file; throws as node:fs does. */
export type ReadFile = (path: string) => string

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTREG: 'it is not a regular file',
}

interface ReadTextOptions {
  /** Minimum length of the secret that a user may give instead of the path of its file. @default Infinity, not a secret */
  readonly minSecretLength?: number
}

/**
 * Reads the file of the setting `label`.
 * @throws ConfigError
 */
export function readText(
  file: string,
  label: string,
  readFile: ReadFile,
  { minSecretLength = Number.POSITIVE_INFINITY }: ReadTextOptions = {},
): string {
  try {
    return readFile(file)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const mayBeSecret = file.length >= minSecretLength && !isPath(file)
    const path = mayBeSecret ? 'not shown, since it may be a secret' : resolve(file)
    throw new ConfigError(`${label} cannot be read: ${problems[code] ?? code} (${path})`)
  }
}

/**
 * Whether this is a path rather than a secret: one that starts with ./ or ../, or with / and a folder, or one of lower-case names
 * that ends with a common extension.
 */
const isPath = (file: string): boolean =>
  /^\.{1,2}[\\/]|^([A-Za-z]:)?[\\/][^\\/]+[\\/]|^[a-z_/-]+\.(txt|json|pem|key)$/.test(file)
