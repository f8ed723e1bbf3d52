// Reads one map through the whole gateway, page by page, from a server with unusual CBT variants and
// injected faults, and checks every reported value against the expected result.

import { expect } from 'vitest'
import { areasInVariant, type CbtVariant } from './cbt-variants.ts'
import {
  type Area,
  type ChangedAreasFixture,
  queryAreas,
  rewritten,
  type Since,
  startChangedAreasFixture,
} from './changed-areas-fixture.ts'
import type { Reading } from './write-history.ts'

const pageFields = `
  capacity changeId sinceChangeId
  nodes { start length }
  edges { cursor node { start length } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`

/** What can fail on the way to a response, each once; the same request is repeated after the failure. */
const faults = [
  ({ faults }: ChangedAreasFixture['simulator']) =>
    faults.fault('SystemError', { method: 'QueryChangedDiskAreas' }),
  ({ faults }: ChangedAreasFixture['simulator']) =>
    faults.dropConnection('midBody', { method: 'QueryChangedDiskAreas' }),
  ({ faults }: ChangedAreasFixture['simulator']) => faults.unavailable({ method: 'QueryChangedDiskAreas' }),
  // The session is renewed, and the client does not notice.
  ({ faults }: ChangedAreasFixture['simulator']) => faults.expireSessions(),
]

/**
 * A fixture whose server reports its windows in another variant, once that variant and the areas to report
 * are set.
 */
export async function startCbtVariant() {
  let variant: CbtVariant = 'tidy'
  let all: readonly Area[] = []
  const fixture = await startChangedAreasFixture({
    wrap: (transport) => ({
      ...transport,
      async send(request) {
        const response = await transport.send(request)
        if (!request.body?.includes('<QueryChangedDiskAreas ')) return response
        return { ...response, body: rewritten(response.body, reworded) }
      },
    }),
  })
  const area = /<changedArea><start>(\d+)<\/start><length>(\d+)<\/length><\/changedArea>/g
  const reworded = (text: string): string => {
    const [, startOffset, length] = /<startOffset>(\d+)<\/startOffset><length>(\d+)</.exec(text) ?? []
    if (length === undefined) return text
    const window = [...text.matchAll(area)].map((each) => ({
      start: Number(each[1]),
      length: Number(each[2]),
    }))
    const areas = areasInVariant(variant, window, Number(startOffset) + Number(length), all)
      .map(
        ({ start, length }) => `<changedArea><start>${start}</start><length>${length}</length></changedArea>`,
      )
      .join('')
    return text.replace(area, '').replace('</returnval>', `${areas}</returnval>`)
  }
  return {
    fixture,
    setVariant(how: CbtVariant, areas: readonly Area[]) {
      variant = how
      all = areas
    },
  }
}

/** Something that may happen between two pages. Returns whether the map can be continued. */
export type Between = (page: number) => boolean

/**
 * Reads a map page by page, resumes one of its cursors, and checks everything against the expected result.
 * Expects an error when the map can't be continued.
 */
export async function expectMap(
  fixture: ChangedAreasFixture,
  id: string,
  since: Since,
  expected: readonly Area[],
  chosen: Reading,
  between: Between = () => true,
): Promise<'whole' | 'ended'> {
  Object.assign(fixture.simulator.inventory.settings, chosen)
  const { pageSizes, buckets, resumed, failing, mergeGapsUpTo } = chosen
  const read = (first: number, after: string | null, fields = pageFields) =>
    queryAreas(fixture, id, since, { first, after, mergeGapsUpTo }, fields)
  let turn = 0
  const execute = async (...args: Parameters<typeof read>) => {
    turn += 1
    if (failing !== turn - 1) return (await read(...args)).data.node.areas
    faults[failing % faults.length]?.(fixture.simulator)
    const { data, errors } = await read(...args)
    fixture.simulator.faults.clear()
    if (!errors) return data.node.areas
    expect(errors.every(({ extensions }) => extensions.retryable)).toBe(true)
    return (await read(...args)).data.node.areas
  }

  const areas: Area[] = []
  const cursors: string[] = []
  let after: string | null = null
  for (let page = 0, more = true; more; page += 1) {
    const first = pageSizes[page % pageSizes.length] as number
    const { nodes, edges, pageInfo } = await execute(first, after)
    expect(nodes.length).toBeLessThanOrEqual(first)
    expect(edges.map(({ node }: { node: Area }) => node)).toEqual(nodes)
    expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null)
    expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null)
    expect(pageInfo.hasPreviousPage).toBe(page > 0)
    areas.push(...nodes)
    cursors.push(...edges.map(({ cursor }: { cursor: string }) => cursor))
    more = pageInfo.hasNextPage
    if (more) expect(pageInfo.endCursor).not.toBe(after)
    after = pageInfo.endCursor
    if (!between(page)) {
      expect(areas).toEqual(expected.slice(0, areas.length))
      const { data, errors } = await read(first, after)
      expect(data.node?.areas ?? null).toBeNull()
      expect(errors?.length).toBeGreaterThan(0)
      for (const { extensions } of errors ?? []) expect(ends).toContain(extensions.code)
      return 'ended'
    }
  }
  expect(areas).toEqual(expected)

  if (cursors.length > 0) {
    const at = resumed % cursors.length
    const rest = await execute(10_000, cursors[at] as string)
    expect(rest.nodes).toEqual(expected.slice(at + 1))
    expect(rest.pageInfo.hasNextPage).toBe(false)
  }

  const totals = await execute(2000, null, `totalCount totalLength density(buckets: ${buckets})`)
  const totalLength = expected.reduce((sum, { length }) => sum + length, 0)
  expect(totals).toMatchObject({ totalCount: expected.length, totalLength })
  expect(totals.density).toEqual(densityOf(expected, buckets, fixture.machine.disks[0]?.capacity as number))
  return 'whole'
}

/** The error of a map that can't be continued: its snapshot was removed, or its disk has changed. */
const ends = ['NOT_FOUND', 'CONFLICT', 'CBT_NOT_ENABLED']

/** A check of every byte would take too long, so this checks the share of each area in each slice. */
function densityOf(areas: readonly Area[], buckets: number, capacity: number): number[] {
  return Array.from({ length: buckets }, (_, index) => {
    const from = Math.floor((index * capacity) / buckets)
    const to = Math.floor(((index + 1) * capacity) / buckets)
    return areas.reduce(
      (sum, { start, length }) => sum + Math.max(0, Math.min(to, start + length) - Math.max(from, start)),
      0,
    )
  })
}
