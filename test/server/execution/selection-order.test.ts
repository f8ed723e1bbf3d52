// The fields of a response are in the order of the operation, whichever value is known first.

import fc from 'fast-check'
import { buildSchema, execute, type OperationDefinitionNode, parse } from 'graphql'
import { expect, it, onTestFinished } from 'vitest'
import { JsonText } from '../../../src/schema/execution/json-text.ts'
import { restoreSelectionOrder } from '../../../src/server/execution/selection-order.ts'
import { subscribe } from '../../subscribe.ts'
import { startGateway } from '../../test-gateway.ts'

const schema = buildSchema(`
  interface Node { id: Int! node: Node nodes: [Node!]! }
  type A implements Node { id: Int! node: Node nodes: [Node!]! a: Int }
  type B implements Node { id: Int! node: Node nodes: [Node!]! b: Int }
  type Query { id: Int! node: Node nodes: [Node!]! }
`)

const source = (depth: number): object => ({
  __typename: depth % 2 ? 'A' : 'B',
  id: depth,
  a: 1,
  b: null,
  node: () => (depth > 3 ? null : source(depth + 1)),
  nodes: () => (depth > 3 ? [] : [source(depth + 1), source(depth + 2)]),
})

const aliases = fc.constantFrom('', 'x: ', 'y: ')

/** Selections on a node. A response name is always that of the same field, so that they can be merged. */
const selections = fc.letrec<{ set: string; node: string }>((tie) => ({
  set: fc.array(tie('node'), { minLength: 1, maxLength: 5 }).map((nodes) => `{ ${nodes.join(' ')} }`),
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    aliases.map((alias) => `${alias}id`),
    fc.constant('__typename'),
    fc.tuple(fc.constantFrom('', 'z: '), tie('set')).map(([alias, set]) => `${alias}node ${set}`),
    tie('set').map((set) => `nodes ${set}`),
    tie('set').map((set) => `... on Node ${set}`),
    tie('set').map((set) => `... ${set}`),
    fc.constant('...F'),
  ),
})).set

/** The value with the fields of each object in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((each) => shuffled(each, random))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, each]) => ({ name, each, rank: random() }))
  entries.sort((left, right) => left.rank - right.rank)
  return Object.fromEntries(entries.map(({ name, each }) => [name, shuffled(each, random)]))
}

it('restores the order of any selection', async () => {
  await fc.assert(
    fc.asyncProperty(
      selections,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      async (set, ranks) => {
        const document = parse(
          `query { node ${set} } fragment F on Node { nodes { id } id node { y: id id } }`,
        )
        const expected = await execute({ schema, document, rootValue: source(0) })
        expect(expected.errors).toBeUndefined()
        const result = {
          data: shuffled(expected.data, () => ranks.next().value as number) as Record<string, unknown>,
        }
        await restoreSelectionOrder(result, document, document.definitions[0] as OperationDefinitionNode)
        expect(JSON.stringify(result.data)).toBe(JSON.stringify(expected.data))
      },
    ),
  )
})

it('keeps lists that are JSON already and results without data, and handles fragments that spread each other often', async () => {
  const spreads = Array.from(
    { length: 60 },
    (_, index) => `fragment F${index} on A { ...F${index + 1} ...F${index + 1} }`,
  )
  const document = parse(
    `{ a: nodes { id } b: node { ...F0 } } ${spreads.join(' ')} fragment F60 on A { id a }`,
  )
  const operation = document.definitions[0] as OperationDefinitionNode
  const data = { b: { a: 1, id: 2 }, a: new JsonText('[{"id":1}]') }
  const result = { data }
  await restoreSelectionOrder(result, document, operation)
  expect(JSON.stringify(result)).toBe('{"data":{"a":[{"id":1}],"b":{"id":2,"a":1}}}')
  const failed = { data: null, errors: [] }
  await restoreSelectionOrder(failed, document, operation)
  await restoreSelectionOrder({ errors: [] }, document, operation)
  expect(failed).toEqual({ data: null, errors: [] })
})

it('holds for queries and for events of subscriptions', async () => {
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  const fields =
    'tags { name } events(first: 1) { nodes { key } } name can(actions: [POWER_ON]) { allowed } id host { name }'
  const order = ['tags', 'events', 'name', 'can', 'id', 'host']
  const { data, errors } = await gateway.execute(
    `{ b: hosts { totalCount } a: datastores { totalCount } c: vcenters { name } virtualMachine(by: { name: "web-01" }) { ${fields} } }`,
  )
  expect(errors).toBeUndefined()
  expect(Object.keys(data)).toEqual(['b', 'a', 'c', 'virtualMachine'])
  expect(Object.keys(data.virtualMachine)).toEqual(order)
  const events = await subscribe(
    await gateway.listen(),
    `subscription {
      inventoryChanges(filter: { virtualMachine: {} }) {
        changes { entity { ... on VirtualMachine { host { name } name disks { label } id } } kind }
        initial
      }
    }`,
  )
  const event = await events.next<{ inventoryChanges: { changes: { entity: object }[] } }>()
  const batch = event?.data?.inventoryChanges
  expect(Object.keys(batch ?? {})).toEqual(['changes', 'initial'])
  expect(batch?.changes.length).toBeGreaterThan(0)
  for (const change of batch?.changes ?? []) {
    expect(Object.keys(change)).toEqual(['entity', 'kind'])
    expect(Object.keys(change.entity)).toEqual(['host', 'name', 'disks', 'id'])
  }
})
