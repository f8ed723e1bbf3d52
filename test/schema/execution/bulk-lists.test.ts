// Tests that lists which bypass the executor appear in the result exactly as the executor would have
// produced them.

import fc from 'fast-check'
import type { ExecutionResult, GraphQLResolveInfo } from 'graphql'
import { buildSchema, execute, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { OperationBudget } from '../../../src/schema/cost/operation-budget.ts'
import { BulkLists } from '../../../src/schema/execution/bulk-lists.ts'
import { stringifyInChunks } from '../../../src/server/execution/chunked-json.ts'
import { defaultLimits } from '../../test-gateway.ts'
import { changedAreasFixture, grain } from '../changed-areas/changed-areas-fixture.ts'

/** A disk with three areas changed since a point. */
async function changed() {
  const fixture = await changedAreasFixture()
  const { changeId } = await fixture.snapshot()
  for (const each of [0, 2, 4]) fixture.write(each * grain, grain)
  return { fixture, changeId }
}

/** Queries the disk in a snapshot; `$since` is the starting point. */
async function run(fields: string, definitions = '') {
  const { fixture, changeId } = await changed()
  const { id } = await fixture.snapshot()
  const query = `query ($id: ID!, $since: ChangedSince!, $yes: Boolean! = true) {
    node(id: $id) { ... on VirtualDisk @include(if: $yes) { ${fields} } }
  } ${definitions}`
  return fixture.execute(query, { id, since: { changeId } })
}

const starts = [0, 2, 4].map((each) => each * grain)

describe('a list of areas', () => {
  it('has the selected fields, under the names and in the order of the selection', async () => {
    const { data } = await run(
      'areas: changedAreas(since: $since) { nodes { size: length __typename start again: start } }',
    )
    expect(JSON.stringify(data.node.areas.nodes)).toBe(
      JSON.stringify(
        starts.map((start) => ({ size: grain, __typename: 'ChangedArea', start, again: start })),
      ),
    )
  })

  it('supports fragments, directives, and a field that is selected twice', async () => {
    const connection = `areas: changedAreas(since: $since) {
      nodes { ...A start @skip(if: $yes) }
      nodes { ... on ChangedArea @include(if: $yes) { length } }
      aside: nodes { start @include(if: $yes) }
    }`
    const { data } = await run(connection, 'fragment A on ChangedArea { end: length }')
    expect(data.node.areas).toEqual({
      nodes: starts.map(() => ({ end: grain, length: grain })),
      aside: starts.map((start) => ({ start })),
    })
  })

  it('has nested objects, and cursors for the next page', async () => {
    const edges = (args: string) =>
      `changedAreas(since: $since, ${args}) { edges { at: cursor __typename node { ...A } n: node { __typename start } } }`
    const { fixture, changeId } = await changed()
    const { id } = await fixture.snapshot()
    const read = async (args: string) => {
      const { data } = await fixture.execute(
        `query ($id: ID!, $since: ChangedSince!) { node(id: $id) { ... on VirtualDisk { ${edges(args)} } } }
        fragment A on ChangedArea { length }`,
        { id, since: { changeId } },
      )
      return data.node.changedAreas.edges
    }
    const all = await read('first: 3')
    expect(JSON.stringify(all)).toBe(
      JSON.stringify(
        starts.map((start, index) => ({
          at: all[index].at,
          __typename: 'ChangedAreaEdge',
          node: { length: grain },
          n: { __typename: 'ChangedArea', start },
        })),
      ),
    )
    expect(await read(`after: "${all[0].at}"`)).toEqual(all.slice(1))
  })

  it('can be part of a payload, and occur several times', async () => {
    const { fixture, changeId } = await changed()
    const { data } = await fixture.execute(
      `mutation ($vm: ID!, $since: ChangedSince!) {
        createSnapshot(input: { virtualMachine: { id: $vm }, name: "point" }) {
          snapshot {
            disks {
              all: changedAreas(since: $since) { nodes { start } }
              one: changedAreas(since: $since, first: 1) { nodes { start } edges { node { start } } }
            }
          }
        }
      }`,
      { vm: fixture.vmId, since: { changeId } },
    )
    const [disk] = data.createSnapshot.snapshot.disks
    expect(disk.all.nodes).toEqual(starts.map((start) => ({ start })))
    expect(disk.one.nodes).toEqual([{ start: 0 }])
    expect(disk.one.edges).toEqual([{ node: { start: 0 } }])
  })

  it('is removed when an error beside it makes its parent null', async () => {
    const { data, errors } = await run(`
      areas: changedAreas(since: $since) { nodes { start } density(buckets: 0) }
      other: changedAreas(since: $since) { nodes { start } edges { node { start @skip(if: $yes) } } }
      rejected: changedAreas(since: $since, first: -1) { nodes { start } }
    `)
    expect(errors?.map(({ path }) => path?.slice(1).join('.')).toSorted()).toEqual([
      'areas.density',
      'rejected',
    ])
    const nodes = starts.map((start) => ({ start }))
    expect(data.node).toEqual({
      areas: { nodes, density: null },
      other: { nodes, edges: starts.map(() => ({ node: {} })) },
      rejected: null,
    })
  })
})

const condition = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.constantFrom('@include(if: $yes)', '@include(if: $no)', '@skip(if: $yes)', '@skip(if: false)'),
)
const field = fc
  .tuple(
    fc.constantFrom(
      'start',
      'length',
      '__typename',
      'again: start',
      'type: __typename',
      // Names that plain objects inherit or treat specially.
      'constructor: length',
      '__proto__: start',
    ),
    condition,
  )
  .map(([name, when]) => `${name} ${when}`)
