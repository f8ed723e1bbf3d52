// Part c. Scaling: the full inventory fetch with few and with many virtual machines, and the gateway's memory
// during it. Uses fresh gateways.

import { type BenchmarkPart, interleaved, measurementsFor } from '../bench.ts'
import { startGateway } from '../gateway-process.ts'
import { fetchAllPages, recordFullInventory } from '../inventory.ts'
import { LoadSamples } from '../load-samples.ts'
import { atMost } from '../measurements.ts'
import { openRecorder } from '../recorder.ts'
import { startServer } from '../servers.ts'

export const scaling: BenchmarkPart = {
  title: 'Scaling of the full inventory, and memory',
  async measure({ rounds, few, many }) {
    const servers = [await startServer('simulator', few), await startServer('simulator', many)] as const
    const [small, large] = [await startGateway(servers[0]), await startGateway(servers[1])]
    const [smallRecorder, largeRecorder] = [await openRecorder(servers[0]), await openRecorder(servers[1])]
    try {
      await Promise.all([small, large].map(({ execute }) => execute({ query: '{ vcenters { connected } }' })))
      const idle = await large.memory()
      await Promise.all([fetchAllPages(small.execute), fetchAllPages(large.execute)])
      const [fewRequests, manyRequests] = [
        await recordFullInventory(smallRecorder),
        await recordFullInventory(largeRecorder),
      ]
      const { bytes } = await largeRecorder.replay(manyRequests)
      const load = new LoadSamples(large)
      const times = await interleaved(rounds, {
        few: async () => (await fetchAllPages(small.execute)).ms,
        many: () => load.record(bytes / 1e6, async () => (await fetchAllPages(large.execute)).ms),
        fewReplay: async () => (await smallRecorder.replay(fewRequests)).ms,
        manyReplay: async () => (await largeRecorder.replay(manyRequests)).ms,
      })
      const after = await large.memory()
      const [shownFew, shownMany] = [few, many].map((vms) => vms.toLocaleString('en-US'))
      const linear = (samples: readonly number[]) => samples.map((ms) => (ms * many) / few)
      const { measurements, add, compare } = measurementsFor({ name: 'simulator' })
      add(`gateway, ${shownFew}`, 'ms', times.few)
      add(`gateway, ${shownMany}`, 'ms', times.many)
      compare('growth over linear', times.many, linear(times.few), atMost(1.05))
      add(`bare transfer, ${shownFew}`, 'ms', times.fewReplay)
      add(`bare transfer, ${shownMany}`, 'ms', times.manyReplay)
      compare('growth of the bare transfer over linear', times.manyReplay, linear(times.fewReplay))
      load.addTo(add, { during: shownMany as string })
      if (!idle || !after)
        return {
          measurements,
          notes: ['This system does not report the memory of a process; the rows are omitted.'],
        }
      add('idle memory', 'MB', [idle.now])
      add(`peak memory, ${shownMany}`, 'MB', [after.peak])
      add('peak above idle', 'MB', [after.peak - idle.now], atMost(120))
      return { measurements, notes: [] }
    } finally {
      await Promise.all([small.stop(), large.stop(), smallRecorder.close(), largeRecorder.close()])
    }
  },
}
