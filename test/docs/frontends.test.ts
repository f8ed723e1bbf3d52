// Tests the pages on Apollo Client, urql and Relay: their code is that of the samples in test/interop/clients/, which
// test/interop/frontends.test.ts builds and uses, and its operations match the schema.

import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { NoUndefinedVariablesRule, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { relayScalars } from '../../src/client/index.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { deadLinksOf, read } from './markdown.ts'

const samples = 'test/interop/clients'
const { dependencies, devDependencies } = JSON.parse(read(`${samples}/package.json`))
const versions: Readonly<Record<string, string>> = { ...dependencies, ...devDependencies }

/** Files of the project that `npm create vite` writes. */
const generated = ['index.html', 'tsconfig.json', 'src/main.tsx']

const filesIn = (folder: string): string[] =>
  readdirSync(fileURLToPath(new URL(`../../${samples}/${folder}`, import.meta.url)), {
    recursive: true,
    encoding: 'utf8',
  }).filter((name) => /\.\w+$/.test(name))

/** The content of a file of a sample, whose own files replace the shared ones. */
function contentOf(folder: string, name: string): string {
  const own = `${samples}/${folder}/${name}`
  const isOwn = existsSync(fileURLToPath(new URL(`../../${own}`, import.meta.url)))
  return read(isOwn ? own : `${samples}/shared/${name}`)
}

/** The files that a page shows, by their names in the project. */
const filesOn = (page: string): ReadonlyMap<string, string> =>
  new Map(
    [...page.matchAll(/^`([\w./]+)`:\n\n```\w+\n([\s\S]*?)```$/gm)].map(([, name, content]) => [
      name as string,
      content as string,
    ]),
  )

describe.each(['apollo', 'urql', 'relay'])('the page on %s', (library) => {
  const page = read(`docs/clients-${library}.md`)
  const [setUp = '', persisted = ''] = page.split('\n## Persisted operations\n')
  const names = [...new Set([...filesIn('shared'), ...filesIn(library)])].filter(
    (name) => !generated.includes(name),
  )

  it.each([
    ['the sample', library, setUp, names],
    [
      'its variant with persisted operations',
      `${library}-persisted`,
      persisted,
      filesIn(`${library}-persisted`),
    ],
  ])('contains each file of %s', (_name, folder, text, expected) => {
    const shown = filesOn(text)
    expect(expected.length).toBeGreaterThan(1)
    expect([...shown.keys()].sort()).toEqual([...expected].sort())
    for (const name of expected) expect(shown.get(name), name).toBe(contentOf(folder, name))
  })

  it('names the tested versions, and installs their major versions', () => {
    const [, tested = ''] = /Tested in Chromium with (.+)\.\n/.exec(page) ?? []
    const named = tested.split(', ').map((each) => each.split(' '))
    expect(named.length).toBeGreaterThan(2)
    for (const [name = '', version] of named) expect(version, name).toBe(versions[name])
    const commands = [...page.matchAll(/^npm install (?:--save-dev )?(.+)$/gm)].flatMap(([, list = '']) =>
      list.split(' '),
    )
    const packages = commands.filter((each) => !each.endsWith('.tgz'))
    expect(packages.length).toBeGreaterThan(4)
    for (const each of packages) {
      const [, name = '', major] = /^(@?[^@]+)(?:@(\d+))?$/.exec(each) ?? []
      expect(versions[name], name).toMatch(major ? `${major}.` : /^\d/)
    }
  })

  it('has operations that match the schema', () => {
    const sources = names.filter((name) => name.endsWith('.tsx')).map((name) => contentOf(library, name))
    const documents = sources.flatMap((source) =>
      [...source.matchAll(/graphql\(?`([^`]+)`/g)].map(([, document]) => document as string),
    )
    expect(documents.length).toBeGreaterThan(4)
    // Without the directives of Relay, and the variables that they declare for fragments.
    const plain = documents
      .join('\n')
      .replace(/@(argumentDefinitions|refetchable|connection|alias)\((?:[^()]|\([^)]*\))*\)/g, '')
    const rules = specifiedRules.filter((rule) => rule !== NoUndefinedVariablesRule)
    expect(validate(buildSchema(), parse(plain), rules)).toEqual([])
  })

  it('has no broken links', () => {
    expect(deadLinksOf(`clients-${library}.md`)).toEqual([])
  })
})

it('maps scalars in the configuration of Relay as the package does', () => {
  expect(JSON.parse(read(`${samples}/relay/relay.config.json`)).customScalarTypes).toEqual(relayScalars)
})

it('locks the packages of the samples without a registry', () => {
  const { packages } = JSON.parse(read(`${samples}/package-lock.json`)) as {
    packages: Record<string, { resolved?: string; integrity?: string }>
  }
  const locked = Object.entries(packages).filter(([path]) => path !== '')
  expect(locked.length).toBeGreaterThan(100)
  expect(locked.filter(([, { resolved, integrity }]) => resolved || !integrity)).toEqual([])
})
