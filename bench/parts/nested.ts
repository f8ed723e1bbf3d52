// Part d. A nested query over the whole inventory: its number of retrievals, and its time over that of the
// bare requests.

import { type BenchmarkPart, interleaved, measurementsFor, vcsims } from '../bench.ts'
import { startGateway } from '../gateway-process.ts'
import { read } from '../graphql-request.ts'
import { LoadSamples } from '../load-samples.ts'
import { atMost, type Measurement } from '../measurements.ts'
import { openRecorder } from '../recorder.ts'
import { startServer } from '../servers.ts'

const operation = {
  query: `{
  datacenters(first: 10) {
    nodes {
      name
      virtualMachines(first: 1000) {
        nodes {
          name powerState path
          host { name }
          datastores { name }
          disks { label capacity }
          snapshots { name disks { label changeId } }
        }
      }
    }
  }
}`,
}

export const nested: BenchmarkPart = {
  title: 'Nested query, from datacenters down to the disks of snapshots',
  async measure(sizes) {
    const { servers, notes } = await vcsims({ ...sizes, vcsim: sizes.vcsim.slice(0, 1) })
    servers.push(await startServer('simulator', sizes.few))
    const measurements: Measurement[] = []
    for (const server of servers) {
      const recorder = await openRecorder(server)
      const gateway = await startGateway(server)
      try {
        // Warms up a fresh process, whose code is still being compiled.
        for (let time = 0; time < 3; time += 1) await gateway.execute(operation)
        const { retrievals } = read(await gateway.execute(operation))
        await recorder.execute(operation)
        const requests = await recorder.during(() => recorder.execute(operation))
        const { bytes } = await recorder.replay(requests)
        const load = new LoadSamples(gateway)
        const times = await interleaved(sizes.rounds, {
          gateway: () => load.record(bytes / 1e6, async () => (await gateway.execute(operation)).ms),
          replay: async () => (await recorder.replay(requests)).ms,
        })
        const { measurements: result, add, compare } = measurementsFor(server)
        add('retrievals', 'count', [retrievals], atMost(1))
        add('response size', 'MB', [bytes / 1e6])
        add('gateway', 'ms', times.gateway)
        add('bare call', 'ms', times.replay)
        compare('gateway over bare call', times.gateway, times.replay)
        load.addTo(add)
        measurements.push(...result)
      } finally {
        await gateway.stop()
        await recorder.close()
      }
    }
    return { measurements, notes }
  },
}
