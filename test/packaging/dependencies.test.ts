// Checks the production dependencies: plain JavaScript without install scripts, each with a documented reason.

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { read } from '../docs/markdown.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const locked: Record<string, { dev?: boolean; hasInstallScript?: boolean }> = JSON.parse(
  read('package-lock.json'),
).packages
const installed = Object.keys(locked).filter((path) => path !== '' && !locked[path]?.dev)

/** The package's own files, without those of nested packages. */
const filesOf = (path: string): string[] =>
  readdirSync(`${repository}${path}`, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !/(^|\/)node_modules\//.test(file),
  )

describe('a production dependency', () => {
  it('has no native code, compiled or in source form', () => {
    expect(installed.length).toBeGreaterThan(50)
    const native = /(^|\/)binding\.gyp$|\.(node|so|dylib|dll|exe)$/
    const found = installed.flatMap((path) =>
      filesOf(path)
        .filter((file) => native.test(file))
        .map((file) => `${path}/${file}`),
    )
    expect(found).toEqual([])
  })

  it('has no install script, whatever the lock file declares', () => {
    const running = installed.filter((path) => {
      const { scripts = {} } = JSON.parse(read(`${path}/package.json`))
      return ['preinstall', 'install', 'postinstall'].some((name) => name in scripts)
    })
    expect(running).toEqual([])
  })
})

it('documents a reason for each direct dependency in docs/architecture.md, and for no removed one', () => {
  const [, section = ''] = read('docs/architecture.md').split('\n## Dependencies\n')
  const rows = [...section.matchAll(/^\| (.+) \| (.+) \|$/gm)].slice(2)
  for (const [, , reason = ''] of rows) expect(reason.length).toBeGreaterThan(5)
  const named = rows.flatMap(([, names = '']) => names.split(', '))
  expect(named.sort()).toEqual(Object.keys(JSON.parse(read('package.json')).dependencies).sort())
})
