// Part a. The full inventory through the gateway, over the bare transfer of the same bytes and over govc.

import { type BenchmarkPart, interleaved, measurementsFor, type Sizes, vcsims } from '../bench.ts'
import { startGateway } from '../gateway-process.ts'
import { fetchAllPages, recordFullInventory, takeSnapshots } from '../inventory.ts'
import { LoadSamples } from '../load-samples.ts'
import { atMost, below, type Measurement } from '../measurements.ts'
import { findProgram, timeProgram } from '../program.ts'
import { openRecorder } from '../recorder.ts'
import { govcVariables, type Server, startServer } from '../servers.ts'

const govc = findProgram('govc')

export const inventory: BenchmarkPart = {
  title: 'Full inventory with disks and snapshots, in pages of 1,000',
  async measure(sizes) {
    const { servers, notes } = await vcsims(sizes)
    const measurements: Measurement[] = []
    for (const vms of [sizes.few, sizes.many]) servers.push(await startServer('simulator', vms))
    for (const server of servers) measurements.push(...(await measureOn(server, sizes)))
    if (govc === undefined) notes.push('govc is not installed; its rows are omitted.')
    return { measurements, notes }
  },
}

async function measureOn(server: Server, { rounds }: Sizes): Promise<readonly Measurement[]> {
  const recorder = await openRecorder(server)
  const gateway = await startGateway(server)
  try {
    const { ids } = await fetchAllPages(gateway.execute)
    if (server.kind === 'vcsim')
      await takeSnapshots(
        recorder.execute,
        ids.filter((_, index) => index % 10 === 0),
      )
    const requests = await recordFullInventory(recorder)
    const { retrievals } = await fetchAllPages(gateway.execute)
    const { bytes } = await recorder.replay(requests)
    const properties = propertiesIn(requests.at(-1)?.body ?? '')
    const collect = ['collect', '-json', '-type', 'm', '/', ...properties]
    const load = new LoadSamples(gateway)
    const times = await interleaved(rounds, {
      gateway: () => load.record(bytes / 1e6, async () => (await fetchAllPages(gateway.execute)).ms),
      replay: async () => (await recorder.replay(requests)).ms,
      govc: govc ? async () => (await timeProgram(govc, collect, govcVariables(server))).ms : undefined,
    })
    const { measurements, add, compare } = measurementsFor(server)
    const isVcsim = server.kind === 'vcsim'
    add('retrievals', 'count', [retrievals])
    add('response size', 'MB', [bytes / 1e6])
    add('gateway', 'ms', times.gateway)
    add('bare transfer', 'ms', times.replay)
    compare('gateway over bare transfer', times.gateway, times.replay, isVcsim ? atMost(1.15) : undefined)
    if (govc !== undefined) {
      add('govc collect', 'ms', times.govc)
      compare('gateway over govc', times.gateway, times.govc, isVcsim ? below(0.6) : undefined)
    }
    load.addTo(add)
    return measurements
  } finally {
    await gateway.stop()
    await recorder.close()
  }
}

/** Returns the property paths of virtual machines in a request. */
function propertiesIn(request: string): string[] {
  const specs = request.match(/<propSet>.*?<\/propSet>/gs) ?? []
  const paths = specs
    .filter((spec) => spec.includes('<type>VirtualMachine</type>'))
    .flatMap((spec) => [...spec.matchAll(/<pathSet>([^<]*)<\/pathSet>/g)].map(([, path]) => path as string))
  return [...new Set(paths)]
}
