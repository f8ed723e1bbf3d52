// Reads the changed areas of one disk in the API's three ways: pages, a subscription, and totals.

import { type ExecuteOperation, read } from './graphql-request.ts'
import type { ChangedDisk } from './simulator.ts'

/** A disk in a snapshot, and the changeId to compare with. */
export interface Changes {
  readonly disk: string
  readonly since: string
  readonly areas: number
}

/** Returns the ids of the disk that the simulator wrote to. */
export async function changesOf(
  execute: ExecuteOperation,
  { virtualMachine, key, areas }: ChangedDisk,
): Promise<Changes> {
  interface Data {
    readonly virtualMachine: {
      readonly snapshots: readonly { readonly disk: { readonly id: string; readonly changeId: string } }[]
    }
  }
  const query = `query ($moid: String!, $key: Int!) {
    virtualMachine(by: { moid: $moid }) { snapshots { disk(by: { key: $key }) { id changeId } } }
  }`
  const { data } = read<Data>(await execute({ query, variables: { moid: virtualMachine, key } }))
  const [before, after] = data.virtualMachine.snapshots
  if (!before || !after) throw new Error(`${virtualMachine} does not have two snapshots`)
  return { disk: after.disk.id, since: before.disk.changeId, areas }
}

const page = `query ($disk: ID!, $since: String!, $after: String) {
  node(id: $disk) {
    ... on VirtualDisk {
      changedAreas(since: { changeId: $since }, first: 2000, after: $after) {
        nodes { start length }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`

interface Page {
  readonly node: {
    readonly changedAreas: {
      readonly nodes: readonly unknown[]
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
    }
  }
}

/** Fetches all pages. The time is that of the responses, without processing in between. */
export async function fetchPages(
  execute: ExecuteOperation,
  { areas, ...variables }: Changes,
): Promise<{ ms: number; pages: number }> {
  let [ms, pages, result] = [0, 0, 0]
  for (let after: string | null = null, more = true; more; pages += 1) {
    const response = await execute({ query: page, variables: { ...variables, after } })
    const { nodes, pageInfo }: Page['node']['changedAreas'] = read<Page>(response).data.node.changedAreas
    ms += response.ms
    result += nodes.length
    after = pageInfo.endCursor
    more = pageInfo.hasNextPage
  }
  if (result !== areas) throw new Error(`the pages have ${result} areas, expected ${areas}`)
  return { ms, pages }
}

const batches = `subscription ($disk: ID!, $since: ChangedSince) {
  changedAreas(disk: $disk, since: $since) { areas { start length } startOffset nextOffset complete }
}`

/** Reads all batches of the subscription. The client's headers must accept server-sent events. */
export async function readSubscription(
  execute: ExecuteOperation,
  { disk, since }: Changes,
): Promise<{ ms: number }> {
  const { ms, body } = await execute({ query: batches, variables: { disk, since: { changeId: since } } })
  if (!Buffer.from(body).subarray(-1_000).includes('"complete":true'))
    throw new Error('the subscription ended before the list was complete')
  return { ms }
}

const totals = `query ($disk: ID!, $since: String!) {
  node(id: $disk) {
    ... on VirtualDisk {
      changedAreas(since: { changeId: $since }) { totalCount totalLength density(buckets: 256) }
    }
  }
}`

/** Fetches the totals of the whole disk. */
export async function total(
  execute: ExecuteOperation,
  { areas, ...variables }: Changes,
): Promise<{ ms: number }> {
  const response = await execute({ query: totals, variables })
  const { totalCount } = read<{ node: { changedAreas: { totalCount: number } } }>(response).data.node
    .changedAreas
  if (totalCount !== areas) throw new Error(`totalCount is ${totalCount}, expected ${areas}`)
  return { ms: response.ms }
}
