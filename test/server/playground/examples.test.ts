// The example operations as the playground presents them, and the links to them.

import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type LinkTarget, linkTarget } from '../../../playground/src/examples/link.ts'
import { examplesDirectory, readExamples } from '../../../src/server/playground/examples.ts'
import { read } from '../../docs/markdown.ts'

const examples = readExamples(examplesDirectory, { readOnly: false, isSimulator: true })

it('have a short title, a sentence, and ids of their own', () => {
  for (const { id, title, description } of examples) {
    expect(title.length, id).toBeLessThan(40)
    expect(title, id).toMatch(/^[A-Z].*\w$/)
    expect(description, id).toMatch(/^[A-Z].{15,}\.$/)
    expect(id).toMatch(/^[a-z]+\/[a-z0-9-]+$/)
  }
  expect(new Set(examples.map(({ id }) => id)).size).toBe(examples.length)
  expect(new Set(examples.map(({ title }) => title)).size).toBe(examples.length)
})

it('are linked from the documents by ids that exist', () => {
  const pages = [
    'README.md',
    ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
  ]
  const linked = pages.flatMap((page) =>
    [...read(page).matchAll(/graphql\?example=([\w/-]+)/g)].map(([, id]) => id as string),
  )
  expect(linked.length).toBeGreaterThan(4)
  expect(linked.filter((id) => !examples.some((example) => example.id === id))).toEqual([])
})

it('are opened by links with other variables', () => {
  const variables = { name: 'web-02' }
  const tree = examples.find(({ id }) => id === 'snapshots/snapshot-tree')!
  const shutDown = examples.find(({ id }) => id === 'power/shut-down-machines')!
  const linked = (parameters: Record<string, string>): LinkTarget =>
    linkTarget(`?${new URLSearchParams(parameters)}`, examples)
  expect(linked({ example: tree.id, variables: JSON.stringify(variables) })).toEqual({
    tab: { query: tree.query, variables },
  })
  expect(linked({ example: shutDown.id })).toEqual({
    tab: { query: shutDown.query, variables: shutDown.variables },
  })
  expect(linked({ query: '{ vcenters { name } }' })).toEqual({ tab: { query: '{ vcenters { name } }' } })
  expect(linked({ other: '1' })).toBeUndefined()
  for (const text of ['{', '[1]', '1', 'null'])
    expect(linked({ example: tree.id, variables: text }), text).toHaveProperty('problem')
  expect(linked({ example: 'another' })).toHaveProperty('problem')
})
