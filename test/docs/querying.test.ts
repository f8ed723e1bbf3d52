// Tests docs/querying.md: its operations run on the simulator and return what the page shows.

import { parse, validate } from 'graphql'
import { afterAll, expect, it } from 'vitest'
import { buildSchema } from '../../src/schema/schema.ts'
import { startGateway } from '../test-gateway.ts'
import { examples } from './examples.ts'
import { blocks, deadLinksOf, read } from './markdown.ts'

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

it.each([
  ['{ virtualMachines { nodes { name disks { label } } } }', 1],
  ['{ datacenters { nodes { virtualMachines { nodes { name host { name } } } } } }', 1],
  ['{ virtualMachines(first: 2) { nodes { name memory } } }', 2],
  ['{ virtualMachines(filter: { name: { glob: "web-*" } }) { nodes { name memory } } }', 1],
  ['{ datastores { nodes { name hosts { name } } } }', 2],
  ['{ virtualMachine(by: { name: "web-01" }) { memory } }', 2],
])('counts the retrievals of %s as documented', async (query, retrievals) => {
  // The first time, the sizes of the lists are not known.
  await gateway.execute(query)
  const { extensions } = await gateway.execute(query, {}, { 'x-vsphere-trace': '1' })
  expect(extensions?.vsphere).toMatchObject({ retrievals })
})

it('has no broken links', () => {
  expect(deadLinksOf('querying.md')).toEqual([])
})
