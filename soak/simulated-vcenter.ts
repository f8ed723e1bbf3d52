// Our simulator, on a port, with one trouble after the other.

import { createSimulator } from 'vsphere-graphql'
import { inItsOwnWay } from './clients.ts'
import { Periods } from './periods.ts'
import { ofOutages, type SoakedVCenter } from './vcenter-under-test.ts'
import { hangUp } from './operation-stats.ts'
import { makeTroubles } from './chaos.ts'

const password = 'pass'

/** With machines enough for so many clients. */
export async function simulatedVCenter(clients: number): Promise<SoakedVCenter> {
  const simulator = createSimulator({
    vms: 2 * clients + 100,
    password,
    tasks: { queuedMs: 10, durationMs: 50 },
  })
  const away = new Periods()
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
    away,
    async live(until) {
      const made = await makeTroubles({ simulator, port, away }, until)
      return `troubles       ${Object.entries(made)
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`
    },
    // Connections break at any time, so that errors of lost calls may too.
    isExpected: ({ operation, outcome }) =>
      ofOutages.has(outcome) || outcome === inItsOwnWay || (operation === hangUp && outcome === 'hung up'),
    async sessions() {
      simulator.calls.length = 0
      const { orphans } = simulator
      return { known: simulator.live.sessions - orphans, orphans }
    },
    async left() {
      const { sessions, ...others } = simulator.live
      const counts = { sessions: sessions - simulator.orphans, ...others }
      return Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${count} ${what} are left on the vCenter`)
    },
    close: () => simulator.close(),
  }
}
