// The text of a file that a setting names.

import { ConfigError } from './config-error.ts'

/** Gives the text of a file, or throws as node:fs does. */
export type ReadFile = (path: string) => string

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTREG: 'it is no regular file',
}

/** Reads the file of the setting `label`; throws a ConfigError. */
export function readText(file: string, label: string, readFile: ReadFile): string {
  try {
    return readFile(file)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    // Neither the path nor the message: it may be a password that was given in the wrong place.
    throw new ConfigError(`${label} cannot be read: ${problems[code] ?? code}`)
  }
}
