// What fails outside of operations tells its client nothing, and the log all.

import { expect, it, onTestFinished } from 'vitest'
import { createMetrics } from '../../src/observability/metrics.ts'
import { startGateway } from '../gateway.ts'

it('a bug before the operation is answered without its message and its stack', async () => {
  const metrics = { ...createMetrics(), read: () => Promise.reject(new Error('confidential')) }
  const { listen, lines, close } = startGateway({ metrics })
  onTestFinished(close)
  const response = await fetch(new URL('/metrics', await listen()))
  expect([response.status, await response.text()]).toEqual([
    500,
    'The gateway failed. Its log has this request.',
  ])
  expect(lines).toEqual([expect.stringContaining('confidential')])
  expect(lines[0]).toMatch(/^a fault of the gateway itself /)
  expect(lines[0]).toContain('requestId')
})
