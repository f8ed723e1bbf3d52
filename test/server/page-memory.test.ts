// Nothing of a page outlives its request: neither its objects nor their values. What stays for the next page is its order.

import { queryObjects } from 'node:v8'
import type { ExecutionResult } from 'graphql'
import { afterAll, expect, it } from 'vitest'
import { ManagedObject } from '../../src/planner/managed-object.ts'
import { startGateway } from '../test-gateway.ts'

// Finding objects in the whole heap takes a second on a busy machine.
const vms = 200
const gateway = startGateway({ vms })
afterAll(() => gateway.close())

const query = `query ($after: String) {
  virtualMachines(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id name uuid disks { label capacity backing { fileName } } snapshots { name } }
  }
}`

interface Page {
  readonly virtualMachines: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
    readonly nodes: readonly object[]
  }
}

/** Reads all pages, and returns the number of virtual machines. */
async function walk(onPage: () => void): Promise<number> {
  let read = 0
  for (let after: string | null = null, more = true; more; ) {
    const result: ExecutionResult<Page> = await gateway.execute(query, { after })
    expect(result.errors).toBeUndefined()
    const { nodes, pageInfo }: Page['virtualMachines'] = (result.data as Page).virtualMachines
    read += nodes.length
    after = pageInfo.endCursor
    more = pageInfo.hasNextPage
    onPage()
  }
  return read
}

/** Counts the managed objects in memory, after a garbage collection. */
const countObjects = () => queryObjects(ManagedObject) as number

it('keeps no object of a page after its response', async () => {
  const before = countObjects()
  const counts: number[] = []
  const read = await walk(() => counts.push(countObjects() - before))
  expect(read).toBeGreaterThanOrEqual(vms)
  expect(counts).toEqual(counts.map(() => 0))
})

it('needs the same memory after each walk through all pages', async () => {
  const walks = async (times: number) => {
    for (let time = 0; time < times; time += 1) await walk(() => {})
    // The simulator records the calls.
    gateway.simulator.calls.length = 0
    countObjects()
    return process.memoryUsage().heapUsed
  }
  // Caches and compiled code grow in the first walks.
  const before = await walks(4)
  // A page takes a megabyte while it is executed, so these walks take ten.
  expect((await walks(5)) - before).toBeLessThan(2_000_000)
})
