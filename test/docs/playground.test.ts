// Checks playground/README.md: its paths exist, it lists each view, and each library with what it is for.

import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { read, rowsOf, section } from './markdown.ts'

const docs = read('playground/README.md')
const pathOf = (path: string) => fileURLToPath(new URL(`../../playground/${path}`, import.meta.url))
const sources = readdirSync(pathOf('src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => read(`playground/src/${path}`))

it('names only files that exist', () => {
  const named = [...docs.matchAll(/`((?:src|results|picture)\/[\w/.-]+)`/g)].map(([, path]) => path as string)
  expect(named.length).toBeGreaterThan(8)
  const found = (path: string) => ['', 'src/', 'src/results/'].some((base) => existsSync(pathOf(base + path)))
  expect(named.filter((path) => !found(path))).toEqual([])
})

it('names the folder of each view', () => {
  const imported = read('playground/src/results/views.ts').matchAll(/from '\.\/([\w-]+)\//g)
  const folders = [...new Set([...imported].map(([, folder]) => folder as string))]
  expect(folders.length).toBeGreaterThan(4)
  expect(folders.filter((folder) => !docs.includes(`results/${folder}/`))).toEqual([])
})

it('names each library that the playground imports, and no other', () => {
  const imported = sources.flatMap((source) =>
    [...source.matchAll(/(?:from|import) '((?:@[\w-]+\/)?[\w-]+)/g)].map(([, name]) => name as string),
  )
  const named = rowsOf(section(docs, '## Libraries')).flatMap(([names = '']) => names.split(', '))
  expect(named.sort()).toEqual([...new Set(imported)].sort())
})
