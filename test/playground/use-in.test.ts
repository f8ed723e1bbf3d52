// Where an id can be used: examples and fields that take it, and operations that are valid with it.

import { readFileSync } from 'node:fs'
import { buildClientSchema, buildSchema, introspectionFromSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { UseExample } from '../../playground/src/results/ids/use.ts'
import { usesOfId } from '../../playground/src/results/ids/use-in.ts'
import { examplesDirectory, readExamples } from '../../src/server/playground/examples.ts'

/** As the page has it, by introspection. */
const schema = buildClientSchema(
  introspectionFromSchema(
    buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8')),
  ),
)
const examples = readExamples(examplesDirectory, { readOnly: false, isSimulator: true })

const titles = (type: string, of: readonly UseExample[] = []) =>
  usesOfId(schema, type, 'x', of).map(({ title }) => title)

const example = (query: string, variables?: Record<string, unknown>): UseExample => ({
  title: 'example',
  description: '',
  kind: query.startsWith('mutation') ? 'mutation' : 'query',
  query,
  ...(variables && { variables }),
})

describe('the uses of an id', () => {
  it('are fields that look up its type, and node', () => {
    expect(titles('VirtualMachine')).toEqual([
      'Maps of all disks',
      'virtualMachine',
      'Look it up by id (node)',
    ])
    expect(titles('Snapshot')).toEqual(['Maps of all disks', 'Look it up by id (node)'])
    expect(titles('Task')).toEqual(['task', 'task (live)', 'Look it up by id (node)'])
    expect(titles('VirtualDisk')).toEqual([
      'Map of the disk',
      'changedAreas (live)',
      'Look it up by id (node)',
    ])
    // The page of areas may not reach the end of the disk; the density does.
    const [map] = usesOfId(schema, 'VirtualDisk', 'x', examples)
    expect(map?.tab.query).toMatch(/allocatedAreas\(first: 2000\) \{[^}]*density\(buckets: 128\)/)
    // The menu of a virtual machine leads to maps without a choice between.
    for (const type of ['VirtualMachine', 'Snapshot']) {
      const [maps] = usesOfId(schema, type, 'x', examples)
      expect(maps).toMatchObject({ title: 'Maps of all disks', group: 'Maps' })
      expect(maps?.tab.query).toMatch(/disks \{[^}]*allocatedAreas/)
    }
    expect(titles('Viewer')).toEqual([])
    expect(titles('Nothing')).toEqual([])
  })

  it('are valid operations for every type with an id', () => {
    const types = schema.getPossibleTypes(schema.getType('Node') as never)
    expect(types.length).toBeGreaterThan(10)
    for (const { name } of types)
      for (const { title, tab } of usesOfId(schema, name, 'x', examples)) {
        expect([name, title, validate(schema, parse(tab.query)).map(({ message }) => message)]).toEqual([
          name,
          title,
          [],
        ])
        expect(Object.values(tab.variables ?? {}).flat()).toContain('x')
      }
  })

  it('are examples that look up an object of the type, with the other variables kept', () => {
    const query =
      'query ($id: ID!, $first: Int) { host(by: { id: $id }) { virtualMachines(first: $first) { totalCount } } }'
    const [first] = usesOfId(schema, 'HostSystem', 'x', [example(query, { id: 'old', first: 5 })])
    expect(first).toMatchObject({
      group: 'Examples',
      isMutation: false,
      tab: { query, variables: { id: 'x', first: 5 } },
    })
    expect(titles('Datastore', [example(query)])).not.toContain('example')
  })

  it('are examples that load a node, of the types that they select', () => {
    const query = 'query ($id: ID!) { node(id: $id) { ... on Snapshot { path } } }'
    expect(titles('Snapshot', [example(query)])).toContain('example')
    expect(titles('Task', [example(query)])).not.toContain('example')
  })

  it('are examples with an input that means the type', () => {
    const remove = 'mutation ($s: ID!) { removeSnapshot(input: { snapshot: $s }) { removedSnapshotIds } }'
    const [, removal] = usesOfId(schema, 'Snapshot', 'x', [example(remove)])
    expect(removal).toMatchObject({ group: 'Examples', isMutation: true })
    expect(titles('VirtualMachine', [example(remove)])).not.toContain('example')
    const attach =
      'mutation ($t: ID!, $e: [ID!]!) { attachTag(input: { tag: { id: $t }, entities: $e }) { results { entityId } } }'
    expect(usesOfId(schema, 'VirtualMachine', 'x', [example(attach)])[1]?.tab.variables).toEqual({ e: ['x'] })
    expect(usesOfId(schema, 'Tag', 'x', [example(attach)])[0]?.tab.variables).toEqual({ t: 'x' })
  })

  it('are examples that look up the object by its name, changed to take the id', () => {
    const query = `# One machine.
query ($name: String! = "db-01", $x: Int) {
  virtualMachine(by: { name: $name }) { name } # by its name
}`
    const [, first] = usesOfId(schema, 'VirtualMachine', 'x', [example(query, { name: 'db-01' })])
    expect(first?.tab).toEqual({
      query: `# One machine.
query ($name: ID!, $x: Int) {
  virtualMachine(by: { id: $name }) { name } # by its name
}`,
      variables: { name: 'x' },
    })
    expect(titles('HostSystem', [example(query)])).not.toContain('example')
    // The name is also used elsewhere.
    const twice =
      'query ($n: String!) { virtualMachine(by: { name: $n }) { name } hosts(filter: { name: { eq: $n } }) { totalCount } }'
    expect(titles('VirtualMachine', [example(twice)])).not.toContain('example')
  })

  it('of a virtual machine include the examples of the page', () => {
    expect(
      usesOfId(schema, 'VirtualMachine', 'x', examples).filter(({ group }) => group === 'Examples'),
    ).not.toEqual([])
  })

  it('of a snapshot include the examples of the page', () => {
    const used = usesOfId(schema, 'Snapshot', 'x', examples).filter(({ group }) => group === 'Examples')
    expect(used.length).toBeGreaterThan(0)
  })

  it('are first those that are about the type and change nothing', () => {
    const of = [
      example('mutation ($s: ID!) { removeSnapshot(input: { snapshot: $s }) { removedSnapshotIds } }'),
      example('query ($id: ID!) { node(id: $id) { __typename } }'),
      example('query ($id: ID!) { node(id: $id) { ... on Snapshot { path } } }'),
    ].map((each, index) => ({ ...each, title: String(index) }))
    expect(titles('Snapshot', of).slice(1, 4)).toEqual(['2', '1', '0'])
  })

  it('have a name, which the tab of GraphiQL shows', () => {
    for (const type of ['VirtualMachine', 'Snapshot', 'VirtualDisk', 'Task'])
      for (const { tab } of usesOfId(schema, type, 'x', examples))
        expect(tab.query).toMatch(/^(query|mutation|subscription) [A-Z]/m)
  })

  it('leave out examples that do not parse', () => {
    expect(titles('Task', [example('query {')])).not.toContain('example')
  })
})
