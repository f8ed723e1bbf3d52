// `npm run soak`: runs many clients with all kinds of operations against a vCenter with repeated faults, then
// checks that the gateway is back in its initial state. See docs/performance.md for how to read the report.
// The exit code is 1 if a check fails.

import { setTimeout as sleep } from 'node:timers/promises'
import { attack } from './adversary.ts'
import { Clients } from './clients.ts'
import { discoverTargets } from './discover-targets.ts'
import { readFlags } from './flags.ts'
import { startGateway } from './gateway-process.ts'
import { OperationStats } from './operation-stats.ts'
import { outagesOf } from './outages.ts'
import { resourceGrowthProblems } from './resource-growth.ts'

if (process.argv.includes('--adversary')) process.exit(await attack(process.argv.slice(2)))

const { seconds, clients, openVCenter } = readFlags(process.argv.slice(2))
const vcenter = await openVCenter()
const gateway = await startGateway(vcenter)
const targets = await discoverTargets(gateway.url, vcenter.changes)

/** Runs the load for so many seconds, followed by an idle period. */
async function load(forSeconds: number) {
  const stats = new OperationStats()
  const loadClients = new Clients(gateway.url, stats)
  const until = AbortSignal.timeout(forSeconds * 1_000)
  const from = Date.now()
  const [summary] = await Promise.all([vcenter.live(until), loadClients.run(clients, targets, until)])
  const to = Date.now()
  await loadClients.close()
  await sleep(3_000)
  // The last query comes from a new client, after the vCenter has recovered.
  const last = new Clients(gateway.url, stats)
  const { outcome } = await last.execute('the last', '{ virtualMachines { totalCount } }')
  await last.close()
  const sessions = await vcenter.sessions()
  return {
    stats,
    summary,
    from,
    to,
    isBack: outcome === 'answered',
    sessions,
    resources: await gateway.resources(),
  }
}

const { resources: before } = await load(Math.ceil(seconds / 4))
const { stats, summary, from, to, isBack, sessions, resources: after } = await load(seconds)
const code = await gateway.stop()
const leftovers = await vcenter.leftovers()
await vcenter.close()

const outages = outagesOf(vcenter.outages, gateway.rejected, from, to)
const problems = [
  ...stats.problems((result) => vcenter.isExpected(result, gateway.rejected)),
  ...(isBack ? [] : ['the last query was not answered']),
  ...resourceGrowthProblems(before, after),
  ...(sessions === undefined || sessions.targets === 1
    ? []
    : [`${sessions.targets} sessions while it served`]),
  ...(code === 0 ? [] : [`the gateway ended with ${code}`]),
  ...leftovers,
  ...gateway.complaints,
]
const orphans = sessions?.orphans ? `, and ${sessions.orphans} whose login was answered to nobody` : ''
console.log(`${clients} clients, ${Math.min(clients, targets.own.length)} of them change something, ${((to - from) / 1_000).toFixed(1)} s, ${stats.count} operations

${stats.lines().join('\n')}

${summary}
${outages}
heap after gc  ${before.heap.toFixed(1)} MB, then ${after.heap.toFixed(1)} MB
handles        ${JSON.stringify(before.handles)}, then ${JSON.stringify(after.handles)}
sessions       ${sessions === undefined ? 'cannot be listed' : `${sessions.targets} while it served${orphans}`}; ${leftovers.length === 0 ? 'nothing' : 'something'} left when it had stopped

${problems.length === 0 ? 'All is well.' : problems.join('\n')}`)
process.exit(problems.length === 0 ? 0 : 1)
