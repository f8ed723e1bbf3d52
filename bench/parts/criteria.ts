// Part i. Filters, orders and groups over many virtual machines: by properties that the scan reads anyway, by devices, and groups by
// host; each over the bare transfer of what it reads.

import { type BenchmarkPart, interleaved, measurementsFor } from '../bench.ts'
import { startGateway } from '../gateway-process.ts'
import { read } from '../graphql-request.ts'
import { atMost } from '../measurements.ts'
import { openRecorder } from '../recorder.ts'
import { startServer } from '../servers.ts'

interface Comparison {
  readonly name: string
  readonly query: string
  /** The target of the ratio to the bare transfer. */
  readonly atMost: number
  /** The maximum number of retrievals. */
  readonly retrievals: number
}

/** `$name` matches every virtual machine; it differs in each round, so that no cached page order applies. */
const comparisons: readonly Comparison[] = [
  {
    name: 'three light conditions, two sort keys',
    query: `query ($name: String!) {
      virtualMachines(
        first: 50
        filter: { name: { glob: $name }, powerState: { eq: POWERED_ON }, memory: { gte: 2147483648 } }
        orderBy: [{ field: MEMORY, direction: DESC }, { field: CPU_COUNT }]
      ) {
        totalCount
        nodes { id name powerState memory disks { label capacity } snapshots { name } host { name } }
      }
    }`,
    atMost: 1.8,
    retrievals: 2,
  },
  {
    name: 'disk size',
    query: `query ($name: String!) {
      virtualMachines(first: 50, filter: { name: { glob: $name }, disks: { some: { capacity: { gt: 107374182400 } } } }) {
        totalCount
        nodes { id name memory }
      }
    }`,
    atMost: 2,
    retrievals: 3,
  },
  {
    name: 'MAC address',
    query: `query ($name: String!) {
      virtualMachines(first: 50, filter: { name: { glob: $name }, networkAdapters: { some: { macAddress: { startsWith: "00:50:56:9A:" } } } }) {
        totalCount
        nodes { id name memory }
      }
    }`,
    atMost: 2,
    retrievals: 3,
  },
  {
    name: 'groups by host',
    query: `query ($name: String!) {
      virtualMachines(first: 0, filter: { name: { glob: $name } }) {
        totalCount
        groups(by: [HOST], first: 1000) { count key { host { name } } aggregate { memory { sum } } }
      }
    }`,
    atMost: 1.5,
    retrievals: 1,
  },
]

interface Data {
  readonly virtualMachines: { readonly totalCount: number }
}

export const criteria: BenchmarkPart = {
  title: 'Filters, orders and groups',
  async measure({ rounds, many }) {
    const server = await startServer('simulator', many)
    const recorder = await openRecorder(server)
    const gateway = await startGateway(server)
    const { measurements, add, compare } = measurementsFor(server)
    try {
      for (const { name, query, atMost: target, retrievals: maximum } of comparisons) {
        let filterCount = 0
        const next = () => {
          filterCount += 1
          return { query, variables: { name: '*'.repeat(filterCount) } }
        }
        // The size of the inventory is known afterwards.
        await recorder.execute(next())
        const requests = await recorder.during(() => recorder.execute(next()))
        const { data } = read<Data>(await gateway.execute(next()))
        const retrievals: number[] = []
        let megabytes = 0
        const samples = await interleaved(rounds, {
          gateway: async () => {
            const response = await gateway.execute(next())
            retrievals.push(read<Data>(response).retrievals)
            return response.ms
          },
          bare: async () => {
            const { ms, bytes } = await recorder.replay(requests)
            megabytes = bytes / 1e6
            return ms
          },
        })
        add(`${name}: matching virtual machines`, 'count', [data.virtualMachines.totalCount])
        add(`${name}: retrievals`, 'count', retrievals, atMost(maximum))
        add(`${name}: transferred`, 'MB', [megabytes])
        add(`${name}: gateway`, 'ms', samples.gateway)
        add(`${name}: bare transfer`, 'ms', samples.bare)
        compare(`${name}: gateway over bare transfer`, samples.gateway, samples.bare, atMost(target))
      }
      return { measurements, notes: [] }
    } finally {
      await gateway.stop()
      await recorder.close()
    }
  },
}
