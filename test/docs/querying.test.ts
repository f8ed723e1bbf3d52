// Tests docs/querying.md: its operations run on the simulator and return what the page shows.

import { parse, validate } from 'graphql'
import { afterAll, describe, expect, it } from 'vitest'
import { enumOperators, scalarOperators } from '../../src/schema/core/criteria/operators.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { startGateway } from '../test-gateway.ts'
import { examples } from './examples.ts'
import { blocks, deadLinksOf, read, rowsOf, section } from './markdown.ts'

const docs = read('docs/querying.md')
const gateway = startGateway()
afterAll(() => gateway.close())

it.each(examples(docs, 'graphql'))('shows the response of an operation, example %#', async (example) => {
  const response = await gateway.execute(example.source)
  expect(response).toMatchObject(example.response)
  expect('errors' in response).toBe('errors' in example.response)
})

it('contains only valid operations', () => {
  const operations = blocks(docs, 'graphql')
  expect(operations.length).toBeGreaterThan(5)
  for (const operation of operations) expect(validate(buildSchema(), parse(operation))).toEqual([])
})

describe('the recipe', () => {
  it.each(blocks(section(docs, '## Recipes'), 'graphql'))('finds something: %s', async (operation) => {
    const { data, errors } = await gateway.execute(operation)
    expect(errors).toBeUndefined()
    for (const { nodes, groups } of Object.values<{ nodes?: object[]; groups?: object[] }>(data))
      expect((nodes ?? groups)?.length).toBeGreaterThan(0)
  })

  it('is one of ten', () => {
    expect(section(docs, '## Recipes').match(/^\d+\. /gm)).toHaveLength(10)
  })
})

it('lists the operators of each scalar', () => {
  const columns = ['String', ['Int', 'BigInt', 'Float'], 'DateTime', 'Enum', 'Boolean', 'ID'].map((type) =>
    [type].flat(),
  )
  const documented = new Map(
    rowsOf(section(docs, '### Operators')).map(([names = '', , ...cells]) => [names, cells]),
  )
  const operatorsOf = (type: string) => (type === 'Enum' ? enumOperators : scalarOperators[type]) ?? []
  const seen = new Set<string>()
  for (const [names, cells] of documented) {
    for (const [, name] of names.matchAll(/`(\w+)`/g)) {
      seen.add(name as string)
      for (const [index, types] of columns.entries())
        for (const type of types) {
          const cell = cells[index] ?? ''
          const says =
            cell !== '–' &&
            !cell.includes(`not ${type}`) &&
            !(cell.startsWith('only') && !cell.includes(`\`${name}\``))
          expect(operatorsOf(type).includes(name as never), `${name} of ${type}`).toBe(says)
        }
    }
  }
  expect([...seen].sort()).toEqual([...new Set(Object.values(scalarOperators).flat())].sort())
})

it.each([
  ['{ virtualMachines { nodes { name disks { label } } } }', 1],
  ['{ datacenters { nodes { virtualMachines { nodes { name host { name } } } } } }', 1],
  ['{ virtualMachines(first: 2) { nodes { name memory } } }', 2],
  ['{ virtualMachines(filter: { name: { glob: "web-*" } }) { nodes { name memory } } }', 1],
  ['{ datastores { nodes { name hostMounts { host { name } } } } }', 2],
  ['{ virtualMachine(by: { name: "web-01" }) { memory } }', 2],
  ['{ virtualMachines(first: 0) { totalCount aggregate { memory { sum } } } }', 1],
  [
    '{ virtualMachines(first: 5, filter: { disks: { some: { capacity: { gt: 0 } } } }) { nodes { uuid } } }',
    2,
  ],
  [
    '{ virtualMachines(first: 5, filter: { powerState: { eq: POWERED_ON }, disks: { some: { capacity: { gt: 0 } } } }) { nodes { uuid } } }',
    3,
  ],
])('counts the retrievals of %s as documented', async (query, retrievals) => {
  // The first time, the sizes of the lists are not known.
  await gateway.execute(query)
  const { extensions } = await gateway.execute(query, {}, { 'x-vsphere-trace': '1' })
  expect(extensions?.vsphere).toMatchObject({ retrievals })
})

it('has no broken links', () => {
  expect(deadLinksOf('querying.md')).toEqual([])
})
