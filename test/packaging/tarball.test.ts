// The package as npm packs it: all files that it refers to are in it, and nothing else.

import { execFile } from 'node:child_process'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { linksOf, read } from '../docs/markdown.ts'

const manifest = JSON.parse(read('package.json'))
let files: readonly string[]
let serverSize: number

beforeAll(async () => {
  const cwd = fileURLToPath(new URL('../../', import.meta.url))
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd,
  })
  const [packed] = JSON.parse(stdout) as [{ files: { path: string; size: number }[] }]
  files = packed.files.map(({ path }) => path)
  // The playground has a limit of its own, and is not built for all tests.
  const withoutPlayground = packed.files.filter(({ path }) => !path.startsWith('dist/playground/'))
  serverSize = withoutPlayground.reduce((sum, { size }) => sum + size, 0)
})

describe('the package', () => {
  it('can be published', () => {
    expect(manifest).not.toHaveProperty('private')
    expect(manifest).toMatchObject({ name: 'vsphere-graphql', license: 'Apache-2.0', type: 'module' })
  })

  it('contains all files that its exports, imports and commands name', () => {
    const pathsIn = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : Object.values(value as object).flatMap(pathsIn)
    const paths = pathsIn([manifest.exports, manifest.imports, manifest.bin])
    expect(paths.length).toBeGreaterThan(8)
    // Written just before the files are packed, which this test does not do.
    const [, written = ''] = / > (\S+)$/.exec(manifest.scripts.prepack) ?? []
    const missing = paths.map((path) => posix.normalize(path)).filter((path) => !files.includes(path))
    expect(missing.filter((path) => path !== written)).toEqual([])
  })

  it('contains all files that its documents link to', () => {
    const documents = files.filter((path) => path.endsWith('.md'))
    expect(documents.length).toBeGreaterThan(15)
    const missing = documents.flatMap((document) =>
      linksOf(read(document))
        .filter(({ file }) => file !== '')
        .map(({ file }) => posix.join(posix.dirname(document), file))
        .filter((path) => !files.includes(path))
        .map((path) => `${document}: ${path}`),
    )
    expect(missing).toEqual([])
  })

  it('contains no sources, tests or build state, and has a bounded size', () => {
    const folders = new Set(files.filter((path) => path.includes('/')).map((path) => path.split('/', 1)[0]))
    expect([...folders].sort()).toEqual(['deploy', 'dist', 'docs', 'examples', 'playground', 'schema'])
    const sources = files.filter((path) =>
      /\.(map|tsbuildinfo)$|(?<!\.d)\.ts$|^examples\/.*\/dist\//.test(path),
    )
    expect(sources.filter((path) => !/^examples\/.*(?<!\.d)\.ts$/.test(path))).toEqual([])
    expect(serverSize).toBeLessThan(8_000_000)
  })
})