const { selection } = fc.letrec<{ selection: string; item: string }>((tie) => ({
  selection: fc.array(tie('item'), { minLength: 1, maxLength: 5 }).map((items) => items.join(' ')),
  item: fc.oneof(
    { maxDepth: 3 },
    field,
    condition.map((when) => `...Shared ${when}`),
    fc
      .tuple(fc.constantFrom('...', '... on ChangedArea'), condition, tie('selection'))
      .map(([spread, when, inner]) => `${spread} ${when} { ${inner} }`),
  ),
}))

const schema = buildSchema(`
  scalar BigInt
  type ChangedArea { start: BigInt! length: BigInt! }
  type ChangedAreaEdge { cursor: String! node: ChangedArea! }
  type Query { nodes: [ChangedArea!]! edges: [ChangedAreaEdge!]! }
`)
const nodes = [0, 9_999_999, 10_000_000, Number.MAX_SAFE_INTEGER].map((start) => ({ start, length: 65_536 }))
const edges = nodes.map((node) => ({ cursor: `after ${node.start}`, node }))

/** The JSON of the data as the executor produces it, and with its bulk lists. */
async function jsonOf(query: string, lists?: BulkLists): Promise<string> {
  const list = (items: readonly object[]) => (_args: object, _context: unknown, info: GraphQLResolveInfo) =>
    lists ? lists.defer(items, (item) => item, info) : items
  const rootValue = { nodes: list(nodes), edges: list(edges) }
  const result: ExecutionResult = await execute({ schema, document: parse(query), rootValue })
  expect(result.errors).toBeUndefined()
  if (!lists) return JSON.stringify(result.data)
  lists.splice(result)
  const text = await stringifyInChunks(result.data, () => {})
  // JSON.stringify, which cannot insert text, returns the same.
  expect(JSON.stringify(result.data)).toBe(text)
  return text
}

it("equals the executor's result to the byte for any selection", async () => {
  const parts = fc.array(fc.tuple(condition, selection), { maxLength: 3 })
  const shared = fc.array(field, { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(parts, shared, async (parts, shared) => {
      const all = [...parts, ['', '...Shared @skip(if: $yes)'] as const]
      const query = `query ($yes: Boolean! = true, $no: Boolean! = false) {
        ${all.map(([when, inner]) => `nodes ${when} { ${inner} }`).join(' ')}
        ${all.map(([when, inner]) => `edges ${when} { at: cursor node { ${inner} } __proto__: node ${when} { start } }`).join(' ')}
      }
      fragment Shared on ChangedArea { ${shared.join(' ')} }`
      const lists = new BulkLists(new OperationBudget({ ...defaultLimits, objects: 1e6 }))
      expect(await jsonOf(query, lists)).toBe(await jsonOf(query))
    }),
  )
})

it('may have the maximum length', async () => {
  const items = Array.from({ length: 300_000 }, (_, start) => ({ start }))
  const lists = new BulkLists(new OperationBudget({ ...defaultLimits, objects: 1e6 }))
  const result = (await execute({
    schema: buildSchema('type Area { start: Int! } type Query { areas: [Area!]! }'),
    document: parse('{ areas { start } }'),
    rootValue: {
      areas: (_args: object, _context: unknown, info: GraphQLResolveInfo) =>
        lists.defer(items, (item) => item, info),
    },
  })) as ExecutionResult
  lists.splice(result)
  expect(await stringifyInChunks(result.data, () => {})).toBe(JSON.stringify({ areas: items }))
})

it('starts again after a list whose item has no value', async () => {
  const lists = new BulkLists(new OperationBudget(defaultLimits))
  const list = (items: readonly object[]) => (_args: object, _context: unknown, info: GraphQLResolveInfo) =>
    lists.defer(items, (item) => item, info)
  const result: ExecutionResult = await execute({
    schema: buildSchema('type Area { start: Int! } type Query { broken: [Area!] areas: [Area!]! }'),
    document: parse('{ broken { start } areas { start } }'),
    rootValue: { broken: list([{ start: 1 }, {}]), areas: list([{ start: 2 }]) },
  })
  lists.splice(result)
  expect(result.errors).toHaveLength(1)
  expect(await stringifyInChunks(result.data, () => {})).toBe('{"broken":null,"areas":[{"start":2}]}')
})
