// Next pages: the operation that reads one, and how its rows join those of the earlier pages. Against a gateway with the simulator.

import { readFileSync } from 'node:fs'
import type { ExecutionResult } from 'graphql'
import { buildSchema, type GraphQLObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendPage } from '../../playground/src/results/paging/append-page.ts'
import { nextPage } from '../../playground/src/results/paging/next-page.ts'
import { connectionOf } from '../../playground/src/results/tables/row-set.ts'
import type { Path } from '../../playground/src/results/typed/error-index.ts'
import { typeResult } from '../../playground/src/results/typed/typed-result.ts'
import { type TypedObject, type TypedValue, valueAt } from '../../playground/src/results/typed/typed-value.ts'
import { startGateway, type TestGateway } from '../test-gateway.ts'

const schema = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'))

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway()
})
afterAll(() => gateway.close())

interface Shown {
  readonly document: string
  readonly variables?: Record<string, unknown>
  readonly result: ExecutionResult
}

const typed = ({ document, result }: Shown): TypedValue => {
  const { root, problem } = typeResult({ result, document, schema })
  if (!root) throw new Error(problem)
  return root
}

const connectionAt = (shown: Shown, path: Path) => {
  const connection = connectionOf(valueAt(typed(shown), path) as TypedValue)
  if (!connection) throw new Error('no connection')
  return connection
}

const requestAt = (shown: Shown, path: Path) =>
  nextPage({ ...shown, schema, root: typed(shown), path, endCursor: connectionAt(shown, path).endCursor })

/** Reads the next page as the page does, and returns the joined result. */
async function continueAt(shown: Shown, path: Path): Promise<Shown> {
  const request = requestAt(shown, path)
  if ('reason' in request) throw new Error(request.reason)
  const { query, variables } = request.operation
  const page = await gateway.execute(query, variables)
  const connection: TypedObject = connectionAt(shown, path).value
  const joined = appendPage({ result: shown.result, connection, page, pagePath: request.path })
  if ('reason' in joined) throw new Error(joined.reason)
  return { ...shown, result: joined }
}

async function show(document: string, variables?: Record<string, unknown>): Promise<Shown> {
  return { document, ...(variables && { variables }), result: await gateway.execute(document, variables) }
}

/** Loads all pages and returns the rows. */
async function readAll(shown: Shown, path: Path): Promise<readonly unknown[]> {
  let current = shown
  for (let pages = 0; connectionAt(current, path).hasNextPage; pages++) {
    if (pages > 50) throw new Error('too many pages')
    current = await continueAt(current, path)
  }
  expect(current.result.errors).toBeUndefined()
  return connectionAt(current, path).rows.rows.map(({ raw }) => raw)
}

const allNames = async () => {
  const { data } = await gateway.execute('{ virtualMachines(first: 500) { nodes { name } } }')
  return data.virtualMachines.nodes
}

