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

/**
 * Reads the file of the setting `label`.
 * @throws ConfigError
 */
export function readText(file: string, label: string, readFile: ReadFile): string {
  try {
    return readFile(file)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new ConfigError(`${label} cannot be read: ${problems[code] ?? code} (${displayPath(file)})`)
  }
}

/**
 * Shows only absolute paths and those that start with ./ or ../: anything else may be a password that was
 * given instead of its file.
 */
const displayPath = (file: string): string =>
  /^\.{1,2}[\\/]|^([A-Za-z]:)?[\\/][^\\/]+[\\/]/.test(file) ? file : `relative to ${resolve('.')}`
