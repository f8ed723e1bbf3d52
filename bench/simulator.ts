// The simulator in a process of its own, with what `vsphere-graphql simulate` has no flags for: disks of which a given number
// of areas changed between two snapshots, tasks of a given length, and counts of what was asked of it.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { createSimulator, type Simulator } from 'vsphere-graphql'
import { takeSnapshot } from '#snapshots'

/** A disk that stands between two snapshots of its virtual machine. */
export interface ChangedDisk {
  /** Its moid. */
  readonly virtualMachine: string
  readonly key: number
  readonly areas: number
}

/** What it writes, as one line of JSON, when it is ready. */
export interface Ready {
  readonly url: string
  /** Answers each GET with the Counts since the last. */
  readonly countsUrl: string
  readonly disks: readonly ChangedDisk[]
}

export interface Counts {
  /** How often each method was called. */
  readonly calls: Readonly<Record<string, number>>
  /** Property collectors that were waited on. */
  readonly streams: number
}

const { values } = parseArgs({
  options: {
    vms: { type: 'string', default: '100' },
    areas: { type: 'string', default: '' },
    'task-ms': { type: 'string', default: '200' },
    'bytes-per-second': { type: 'string' },
  },
})

const simulator = createSimulator({
  vms: Number(values.vms),
  tasks: { queuedMs: 0, durationMs: Number(values['task-ms']) },
})
// Every window has as many areas as it can, up to the last: what is measured is the same each time.
Object.assign(simulator.inventory.settings, { guestsWrite: false, irregularWindows: 0 })
const disks = values.areas
  .split(',')
  .filter((areas) => areas !== '')
  .map((areas) => changeAreas(simulator, Number(areas)))

const bytesPerSecond =
  values['bytes-per-second'] === undefined ? undefined : Number(values['bytes-per-second'])
const { url } = await simulator.listen({ bytesPerSecond })
const counts = createServer((_request, response) => response.end(JSON.stringify(takeCounts(simulator))))
counts.listen(0, '127.0.0.1', () => {
  const { port } = counts.address() as AddressInfo
  const ready: Ready = { url, countsUrl: `http://127.0.0.1:${port}`, disks }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
})

/** Writes to every other grain of a tracked disk that is large enough, between two snapshots. */
function changeAreas({ inventory, objects }: Simulator, areas: number): ChangedDisk {
  for (const { moid } of objects.ofType('VirtualMachine')) {
    const machine = inventory.machine({ type: 'VirtualMachine', value: moid })
    for (const { key, epoch } of machine.disks) {
      const { capacity, grain, write } = inventory.disk(machine.ref, key)
      if (!epoch || machine.rootSnapshots.length > 0 || capacity < 2 * areas * grain) continue
      const snapshot = { description: '', memory: false, quiesced: false, at: new Date() }
      takeSnapshot(machine, { ...snapshot, name: 'before' })
      for (let area = 0; area < areas; area += 1) write(2 * area * grain, grain)
      takeSnapshot(machine, { ...snapshot, name: 'after' })
      return { virtualMachine: moid, key, areas }
    }
  }
  throw new Error(`no disk can have ${areas} areas`)
}

function takeCounts({ calls }: Simulator): Counts {
  const streams = new Set<string>()
  const created: Record<string, number> = {}
  for (const { method, self } of calls.splice(0)) {
    created[method] = (created[method] ?? 0) + 1
    if (method === 'WaitForUpdatesEx') streams.add(self.value)
  }
  return { calls: created, streams: streams.size }
}
