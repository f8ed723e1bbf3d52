// Part f. A small query: the latency that the gateway adds to its one SOAP call, and its throughput over that
// of plain graphql-yoga.

import { fileURLToPath } from 'node:url'
import type { TransportRequest } from 'vsphere-graphql'
import { type BenchmarkPart, interleaved, measurementsFor } from '../bench.ts'
import { createClient, startGateway } from '../gateway-process.ts'
import { type ExecuteOperation, read } from '../graphql-request.ts'
import { LoadSamples } from '../load-samples.ts'
import { atLeast, atMost, quantile } from '../measurements.ts'
import { startProgram } from '../program.ts'
import { openRecorder } from '../recorder.ts'
import { startServer } from '../servers.ts'

const query = 'query ($id: ID!) { virtualMachine(by: { id: $id }) { name powerState } }'
const small = (id: string) => ({ query, variables: { id } })

const clients = 32
/** Calls of each kind per round: enough for a 99th percentile. */
const calls = 300
const loadMs = 1_000

export const smallQuery: BenchmarkPart = {
  title: `A small query: name and power state of one virtual machine; then ${clients} concurrent clients`,
  async measure({ rounds, few }) {
    const server = await startServer('simulator', few)
    const recorder = await openRecorder(server)
    const gateway = await startGateway(server)
    const yoga = await startProgram(
      process.execPath,
      [fileURLToPath(new URL('../plain-yoga.js', import.meta.url))],
      /(http\S+)/,
    )
    const client = createClient(gateway.url)
    const plain = createClient(yoga.match[1] as string)
    try {
      const ids = await firstIds(gateway.execute)
      const requests: TransportRequest[] = []
      for (const id of ids) requests.push(...(await recorder.during(() => recorder.execute(small(id)))))
      const { retrievals } = read(await gateway.execute(small(ids[0] as string)))
      const nth = <T>(items: readonly T[], index: number) => items[index % items.length] as T
      const viaGateway = async (index: number) => (await client.execute(small(nth(ids, index)))).ms
      const viaPlain = async (index: number) => (await plain.execute(small(nth(ids, index)))).ms
      const replay = async (index: number) => (await recorder.replay([nth(requests, index)])).ms

      // Warms up fresh servers, whose code is still being compiled.
      for (const call of [viaGateway, viaPlain, replay, viaGateway, viaPlain, replay]) await underLoad(call)

      const latencies = []
      for (let round = 0; round < rounds; round += 1) {
        const samples = await interleaved(calls, counted({ gateway: viaGateway, replay }))
        latencies.push(samples)
      }
      const load = new LoadSamples(gateway)
      const requestsOf = (perSecond: number) => (perSecond * loadMs) / 1_000
      const rates = await interleaved(rounds, {
        gateway: () => load.record(requestsOf, () => underLoad(viaGateway)),
        plain: () => underLoad(viaPlain),
        replay: () => underLoad(replay),
      })

      const { measurements, add, compare } = measurementsFor(server)
      add('retrievals', 'count', [retrievals])
      for (const [name, share] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const) {
        const of = (samples: readonly number[]) => quantile(samples, share)
        add(
          `gateway, ${name}`,
          'ms',
          latencies.map((each) => of(each.gateway)),
        )
        add(
          `bare call, ${name}`,
          'ms',
          latencies.map((each) => of(each.replay)),
        )
        const added = latencies.map((each) => of(each.gateway) - of(each.replay))
        add(`gateway above bare call, ${name}`, 'ms', added, name === 'p50' ? atMost(1) : undefined)
      }
      add('gateway', '/s', rates.gateway)
      add('plain graphql-yoga', '/s', rates.plain)
      add('bare calls', '/s', rates.replay)
      compare('gateway over plain graphql-yoga', rates.gateway, rates.plain, atLeast(0.5))
      load.addTo(add, { during: `${clients} clients`, per: 'request' })
      return { measurements, notes: [] }
    } finally {
      await Promise.all([client.close(), plain.close()])
      await yoga.stop()
      await gateway.stop()
      await recorder.close()
    }
  },
}

async function firstIds(execute: ExecuteOperation): Promise<readonly string[]> {
  interface Data {
    readonly virtualMachines: { readonly nodes: readonly { readonly id: string }[] }
  }
  const { data } = read<Data>(
    await execute({ query: `{ virtualMachines(first: ${clients}) { nodes { id } } }` }),
  )
  return data.virtualMachines.nodes.map(({ id }) => id)
}

/** Passes each function its call number, so that calls rotate through all ids. */
function counted<Name extends string>(
  calls: Readonly<Record<Name, (index: number) => Promise<number>>>,
): Record<Name, () => Promise<number>> {
  const entries = Object.entries(calls) as [Name, (index: number) => Promise<number>][]
  return Object.fromEntries(
    entries.map(([name, call]) => {
      let index = 0
      return [name, () => call(index++)]
    }),
  ) as Record<Name, () => Promise<number>>
}

/** Returns responses per second while all clients run, each with one request at a time. */
async function underLoad(call: (index: number) => Promise<number>): Promise<number> {
  const started = performance.now()
  let responses = 0
  const client = async (index: number) => {
    while (performance.now() - started < loadMs) {
      await call(index)
      responses += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
  return (responses * 1_000) / (performance.now() - started)
}
