// Tests docs/architecture.md: every path that it names exists, and it describes each layer.

import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { deadLinksOf, read } from './markdown.ts'

const docs = read('docs/architecture.md')
const top = fileURLToPath(new URL('../../', import.meta.url))

/** The files and folders that the document names: relative to src/, or to the root. */
const paths = [...docs.matchAll(/`([\w./-]+(?:\.ts|\/))`/g)].map(([, path]) => path as string)

it('names only existing files and folders', () => {
  expect(paths.length).toBeGreaterThan(100)
  const missing = paths.filter((path) => !existsSync(`${top}src/${path}`) && !existsSync(`${top}${path}`))
  expect(missing).toEqual([])
})

it('describes each layer', () => {
  const layers = readdirSync(`${top}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(layers.length).toBeGreaterThan(10)
  for (const { name } of layers) expect(docs).toContain(`\`${name}/\``)
})

it('has no broken links', () => {
  expect(deadLinksOf('architecture.md')).toEqual([])
})
