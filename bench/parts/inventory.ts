// a. The full inventory through the gateway, over the bare transfer of the same bytes and over govc.

import { figuresOn, inTurn, type Part, type Sizes, vcsims } from '../bench.ts'
import { atMost, below, type Figure } from '../measurements.ts'
import { startGateway } from '../gateway-process.ts'
import { recordWalk, takeSnapshots, walk } from '../inventory.ts'
import { findProgram, timeProgram } from '../program.ts'
import { openRecorder } from '../recorder.ts'
import { govcVariables, type Server, startServer } from '../servers.ts'

const govc = findProgram('govc')

export const inventory: Part = {
  title: 'Full inventory with disks and snapshots, in pages of 1,000',
  async measure(sizes) {
    const { servers, notes } = await vcsims(sizes)
    const figures: Figure[] = []
    for (const vms of [sizes.few, sizes.many]) servers.push(await startServer('simulator', vms))
    for (const server of servers) figures.push(...(await measureOn(server, sizes)))
    if (govc === undefined) notes.push('govc is not installed: its rows are left out.')
    return { figures, notes }
  },
}

async function measureOn(server: Server, { rounds }: Sizes): Promise<readonly Figure[]> {
  const recorder = await openRecorder(server)
  const gateway = await startGateway(server)
  try {
    const { ids } = await walk(gateway.ask)
    if (server.kind === 'vcsim')
      await takeSnapshots(
        recorder.ask,
        ids.filter((_, index) => index % 10 === 0),
      )
    const requests = await recordWalk(recorder)
    const { retrievals } = await walk(gateway.ask)
    const { bytes } = await recorder.bare(requests)
    const properties = propertiesIn(requests.at(-1)?.body ?? '')
    const collect = ['collect', '-json', '-type', 'm', '/', ...properties]
    const times = await inTurn(rounds, {
      gateway: async () => (await walk(gateway.ask)).ms,
      bare: async () => (await recorder.bare(requests)).ms,
      govc: govc ? async () => (await timeProgram(govc, collect, govcVariables(server))).ms : undefined,
    })
    const { figures, add, compare } = figuresOn(server)
    const isVcsim = server.kind === 'vcsim'
    add('retrievals', 'count', [retrievals])
    add('bytes that they bring', 'MB', [bytes / 1e6])
    add('gateway', 'ms', times.gateway)
    add('bare transfer', 'ms', times.bare)
    compare('gateway over bare transfer', times.gateway, times.bare, isVcsim ? atMost(1.15) : undefined)
    if (govc !== undefined) {
      add('govc collect', 'ms', times.govc)
      compare('gateway over govc', times.gateway, times.govc, isVcsim ? below(0.6) : undefined)
    }
    return figures
  } finally {
    await gateway.stop()
    await recorder.close()
  }
}

/** The properties of virtual machines that a request asks for. */
function propertiesIn(request: string): string[] {
  const specs = request.match(/<propSet>.*?<\/propSet>/gs) ?? []
  const paths = specs
    .filter((spec) => spec.includes('<type>VirtualMachine</type>'))
    .flatMap((spec) => [...spec.matchAll(/<pathSet>([^<]*)<\/pathSet>/g)].map(([, path]) => path as string))
  return [...new Set(paths)]
}
