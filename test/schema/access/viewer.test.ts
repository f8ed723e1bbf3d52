// Query.viewer: the name and the role of the caller.

import { expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../../test-gateway.ts'

it.each([
  ['without authentication', {}, { name: null, role: 'OPERATOR' }],
  ['of an operator', { role: 'operator' }, { name: 'tester', role: 'OPERATOR' }],
  ['of a caller who may change power states', { role: 'power' }, { name: 'tester', role: 'POWER' }],
  ['of a reader', { role: 'reader' }, { name: 'tester', role: 'READER' }],
  ['with --read-only', { role: 'operator', readOnly: true }, { name: 'tester', role: 'READER' }],
] as const)('is the caller %s, and costs no call', async (_, options, viewer) => {
  const gateway = startGateway(options)
  onTestFinished(() => gateway.close())
  expect(await gateway.execute('{ viewer { name role } }')).toEqual({ data: { viewer } })
  expect(gateway.simulator.calls).toEqual([])
})