describe('the next page', () => {
  it('has the rows that follow, without duplicates, for a literal page size', async () => {
    const shown = await show(
      '{ hosts { totalCount } virtualMachines(first: 4) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } }',
    )
    expect(await readAll(shown, ['virtualMachines'])).toEqual(await allNames())
  })

  it('keeps filters, orders, aliases, fragments and the variables that they use', async () => {
    const shown = await show(
      `query Machines($size: Int!, $after: String, $name: String, $unrelated: ID = "x") {
        node(id: $unrelated) { id }
        mine: virtualMachines(first: $size, after: $after, filter: { name: { ne: $name } }, orderBy: [{ field: NAME, direction: DESC }]) {
          ...Page
          pageInfo { more: hasNextPage to: endCursor }
        }
      }
      fragment Page on VirtualMachineConnection { edges { cursor node { ...Facts } } coverage { isComplete vcenter } }
      fragment Facts on VirtualMachine { name id }`,
      { size: 5, name: 'db-01' },
    )
    const request = requestAt(shown, ['mine'])
    if ('reason' in request) throw new Error(request.reason)
    expect(Object.keys(request.operation.variables ?? {}).sort()).toEqual(['name', 'nextPageAfter', 'size'])
    expect(request.operation.query).not.toContain('unrelated')
    const rows = await readAll({ ...shown, result: { data: shown.result.data ?? null } }, ['mine'])
    const names = rows.map((row) => (row as { node: { name: string } }).node.name)
    const expected = (await allNames())
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => name !== 'db-01')
    expect(names).toHaveLength(expected.length)
    expect(new Set(names)).toEqual(new Set(expected))
  })

  it('does not compute totals again', async () => {
    const shown = await show(
      '{ virtualMachines(first: 2) { totalCount aggregate { memory { sum } } nodes { name } pageInfo { hasNextPage endCursor } } }',
    )
    const request = requestAt(shown, ['virtualMachines'])
    expect('operation' in request && request.operation.query).not.toMatch(/totalCount|aggregate/)
    const { data } = (await continueAt(shown, ['virtualMachines'])).result
    expect(data?.virtualMachines).toMatchObject({
      totalCount: expect.any(Number),
      aggregate: expect.anything(),
    })
  })

  it('of one item of a list reads only that item, through its id', async () => {
    const shown = await show(
      '{ hosts { nodes { id name virtualMachines(first: 1) { nodes { name } pageInfo { hasNextPage endCursor } } } } }',
    )
    const hosts = (
      shown.result.data as { hosts: { nodes: { virtualMachines: { pageInfo: { hasNextPage: boolean } } }[] } }
    ).hosts
    const index = hosts.nodes.findIndex((host) => host.virtualMachines.pageInfo.hasNextPage)
    const path = ['hosts', 'nodes', index, 'virtualMachines']
    const request = requestAt(shown, path)
    expect('operation' in request && request.operation.query).toMatch(
      /^query NextPage[^}]*node\(id: \$nextPageOf\)/,
    )
    const next = await continueAt(shown, path)
    expect(connectionAt(next, path).rows.rows).toHaveLength(2)
    // Other items stay as they are.
    const others = (each: Shown) =>
      (each.result.data as typeof shown.result.data & { hosts: { nodes: unknown[] } }).hosts.nodes.toSpliced(
        index,
        1,
      )
    expect(others(next)).toEqual(others(shown))
  })

  it('of a mutation never repeats it', () => {
    const data = {
      createSnapshot: {
        snapshot: {
          id: 's',
          disks: [
            {
              id: 'd',
              allocatedAreas: { nodes: [{ start: 0 }], pageInfo: { hasNextPage: true, endCursor: 'c' } },
            },
          ],
        },
      },
    }
    const document = (
      id: string,
    ) => `mutation { createSnapshot(input: { virtualMachine: { name: "a" }, name: "b" }) {
      snapshot { id disks { ${id} allocatedAreas { nodes { start } pageInfo { hasNextPage endCursor } } } } } }`
    const path = ['createSnapshot', 'snapshot', 'disks', 0, 'allocatedAreas']
    const request = requestAt({ document: document('id'), result: { data } }, path)
    expect('operation' in request && request.operation.query).toMatch(/^query NextPage.*\n\s*node\(id:/)
    expect('operation' in request && request.operation.variables).toEqual({
      nextPageOf: 'd',
      nextPageAfter: 'c',
    })
    const { id: _, ...disk } = data.createSnapshot.snapshot.disks[0] as never as Record<string, unknown>
    const withoutId = { createSnapshot: { snapshot: { id: 's', disks: [disk] } } }
    expect(requestAt({ document: document(''), result: { data: withoutId } }, path)).toEqual({
      reason: expect.stringContaining('Select the id'),
    })
  })

  it('of an object whose type has no id has a reason that requests none', () => {
    const areas = { nodes: [{ start: 0 }], pageInfo: { hasNextPage: true, endCursor: 'c' } }
    const document = `mutation { captureChanges(input: { virtualMachine: { name: "a" }, idempotencyKey: "k", tokens: [] }) {
      capture { disks { token areas { nodes { start } pageInfo { hasNextPage endCursor } } } } } }`
    const data = { captureChanges: { capture: { disks: [{ token: 't', areas }] } } }
    const path = ['captureChanges', 'capture', 'disks', 0, 'areas']
    expect(requestAt({ document, result: { data } }, path)).toEqual({
      reason:
        'Further pages are not loaded here, because CapturedDisk has no id. The documentation of areas says how to read them.',
    })
    const captured = schema.getType('CapturedDisk') as GraphQLObjectType
    expect(captured.getFields().areas?.description).toContain('Read further pages')
  })

  it.each([
    ['endCursor is not selected', '{ hosts { nodes { name } pageInfo { hasNextPage } } }', {}, 'endCursor'],
    [
      'pages are read from the end',
      '{ hosts(last: 5) { nodes { name } pageInfo { endCursor } } }',
      { endCursor: 'c' },
      'before',
    ],
    [
      'the list is within a list without ids',
      '{ hosts { nodes { virtualMachines { nodes { name } pageInfo { endCursor } } } } }',
      { endCursor: 'c' },
      'Select the id',
    ],
  ])('has a reason when %s', (_, document, pageInfo, reason) => {
    const connection = { nodes: [{ name: 'a' }], pageInfo }
    const isNested = document.includes('virtualMachines')
    const data = { hosts: isNested ? { nodes: [{ virtualMachines: connection }] } : connection }
    const path = isNested ? ['hosts', 'nodes', 0, 'virtualMachines'] : ['hosts']
    expect(requestAt({ document, result: { data } }, path)).toEqual({
      reason: expect.stringContaining(reason),
    })
  })
})

