// A folder with a built playground: the page of the sources, and small assets.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { read } from '../../docs/markdown.ts'

/** Creates the folder until the end of the test. `assets` are contents by name. */
export function createBuiltPlayground(
  assets: Readonly<Record<string, string | Buffer>> = { 'index-1.js': 'start()' },
): string {
  const directory = mkdtempSync(join(tmpdir(), 'playground-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'index.html'), read('playground/index.html'))
  mkdirSync(join(directory, 'assets'))
  for (const [name, content] of Object.entries(assets))
    writeFileSync(join(directory, 'assets', `${name}.gz`), gzipSync(content))
  return directory
}
