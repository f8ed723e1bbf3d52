// `npm run soak`: runs many clients with all kinds of operations against a vCenter with repeated faults, then
// checks that the gateway is back in its initial state. See docs/performance.md for how to read the report.
// The exit code is 1 if a check fails.

import { setTimeout as sleep } from 'node:timers/promises'
import { runAdversary } from './adversary.ts'
import { Clients } from './clients.ts'
import { discoverTargets } from './discover-targets.ts'
import { readFlags } from './flags.ts'
import { startGateway } from './gateway-process.ts'
import { OperationStats, succeeded } from './operation-stats.ts'
import { formatOutages } from './outages.ts'
import { resourceGrowthProblems } from './resource-growth.ts'

if (process.argv.includes('--adversary')) process.exit(await runAdversary(process.argv.slice(2)))

const { seconds, clients, openVCenter } = readFlags(process.argv.slice(2))
const vcenter = await openVCenter()
const gateway = await startGateway(vcenter)
const targets = await discoverTargets(gateway.url, vcenter.changes)

/** Runs the load for the given time, followed by an idle period. */
async function runLoad(forSeconds: number) {
  const stats = new OperationStats()
  const loadClients = new Clients(gateway.url, stats)
  const until = AbortSignal.timeout(forSeconds * 1_000)
  const from = Date.now()
  const [summary] = await Promise.all([vcenter.injectFaults(until), loadClients.run(clients, targets, until)])
  const to = Date.now()
  await loadClients.close()
  await sleep(3_000)
  // The last query comes from a new client, after the vCenter has recovered.
  const last = new Clients(gateway.url, stats)
  const { outcome } = await last.execute('final query', '{ virtualMachines { totalCount } }')
  await last.close()
  const sessions = await vcenter.sessions()
  return {
    stats,
    summary,
    from,
    to,
    hasRecovered: outcome === succeeded,
    sessions,
    resources: await gateway.resources(),
  }
}

const { resources: before } = await runLoad(Math.ceil(seconds / 4))
const { stats, summary, from, to, hasRecovered, sessions, resources: after } = await runLoad(seconds)
const code = await gateway.stop()
const leftovers = await vcenter.leftovers()
await vcenter.close()

const outages = formatOutages(vcenter.outages, gateway.rejected, from, to)
const problems = [
  ...stats.problems((result) => vcenter.isExpected(result, gateway.rejected)),
  ...(hasRecovered ? [] : ['the final query failed']),
  ...resourceGrowthProblems(before, after),
  ...(sessions === undefined || sessions.open === 1
    ? []
    : [`${sessions.open} sessions while serving, expected 1`]),
  ...(code === 0 ? [] : [`the gateway exited with ${code}`]),
  ...leftovers,
  ...gateway.internalErrors,
]
const orphans = sessions?.orphans ? `, and ${sessions.orphans} whose login response was lost` : ''
console.log(`${clients} clients, ${Math.min(clients, targets.own.length)} of which change virtual machines, ${((to - from) / 1_000).toFixed(1)} s, ${stats.count} operations

${stats.lines().join('\n')}

${summary}
${outages}
heap after GC  ${before.heap.toFixed(1)} MB before, ${after.heap.toFixed(1)} MB after
handles        ${JSON.stringify(before.handles)} before, ${JSON.stringify(after.handles)} after
sessions       ${sessions === undefined ? 'cannot be listed' : `${sessions.open} while serving${orphans}`}; ${leftovers.length === 0 ? 'nothing' : 'something'} left after shutdown

${problems.length === 0 ? 'No problems found.' : problems.join('\n')}`)
process.exit(problems.length === 0 ? 0 : 1)
