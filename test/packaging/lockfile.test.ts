// Ensures that package-lock.json works for any `npm ci`: no install scripts, no warnings, and any registry.

import { readFileSync } from 'node:fs'
import { satisfies } from 'semver'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly deprecated?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const oldestNode = '20.19.0'

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, LockedPackage>
}
const { '': root, ...packages } = lock.packages

/** Returns `path: reason` of every locked package that violates a rule. */
function violations(rule: (entry: LockedPackage) => string | false | undefined): string[] {
  return Object.entries(packages).flatMap(([path, entry]) => {
    const violation = rule(entry)
    return violation === undefined || violation === false ? [] : [`${path}: ${violation}`]
  })
}

describe('package-lock.json', () => {
  it('is a lock file with packages', () => {
    expect(Object.keys(packages).length).toBeGreaterThan(50)
  })

  it('has no package with an install script', () => {
    expect(violations((entry) => entry.hasInstallScript && 'runs a script when it is installed')).toEqual([])
  })

  it(`has no package whose engines exclude Node ${oldestNode}`, () => {
    expect(root?.engines?.node).toBe('>=20.19')
    expect(
      violations(({ engines }) => {
        const node = engines?.node
        return node !== undefined && !satisfies(oldestNode, node) && `needs Node ${node}`
      }),
    ).toEqual([])
  })

  it('has no deprecated package, since npm warns about them', () => {
    expect(violations((entry) => entry.deprecated)).toEqual([])
  })

  it('names no registry, and has an integrity hash for each package', () => {
    expect(violations((entry) => entry.resolved)).toEqual([])
    expect(violations((entry) => entry.integrity === undefined && 'has no integrity')).toEqual([])
  })

  it('has the builds for every platform, since npm ci would fail without them', () => {
    const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
    expect(
      violations(({ optionalDependencies = {} }) => {
        const absent = Object.keys(optionalDependencies).filter((name) => !names.has(name))
        return absent.length > 0 && `lacks ${absent.join(', ')}`
      }),
    ).toEqual([])
  })
})
