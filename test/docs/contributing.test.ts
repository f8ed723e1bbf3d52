// Tests docs/contributing.md: the scripts, files and links that it names exist.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { blocks, deadLinksOf, read, section } from './markdown.ts'

const docs = read('docs/contributing.md')
const top = fileURLToPath(new URL('../../', import.meta.url))

it('names only scripts of package.json', () => {
  const { scripts } = JSON.parse(read('package.json'))
  const named = [...docs.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string)
  expect(named.length).toBeGreaterThan(5)
  for (const name of named) expect(scripts).toHaveProperty([name])
})

it('names only existing files and folders', () => {
  const named = docs.matchAll(/(?<![\w/.])((?:src|test|docs|schema|deploy|\.ci|\.\/dist)\/[\w./-]*[\w/])/g)
  const paths = [...named].map(([, path]) =>
    (path as string)
      .replace(/^\.\/dist\/(.+)\.js$/, 'src/$1.ts')
      .replace(/^test\/interop\/\.tools$/, 'test/interop'),
  )
  expect(paths.length).toBeGreaterThan(20)
  expect(paths.filter((path) => !existsSync(`${top}${path}`))).toEqual([])
})

it('has no broken links', () => {
  expect(deadLinksOf('contributing.md')).toEqual([])
})

it('shows code of the files that its recipes name', () => {
  const files = [
    'src/schema/inventory/distributed-virtual-switch.ts',
    'test/schema/recipes/cdrom-drive.ts',
    'src/schema/mutations/consolidate-disks.ts',
  ].map((path) => read(path).replaceAll("'../../../src/schema/", "'../"))
  const withoutIndentation = (code: string) => code.replaceAll(/^ +/gm, '').trim()
  const code = files.map(withoutIndentation).join('\n')
  const shown = blocks(section(docs, '## Recipes'), 'ts')
  expect(shown.length).toBe(6)
  for (const block of shown) expect(code).toContain(withoutIndentation(block))
})
