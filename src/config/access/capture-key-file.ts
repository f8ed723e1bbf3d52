// Reads the file of --capture-key-file: one key per line. The first signs the captures of this gateway, and all of them verify.

import { ConfigError } from '../config-error.ts'
import { type ReadFile, readText } from '../read-text.ts'

/** Against guessing. */
export const minKeyLength = 32

/**
 * Reads the keys.
 * @throws ConfigError that names the line, and never shows a key
 */
export function readCaptureKeys(file: string, readFile: ReadFile): readonly string[] {
  const label = '--capture-key-file (CAPTURE_KEY_FILE)'
  const lines = readText(file, label, readFile, { minSecretLength: minKeyLength })
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  const keys: string[] = []
  for (const [index, line] of lines.entries()) {
    const key = line.trim()
    if (key === '' || key.startsWith('#')) continue
    if (key.length < minKeyLength)
      throw new ConfigError(
        `--capture-key-file, line ${index + 1}: the key must have at least ${minKeyLength} characters`,
      )
    keys.push(key)
  }
  if (keys.length === 0) throw new ConfigError('--capture-key-file contains no key')
  return keys
}
