// Part c. Scaling: the full inventory fetch with few and with many virtual machines, and the gateway's memory
// during it. Uses fresh gateways.

import { type BenchmarkPart, interleaved, measurementsFor } from '../bench.ts'
import { startGateway } from '../gateway-process.ts'
import { fetchAllPages, recordFullInventory } from '../inventory.ts'
import { atMost } from '../measurements.ts'
import { openRecorder } from '../recorder.ts'
import { startServer } from '../servers.ts'

export const growth: BenchmarkPart = {
  title: 'Growth of the same walk, and memory',
  async measure({ rounds, few, many }) {
    const servers = [await startServer('simulator', few), await startServer('simulator', many)] as const
    const [small, large] = [await startGateway(servers[0]), await startGateway(servers[1])]
    const [smallBare, largeBare] = [await openRecorder(servers[0]), await openRecorder(servers[1])]
    try {
      await Promise.all([small, large].map(({ execute }) => execute({ query: '{ vcenters { connected } }' })))
      const idle = await large.memory()
      await Promise.all([fetchAllPages(small.execute), fetchAllPages(large.execute)])
      const [fewRequests, manyRequests] = [
        await recordFullInventory(smallBare),
        await recordFullInventory(largeBare),
      ]
      const times = await interleaved(rounds, {
        few: async () => (await fetchAllPages(small.execute)).ms,
        many: async () => (await fetchAllPages(large.execute)).ms,
        fewBare: async () => (await smallBare.bare(fewRequests)).ms,
        manyBare: async () => (await largeBare.bare(manyRequests)).ms,
      })
      const after = await large.memory()
      const [shownFew, shownMany] = [few, many].map((vms) => vms.toLocaleString('en-US'))
      const linear = (samples: readonly number[]) => samples.map((ms) => (ms * many) / few)
      const { measurements, add, compare } = measurementsFor({ name: 'simulator' })
      add(`gateway, ${shownFew}`, 'ms', times.few)
      add(`gateway, ${shownMany}`, 'ms', times.many)
      compare('growth over linear', times.many, linear(times.few), atMost(1.05))
      add(`bare transfer, ${shownFew}`, 'ms', times.fewBare)
      add(`bare transfer, ${shownMany}`, 'ms', times.manyBare)
      compare('growth of the bare transfer over linear', times.manyBare, linear(times.fewBare))
      if (!idle || !after)
        return { measurements, notes: ['Memory is not told by this system: its rows are left out.'] }
      add(`memory idle`, 'MB', [idle.now])
      add(`memory at its peak, ${shownMany}`, 'MB', [after.peak])
      add('peak above idle', 'MB', [after.peak - idle.now], atMost(200))
      return { measurements, notes: [] }
    } finally {
      await Promise.all([small.stop(), large.stop(), smallBare.close(), largeBare.close()])
    }
  },
}
