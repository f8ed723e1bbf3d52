// `npm run soak`: many clients, all kinds of operations, and a vCenter that breaks again and again; then whether the gateway
// is as it was. docs/performance.md says how to read it. The exit code is 1 when something is not as it must be.

import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createSimulator } from 'vsphere-graphql'
import { Clients, type Known } from './clients.ts'
import { startGateway } from './gateway-process.ts'
import { growthProblems, Tally } from './tally.ts'
import { makeTroubles, type Port } from './troubles.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    clients: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(`npm run soak -- [flags]

  --seconds N  How long, after a warm-up of a quarter of it. Default: 60
  --clients N  How many ask at the same time. Default: 200`)
  process.exit()
}

const positive = (text: string, flag: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${flag} is a number from 1 on`)
  return value
}
const seconds = positive(values.seconds, 'seconds')
const clients = positive(values.clients, 'clients')

const password = 'pass'
const simulator = createSimulator({
  vms: 2 * clients + 100,
  password,
  tasks: { queuedMs: 10, durationMs: 50 },
})
let listening = await simulator.listen()
const port: Port = {
  close: () => listening.close(),
  async open() {
    listening = await simulator.listen({ port: listening.port })
  },
}
const gateway = await startGateway(listening.url, password)

async function lookAround(): Promise<Known> {
  const asking = new Clients(gateway.url, new Tally())
  const { data } = await asking.ask(
    'query',
    '{ virtualMachines(first: 1000) { nodes { moid snapshots { disks { id changeId } } } } }',
  )
  await asking.close()
  const machines = data.virtualMachines.nodes as {
    moid: string
    snapshots: { disks: { id: string; changeId: string | null }[] }[] | null
  }[]
  return {
    own: machines.filter(({ snapshots }) => !snapshots?.length).map(({ moid }) => moid),
    disks: machines.flatMap(({ snapshots }) =>
      (snapshots ?? []).flatMap(({ disks }) => disks.filter(({ changeId }) => changeId).map(({ id }) => id)),
    ),
  }
}

/** So many seconds of it all, and a while in which nobody asks. */
async function load(known: Known, forSeconds: number) {
  const tally = new Tally()
  const asking = new Clients(gateway.url, tally)
  const until = AbortSignal.timeout(forSeconds * 1_000)
  const [troubles] = await Promise.all([
    makeTroubles(simulator, port, until),
    asking.run(clients, known, until),
  ])
  await asking.close()
  await sleep(3_000)
  simulator.calls.length = 0
  return { tally, troubles, held: await gateway.held() }
}

const known = await lookAround()
if (known.own.length < clients) throw new Error('there are fewer virtual machines to change than clients')
const { held: before } = await load(known, Math.ceil(seconds / 4))
const { tally, troubles, held: after } = await load(known, seconds)

// A login whose answer was lost with its connection has left a session that nobody knows; they all end here.
simulator.trouble.expireSessions()
const last = new Clients(gateway.url, tally)
const { errors } = await last.ask('the last', '{ virtualMachines { totalCount } }')
await last.close()
const { sessions } = simulator.live
const code = await gateway.stop()
const left = Object.entries(simulator.live).filter(([, count]) => count > 0)
await simulator.close()

const problems = [
  ...tally.problems(),
  ...growthProblems(before, after),
  ...(errors ? ['the last query was not answered'] : []),
  ...(sessions === 1 ? [] : [`${sessions} sessions while it served`]),
  ...(code === 0 ? [] : [`the gateway ended with ${code}`]),
  ...left.map(([what, count]) => `${count} ${what} are left on the vCenter`),
  ...gateway.complaints,
]
console.log(`${clients} clients, ${seconds} s

${tally.lines().join('\n')}

troubles       ${Object.entries(troubles)
  .map(([name, count]) => `${name} ${count}`)
  .join(', ')}
heap after gc  ${before.heap.toFixed(1)} MB, then ${after.heap.toFixed(1)} MB
handles        ${JSON.stringify(before.handles)}, then ${JSON.stringify(after.handles)}
sessions       ${sessions} while it served, ${left.length === 0 ? 'nothing' : 'something'} left when it had stopped

${problems.length === 0 ? 'All is well.' : problems.join('\n')}`)
process.exit(problems.length === 0 ? 0 : 1)
