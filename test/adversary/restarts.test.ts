// Restarts the vCenter at every step of every read. It loses its sessions and tasks and keeps the inventory.

import { afterAll, beforeAll, test } from 'vitest'
import { expectAll, sample, timeLimit, type Verdict } from './cases.ts'
import { wrongIn } from './judge.ts'
import { startReadRig, truthOf } from './reads.ts'
import { moments } from './restarts.ts'

let started: Awaited<ReturnType<typeof startReadRig>>
beforeAll(async () => {
  started = await startReadRig()
})
afterAll(() => started.rig.close())

test(
  'returns the correct answer or an error when the vCenter restarts during a read',
  async () => {
    const { rig, reads } = started
    const cases = []
    for (const read of reads) {
      const { answer, calls } = await truthOf(rig, read)
      for (const step of calls.keys())
        for (const moment of moments)
          cases.push({
            name: `${read.name}, call ${step}: restart ${moment.name}`,
            read,
            answer,
            step,
            moment,
          })
    }
    await expectAll(sample('restarts of reads', cases, 16), 1, async (each): Promise<Verdict> => {
      const { read, answer: truth, step, moment } = each
      const gateway = rig.gateway()
      let calls = 0
      rig.proxy.reset()
      rig.proxy.on('*', (call) => {
        calls += 1
        return calls - 1 === step ? moment.handle(call, rig) : call.rewrite((text) => text)
      })
      try {
        return wrongIn(await gateway.execute(read.query, read.variables), truth)
      } finally {
        rig.proxy.reset()
        await gateway.close()
      }
    })
  },
  timeLimit(60_000),
)
