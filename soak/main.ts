// `npm run soak`: many clients, all kinds of operations, and a vCenter that breaks again and again; then whether the gateway
// is as it was. docs/performance.md says how to read it. The exit code is 1 when something is not as it must be.

import { setTimeout as sleep } from 'node:timers/promises'
import { attack } from './adversary.ts'
import { Clients } from './clients.ts'
import { readFlags } from './flags.ts'
import { startGateway } from './gateway-process.ts'
import { growthProblems } from './resource-growth.ts'
import { lookAround } from './discover-targets.ts'
import { outagesOf } from './outages.ts'
import { Tally } from './operation-stats.ts'

if (process.argv.includes('--adversary')) process.exit(await attack(process.argv.slice(2)))

const { seconds, clients, openVCenter } = readFlags(process.argv.slice(2))
const vcenter = await openVCenter()
const gateway = await startGateway(vcenter)
const known = await lookAround(gateway.url, vcenter.changes)

/** So many seconds of it all, and a while in which nobody asks. */
async function load(forSeconds: number) {
  const tally = new Tally()
  const asking = new Clients(gateway.url, tally)
  const until = AbortSignal.timeout(forSeconds * 1_000)
  const from = Date.now()
  const [story] = await Promise.all([vcenter.live(until), asking.run(clients, known, until)])
  const to = Date.now()
  await asking.close()
  await sleep(3_000)
  // The last is asked by somebody new, when all has been well for a while.
  const last = new Clients(gateway.url, tally)
  const { outcome } = await last.ask('the last', '{ virtualMachines { totalCount } }')
  await last.close()
  const sessions = await vcenter.sessions()
  return { tally, story, from, to, isBack: outcome === 'answered', sessions, held: await gateway.held() }
}

const { held: before } = await load(Math.ceil(seconds / 4))
const { tally, story, from, to, isBack, sessions, held: after } = await load(seconds)
const code = await gateway.stop()
const left = await vcenter.left()
await vcenter.close()

const outages = outagesOf(vcenter.away, gateway.refused, from, to)
const problems = [
  ...tally.problems((ended) => vcenter.isExpected(ended, gateway.refused)),
  ...(isBack ? [] : ['the last query was not answered']),
  ...growthProblems(before, after),
  ...(sessions === undefined || sessions.known === 1 ? [] : [`${sessions.known} sessions while it served`]),
  ...(code === 0 ? [] : [`the gateway ended with ${code}`]),
  ...left,
  ...gateway.complaints,
]
const orphans = sessions?.orphans ? `, and ${sessions.orphans} whose login was answered to nobody` : ''
console.log(`${clients} clients, ${Math.min(clients, known.own.length)} of them change something, ${((to - from) / 1_000).toFixed(1)} s, ${tally.count} operations

${tally.lines().join('\n')}

${story}
${outages}
heap after gc  ${before.heap.toFixed(1)} MB, then ${after.heap.toFixed(1)} MB
handles        ${JSON.stringify(before.handles)}, then ${JSON.stringify(after.handles)}
sessions       ${sessions === undefined ? 'cannot be listed' : `${sessions.known} while it served${orphans}`}; ${left.length === 0 ? 'nothing' : 'something'} left when it had stopped

${problems.length === 0 ? 'All is well.' : problems.join('\n')}`)
process.exit(problems.length === 0 ? 0 : 1)
