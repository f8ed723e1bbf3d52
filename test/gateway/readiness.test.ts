// Anybody may ask whether the gateway is ready, and cannot make it flood the vCenter by that.

import { expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../gateway.ts'

it('asks the vCenter once for all who ask at the same time, and again for who asks later', async () => {
  const { fetch, simulator, close } = startGateway()
  onTestFinished(close)
  const asked = () => simulator.calls.filter(({ method }) => method === 'CurrentTime').length
  const answers = await Promise.all(Array.from({ length: 50 }, () => fetch('/ready')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(asked()).toBe(1)
  simulator.trouble.fault('HostCommunication', { method: 'CurrentTime' })
  expect((await fetch('/ready')).status).toBe(503)
  expect((await fetch('/ready')).status).toBe(200)
  expect(asked()).toBe(3)
})
