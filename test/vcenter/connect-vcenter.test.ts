// The delays of a connection in production; tests pass shorter ones.

import { expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import { connectVCenter } from '../../src/vcenter/connect-vcenter.ts'

const second = 1_000

test('searches for a lost call for 3.75 seconds, and for a temporary snapshot for 17 minutes, by default', async () => {
  const simulator = createSimulator()
  const connected = connectVCenter(
    { vcenterName: 'vc', pageSizeDefault: 1, pageSizeMax: 1, maxConcurrentCalls: 1 },
    {
      connect: () => simulator.transport(),
      account: { userName: 'user', password: () => 'pass' },
      close: () => simulator.close(),
    },
    { info: () => {}, warn: () => {}, error: () => {} },
  )
  const { lostResponse, leftSnapshot } = connected.vcenter.recovery
  expect(lostResponse).toEqual([0, 250, 1_000, 2_500])
  expect(leftSnapshot.map((ms) => ms / second)).toEqual([2, 5, 15, 30, 60, 300, 600])
  await connected.close()
})
