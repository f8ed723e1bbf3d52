// Errors outside of operations reveal nothing to the client and are logged in full.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { startGateway } from '../../test-gateway.ts'

it('masks the message and the stack of an internal error before the operation', async () => {
  const metrics = { ...createMetrics(), read: () => Promise.reject(new Error('confidential')) }
  const { listen, lines, close } = startGateway({ metrics })
  onTestFinished(close)
  const response = await fetch(new URL('/metrics', await listen()))
  expect([response.status, await response.text()]).toEqual([
    500,
    'Internal error. See the gateway’s log for this requestId.',
  ])
  expect(lines).toEqual([expect.stringContaining('confidential')])
  expect(lines[0]).toMatch(/^unexpected error /)
  expect(lines[0]).toContain('requestId')
})

describe('an operation that has made a change', () => {
  const one = 'createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "one" })'

  async function executeWithFailingReads(mutation: string) {
    const { simulator, execute, close } = startGateway()
    onTestFinished(close)
    const pause = simulator.faults.pause({ method: 'CreateSnapshot_Task' })
    const answer = execute(mutation, {}, { 'x-vsphere-trace': '1' })
    await pause.waitFor()
    simulator.faults.fault('SystemError', {
      method: 'RetrievePropertiesEx',
      times: Number.POSITIVE_INFINITY,
    })
    pause.release()
    const { data, errors = [] } = await answer
    return { data, errors }
  }

  it('returns a failed read as not retryable, with a remedy', async () => {
    const { data, errors } = await executeWithFailingReads(
      `mutation { ${one} { task { state } snapshot { name } } }`,
    )
    expect(data).toEqual({ createSnapshot: { task: { state: 'SUCCESS' }, snapshot: null } })
    expect(errors).toMatchObject([
      {
        path: ['createSnapshot', 'snapshot'],
        extensions: { code: 'VSPHERE_FAULT', retryable: false, remedy: expect.stringContaining('by the id') },
      },
    ])
  })

  it('returns a second mutation that failed as not retryable', async () => {
    const { data, errors } = await executeWithFailingReads(
      `mutation { ${one} { task { state } } removeAllSnapshots(input: { virtualMachine: { name: "db-01" } }) { task { state } } }`,
    )
    expect(data).toEqual({ createSnapshot: { task: { state: 'SUCCESS' } }, removeAllSnapshots: null })
    expect(errors).toMatchObject([
      {
        path: ['removeAllSnapshots'],
        extensions: { retryable: false, remedy: expect.stringContaining('in a separate operation') },
      },
    ])
  })

  it('returns a retryable error if it made no change', async () => {
    const { simulator, execute, close } = startGateway()
    onTestFinished(close)
    simulator.faults.fault('SystemError', {
      method: 'RetrievePropertiesEx',
      times: Number.POSITIVE_INFINITY,
    })
    const { errors } = await execute(`mutation { ${one} { task { state } } }`)
    expect(errors).toMatchObject([{ path: ['createSnapshot'], extensions: { retryable: true } }])
  })
})
