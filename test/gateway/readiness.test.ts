// Anybody may ask whether the gateway is ready, and cannot make it flood the vCenter by that.

import { expect, it, onTestFinished } from 'vitest'
import type { Transport } from '../../src/transport/transport.ts'
import { startGateway } from '../gateway.ts'

it('asks the vCenter once for all who ask at the same time, and again for who asks later', async () => {
  let asked = 0
  const wrap = (transport: Transport): Transport => ({
    close: () => transport.close(),
    send(request) {
      asked += 1
      return transport.send(request)
    },
  })
  const { fetch, close } = startGateway({ wrap })
  onTestFinished(close)
  // The first logs in.
  await fetch('/ready')
  asked = 0
  const answers = await Promise.all(Array.from({ length: 50 }, () => fetch('/ready')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(asked).toBe(1)
  expect((await fetch('/ready')).status).toBe(200)
  expect(asked).toBe(2)
})
