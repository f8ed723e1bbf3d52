// Checks the production dependencies: plain JavaScript without install scripts, each with a documented reason.

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { satisfies } from 'semver'
import { describe, expect, it } from 'vitest'
import { read } from '../docs/markdown.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
interface LockedPackage {
  readonly dev?: boolean
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const locked: Record<string, LockedPackage> = JSON.parse(read('package-lock.json')).packages
const installed = Object.keys(locked).filter((path) => path !== '' && !locked[path]?.dev)

/** The package's own files, without those of nested packages. */
const filesOf = (path: string): string[] =>
  readdirSync(`${repository}${path}`, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !/(^|\/)node_modules\//.test(file),
  )

/** Returns the package that Node finds for an import in the package at `path`. */
function resolvedFrom(path: string, name: string): LockedPackage | undefined {
  const nested = locked[path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`]
  if (nested || path === '') return nested
  return resolvedFrom(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name)
}

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

  it('has the version that its dependents declare, since overrides do not apply where the package is installed', () => {
    const violations = ['', ...installed].flatMap((path) =>
      Object.entries(locked[path]?.dependencies ?? {}).flatMap(([name, range]) => {
        const found = resolvedFrom(path, name)
        return found && satisfies(found.version, range)
          ? []
          : [`${path}: ${name}@${range}: ${found?.version}`]
      }),
    )
    expect(violations).toEqual([])
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