describe('appending a page', () => {
  const document =
    '{ hosts { coverage { isComplete } nodes { id name } pageInfo { hasNextPage endCursor } } }'
  const first = {
    hosts: {
      coverage: [{ isComplete: true }],
      nodes: [{ id: 'a', name: 'A' }],
      pageInfo: { hasNextPage: true, endCursor: '1' },
    },
  }
  const shown: Shown = {
    document,
    result: { data: first, errors: [{ message: 'old', path: ['hosts'] }] as never },
  }
  const append = (page: ExecutionResult) =>
    appendPage({
      result: shown.result,
      connection: connectionAt(shown, ['hosts']).value,
      page,
      pagePath: ['hosts'],
    })

  it('leaves out rows that are there, moves errors to the new rows, and keeps incomplete coverage', () => {
    const page = {
      hosts: {
        coverage: [{ isComplete: false }],
        nodes: [
          { id: 'a', name: 'A' },
          { id: 'b', name: null },
        ],
        pageInfo: { hasNextPage: false, endCursor: '2' },
      },
    }
    const errors = [{ message: 'new', path: ['hosts', 'nodes', 1, 'name'] }] as never
    expect(append({ data: page, errors })).toEqual({
      data: {
        hosts: {
          coverage: [{ isComplete: false }],
          nodes: [
            { id: 'a', name: 'A' },
            { id: 'b', name: null },
          ],
          pageInfo: { hasNextPage: false, endCursor: '2' },
        },
      },
      errors: [
        { message: 'old', path: ['hosts'] },
        { message: 'new', path: ['hosts', 'nodes', 1, 'name'] },
      ],
    })
    expect(first.hosts.nodes).toHaveLength(1)
  })

  it('keeps the page of another list that arrived while this one was read', async () => {
    const both = await show(
      `{ hosts(first: 1) { nodes { name } pageInfo { hasNextPage endCursor } }
         virtualMachines(first: 2) { nodes { name } pageInfo { hasNextPage endCursor } } }`,
    )
    const readPage = async (path: Path) => {
      const request = requestAt(both, path)
      if ('reason' in request) throw new Error(request.reason)
      const page = await gateway.execute(request.operation.query, request.operation.variables)
      const connection = connectionAt(both, path).value
      return (result: ExecutionResult) => appendPage({ result, connection, page, pagePath: request.path })
    }
    const appends = [await readPage(['hosts']), await readPage(['virtualMachines'])]
    const result = appends.reduce((current, each) => each(current) as ExecutionResult, both.result)
    const rowsAt = (path: Path) => connectionAt({ ...both, result }, path).rows.rows.length
    expect([rowsAt(['hosts']), rowsAt(['virtualMachines'])]).toEqual([2, 4])
  })

  it('has each page once, also if it is requested twice before it arrives', () => {
    const withoutIds = '{ hosts { nodes { name } pageInfo { hasNextPage endCursor } } }'
    const pageOf = (...names: string[]) => ({
      hosts: {
        nodes: names.map((name) => ({ name })),
        pageInfo: { hasNextPage: true, endCursor: names.at(-1) },
      },
    })
    const before: Shown = { document: withoutIds, result: { data: pageOf('a') } }
    const connection = connectionAt(before, ['hosts']).value
    const appendB = (result: ExecutionResult) =>
      appendPage({ result, connection, page: { data: pageOf('b') }, pagePath: ['hosts'] }) as ExecutionResult
    expect(appendB(appendB(before.result))).toEqual({ data: pageOf('a', 'b') })
  })

  it('has the reason of a page that cannot be read', () => {
    const errors = [{ message: 'vCenter is down', path: ['hosts'] }] as never
    expect(append({ data: { hosts: null }, errors })).toEqual({ reason: 'vCenter is down' })
    expect(append({ data: null })).toEqual({ reason: expect.any(String) })
  })
})
