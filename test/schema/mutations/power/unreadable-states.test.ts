// Power actions without a task, when the machine is removed or its power state may not be read after the call was accepted.

import { describe, expect, it } from 'vitest'
import { powerGateway } from './power-gateway.ts'

const guestRequests = [
  ['SHUTDOWN_GUEST', 'ShutdownGuest'],
  ['REBOOT_GUEST', 'RebootGuest'],
] as const

type Started = ReturnType<typeof powerGateway>

/** A gateway whose simulator changes web-01 once it has accepted a call for it. */
function start(
  method: string,
  change: (machine: ReturnType<Started['machine']>, simulator: Started['simulator']) => void,
) {
  const started = powerGateway({
    wrap: (transport) => ({
      ...transport,
      async send(request) {
        const response = await transport.send(request)
        if (request.body?.includes(`<${method} `) && request.body.includes(`>${machine.ref.value}<`))
          change(machine, started.simulator)
        return response
      },
    }),
  })
  const machine = started.machine('web-01')
  // The guest is still running at the end of the wait.
  started.simulator.inventory.settings.guestShutdownMs = 600_000
  return started
}

describe('a machine that is removed after the call', () => {
  it.each(guestRequests)(
    'is NOT_FOUND with %s, and the audit does not claim success',
    async (action, method) => {
      const { power, sent, audit } = start(method, ({ ref }, { faults }) => faults.remove(ref))
      const { results } = await power(['web-01', 'web-02'], action, { waitSeconds: 1 })
      expect(sent()).toEqual([method, method])
      expect(results).toMatchObject([
        { virtualMachine: null, task: null, error: { code: 'NOT_FOUND', retryable: false } },
        { virtualMachine: { name: 'web-02' }, error: null },
      ])
      await expect
        .poll(() => audit)
        .toMatchObject([{ virtualMachines: [{ name: 'web-01', outcome: 'unknown', code: 'NOT_FOUND' }, {}] }])
    },
  )
})

describe('a power state that may not be read after the call', () => {
  it('is OUTCOME_UNKNOWN with SHUTDOWN_GUEST', async () => {
    const { power, audit } = start('ShutdownGuest', ({ ref }, { faults }) => faults.deny(ref, 'runtime'))
    const { results } = await power('web-01', 'SHUTDOWN_GUEST', { waitSeconds: 1 })
    expect(results).toMatchObject([
      { task: null, error: { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('web-01') } },
    ])
    await expect.poll(() => audit).toMatchObject([{ outcome: 'unknown', code: 'OUTCOME_UNKNOWN' }])
  })

  it('does not matter with REBOOT_GUEST, which no state shows', async () => {
    const { power, audit } = start('RebootGuest', ({ ref }, { faults }) => faults.deny(ref, 'runtime'))
    const { results } = await power('web-01', 'REBOOT_GUEST')
    expect(results).toMatchObject([{ task: null, error: null }])
    await expect.poll(() => audit).toMatchObject([{ outcome: 'success' }])
  })
})
