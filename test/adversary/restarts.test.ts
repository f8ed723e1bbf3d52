// Restarts the vCenter at every step of every read. It loses its sessions and tasks and keeps the inventory.

import { afterAll, beforeAll, test } from 'vitest'
import { expectNoViolations, sample, scaledTimeout, type Violations } from './cases.ts'
import { readViolations } from './read-oracle.ts'
import { expectedResponse, startReadFixture } from './reads.ts'
import { restartTimings } from './restart-timings.ts'

let started: Awaited<ReturnType<typeof startReadFixture>>
beforeAll(async () => {
  started = await startReadFixture()
})
afterAll(() => started.fixture.close())

test(
  'returns the correct answer or an error when the vCenter restarts during a read',
  async () => {
    const { fixture, reads } = started
    const cases = []
    for (const read of reads) {
      const { response: expected, calls } = await expectedResponse(fixture, read)
      for (const step of calls.keys())
        for (const timing of restartTimings)
          cases.push({
            name: `${read.name}, call ${step}: restart ${timing.name}`,
            read,
            expected,
            step,
            timing,
          })
    }
    await expectNoViolations(sample('restarts of reads', cases, 16), 1, async (each): Promise<Violations> => {
      const { read, expected, step, timing } = each
      const gateway = fixture.gateway()
      let calls = 0
      fixture.proxy.reset()
      fixture.proxy.on('*', (call) => {
        calls += 1
        return calls - 1 === step ? timing.handle(call, fixture) : call.rewrite((text) => text)
      })
      try {
        return readViolations(await gateway.execute(read.query, read.variables), expected)
      } finally {
        fixture.proxy.reset()
        await gateway.close()
      }
    })
  },
  scaledTimeout(300_000),
)
