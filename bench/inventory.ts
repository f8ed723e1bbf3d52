// Fetches the full inventory: all virtual machines with their disks and snapshots, in pages of 1,000.

import { type ExecuteOperation, type Operation, read } from './graphql-request.ts'
import type { Recorder } from './recorder.ts'

const query = `query ($after: String) {
  virtualMachines(first: 1000, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id name powerState uuid cpuCount memory
      disks { key label capacity changeId backing { type fileName } }
      snapshots { name createdAt }
    }
  }
}`

interface Page {
  readonly virtualMachines: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
    readonly nodes: readonly { readonly id: string }[]
  }
}

export interface FullInventory {
  /** The time of the responses, without processing in between. */
  readonly ms: number
  readonly retrievals: number
  readonly ids: readonly string[]
}

/** Fetches all pages. */
export async function fetchAllPages(execute: ExecuteOperation): Promise<FullInventory> {
  let [ms, retrievals] = [0, 0]
  const ids: string[] = []
  for (let after: string | null = null, more = true; more; ) {
    const operation: Operation = { query, variables: { after } }
    const response = await execute(operation)
    const { data, retrievals: pageRetrievals } = read<Page>(response)
    const { nodes, pageInfo }: Page['virtualMachines'] = data.virtualMachines
    ms += response.ms
    retrievals += pageRetrievals
    ids.push(...nodes.map(({ id }) => id))
    after = pageInfo.endCursor
    more = pageInfo.hasNextPage
  }
  return { ms, retrievals, ids }
}

/**
 * Records the requests of a full fetch, after a first one from which the gateway learns the inventory's size.
 */
export async function recordFullInventory(recorder: Recorder) {
  await fetchAllPages(recorder.execute)
  return recorder.during(() => fetchAllPages(recorder.execute))
}

/** Creates snapshots of some virtual machines, since vcsim creates none by itself. */
export async function takeSnapshots(execute: ExecuteOperation, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const mutation =
      'mutation ($id: ID!) { createSnapshot(input: { virtualMachine: { id: $id }, name: "bench" }) { task { state } } }'
    read(await execute({ query: mutation, variables: { id } }))
  }
}
