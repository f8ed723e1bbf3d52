// Part e. A filtered and sorted page of 50 among many: the first page and later pages, over the bare scan and
// window requests.

import { type BenchmarkPart, interleaved, measurementsFor } from '../bench.ts'
import { startGateway } from '../gateway-process.ts'
import { type ExecuteOperation, read } from '../graphql-request.ts'
import { LoadSamples } from '../load-samples.ts'
import { atMost } from '../measurements.ts'
import { openRecorder } from '../recorder.ts'
import { startServer } from '../servers.ts'

const query = `query ($name: String!, $after: String) {
  virtualMachines(
    first: 50, after: $after
    filter: { name: { glob: $name }, powerState: { in: [POWERED_ON] } }, orderBy: { field: MEMORY, direction: DESC }
  ) {
    totalCount
    pageInfo { endCursor }
    nodes { id name powerState memory disks { label capacity } snapshots { name } host { name } }
  }
}`

interface Data {
  readonly virtualMachines: { readonly totalCount: number; readonly pageInfo: { readonly endCursor: string } }
}

/** Pages after the first, in each round. */
const pagesAfter = 3

export const page: BenchmarkPart = {
  title: 'A page of 50, filtered and sorted',
  async measure({ rounds, many }) {
    const server = await startServer('simulator', many)
    const recorder = await openRecorder(server)
    const gateway = await startGateway(server)
    try {
      // Each round uses a new filter that matches the same objects, so that no cached page order applies.
      let filterCount = 0
      const nextFilter = () => {
        filterCount += 1
        return '*'.repeat(filterCount)
      }
      const [warm] = await fetchPages(recorder.execute, nextFilter())
      const requests = await recorder.during(() =>
        recorder.execute({ query, variables: { name: nextFilter() } }),
      )
      const [scan, window] = [requests.slice(0, -1), requests.slice(-1)]
      await fetchPages(gateway.execute, nextFilter())

      const scanned = await recorder.replay(scan)
      const windowed = await recorder.replay(window)
      const megabytes = (scanned.bytes + (1 + pagesAfter) * windowed.bytes) / 1e6
      const load = new LoadSamples(gateway)
      const first: number[] = []
      const after: number[] = []
      const retrievals = { first: [] as number[], after: [] as number[] }
      const replay = await interleaved(rounds, {
        gateway: async () => {
          const [opening, ...laterPages] = await load.record(megabytes, () =>
            fetchPages(gateway.execute, nextFilter()),
          )
          first.push(opening.ms)
          retrievals.first.push(opening.retrievals)
          after.push(laterPages.reduce((sum, { ms }) => sum + ms, 0) / laterPages.length)
          retrievals.after.push(...laterPages.map((each) => each.retrievals))
          return opening.ms
        },
        scan: async () => (await recorder.replay(scan)).ms,
        window: async () => (await recorder.replay(window)).ms,
      })
      const both = replay.scan.map((ms, round) => ms + (replay.window[round] as number))

      const { measurements, add, compare } = measurementsFor(server)
      add('matching virtual machines', 'count', [warm.totalCount])
      add('retrievals of the first page', 'count', retrievals.first, atMost(2))
      add('retrievals of a later page', 'count', retrievals.after, atMost(1))
      add('gateway, first page', 'ms', first)
      add('gateway, later page', 'ms', after)
      add('bare scan', 'ms', replay.scan)
      add('bare window', 'ms', replay.window)
      compare('first page over bare scan and window', first, both, atMost(1.3))
      compare('later page over bare scan and window', after, both, atMost(1.3))
      compare('later page over bare window', after, replay.window)
      load.addTo(add, { during: `first and ${pagesAfter} later pages` })
      return { measurements, notes: [] }
    } finally {
      await gateway.stop()
      await recorder.close()
    }
  },
}

interface FetchedPage {
  readonly ms: number
  readonly retrievals: number
  readonly totalCount: number
}

/** Fetches the first page and the following ones. */
async function fetchPages(execute: ExecuteOperation, name: string): Promise<[FetchedPage, ...FetchedPage[]]> {
  const fetchPage = async (after: string | null) => {
    const response = await execute({ query, variables: { name, after } })
    const { data, retrievals } = read<Data>(response)
    const { totalCount, pageInfo } = data.virtualMachines
    return { ms: response.ms, retrievals, totalCount, endCursor: pageInfo.endCursor }
  }
  let last = await fetchPage(null)
  const pages: [FetchedPage, ...FetchedPage[]] = [last]
  for (let nth = 0; nth < pagesAfter; nth += 1) {
    last = await fetchPage(last.endCursor)
    pages.push(last)
  }
  return pages
}
