// The simulator as the target of a soak: listens on a port, with faults injected one after the other.

import { createSimulator } from 'vsphere-graphql'
import { ownConflict } from '../clients.ts'
import { aborted, clientAbort } from '../operation-stats.ts'
import { Periods } from '../periods.ts'
import { injectFaults } from './chaos.ts'
import { outageCodes, type VCenterUnderTest } from './vcenter-under-test.ts'

const password = 'pass'

/** Creates a simulator with enough virtual machines for the clients. */
export async function simulatedVCenter(clients: number): Promise<VCenterUnderTest> {
  const simulator = createSimulator({
    vms: 2 * clients + 100,
    password,
    tasks: { queuedMs: 10, durationMs: 50 },
  })
  const outages = new Periods()
  let listening = await simulator.listen()
  const port = {
    close: () => listening.close(),
    async open() {
      listening = await simulator.listen({ port: listening.port })
    },
  }
  return {
    flags: ['--url', listening.url, '--username', 'user'],
    env: { PATH: process.env.PATH, VSPHERE_PASSWORD: password },
    changes: '*',
    outages,
    async injectFaults(until) {
      const counts = await injectFaults({ simulator, port, outages }, until)
      return `faults         ${Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`
    },
    // Connections can break at any time, so errors of lost calls can occur at any time too.
    isExpected: ({ operation, outcome }) =>
      outageCodes.has(outcome) ||
      outcome === ownConflict ||
      (operation === clientAbort && outcome === aborted),
    async sessions() {
      simulator.calls.length = 0
      const { orphanedSessions: orphans } = simulator
      return { open: simulator.live.sessions - orphans, orphans }
    },
    async leftovers() {
      const { sessions, ...others } = simulator.live
      const counts = { sessions: sessions - simulator.orphanedSessions, ...others }
      return Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${count} ${what} are left on the vCenter`)
    },
    close: () => simulator.close(),
  }
}
