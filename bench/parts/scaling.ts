// c. Growth: the walk through few and through many, and what the gateway holds while it walks. Gateways of their own, fresh.

import { figuresOn, inTurn, type Part } from '../bench.ts'
import { atMost } from '../measurements.ts'
import { startGateway } from '../gateway-process.ts'
import { recordWalk, walk } from '../inventory.ts'
import { openRecorder } from '../recorder.ts'
import { startServer } from '../servers.ts'

export const growth: Part = {
  title: 'Growth of the same walk, and memory',
  async measure({ rounds, few, many }) {
    const servers = [await startServer('simulator', few), await startServer('simulator', many)] as const
    const [small, large] = [await startGateway(servers[0]), await startGateway(servers[1])]
    const [smallBare, largeBare] = [await openRecorder(servers[0]), await openRecorder(servers[1])]
    try {
      await Promise.all([small, large].map(({ ask }) => ask({ query: '{ vcenters { connected } }' })))
      const idle = await large.memory()
      await Promise.all([walk(small.ask), walk(large.ask)])
      const [fewRequests, manyRequests] = [await recordWalk(smallBare), await recordWalk(largeBare)]
      const times = await inTurn(rounds, {
        few: async () => (await walk(small.ask)).ms,
        many: async () => (await walk(large.ask)).ms,
        fewBare: async () => (await smallBare.bare(fewRequests)).ms,
        manyBare: async () => (await largeBare.bare(manyRequests)).ms,
      })
      const after = await large.memory()
      const [shownFew, shownMany] = [few, many].map((vms) => vms.toLocaleString('en-US'))
      const linear = (samples: readonly number[]) => samples.map((ms) => (ms * many) / few)
      const { figures, add, compare } = figuresOn({ name: 'simulator' })
      add(`gateway, ${shownFew}`, 'ms', times.few)
      add(`gateway, ${shownMany}`, 'ms', times.many)
      compare('growth over linear', times.many, linear(times.few), atMost(1.05))
      add(`bare transfer, ${shownFew}`, 'ms', times.fewBare)
      add(`bare transfer, ${shownMany}`, 'ms', times.manyBare)
      compare('growth of the bare transfer over linear', times.manyBare, linear(times.fewBare))
      if (!idle || !after)
        return { figures, notes: ['Memory is not told by this system: its rows are left out.'] }
      add(`memory idle`, 'MB', [idle.now])
      add(`memory at its peak, ${shownMany}`, 'MB', [after.peak])
      add('peak above idle', 'MB', [after.peak - idle.now], atMost(200))
      return { figures, notes: [] }
    } finally {
      await Promise.all([small.stop(), large.stop(), smallBare.close(), largeBare.close()])
    }
  },
}
