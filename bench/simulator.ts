// Runs the simulator in a separate process, with options that `vsphere-graphql simulate` does not have: disks
// with a given number of areas changed between two snapshots, tasks of a given duration, and call counts.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { createSimulator, type Simulator } from 'vsphere-graphql'
import { takeSnapshot } from '#snapshots'

/** A disk with areas that changed between two snapshots of its virtual machine. */
export interface ChangedDisk {
  /** Its moid. */
  readonly virtualMachine: string
  readonly key: number
  readonly areas: number
}

/** Printed as one line of JSON when the simulator is ready. */
export interface Ready {
  readonly url: string
  /** Each GET returns the Counts since the previous one. */
  readonly countsUrl: string
  readonly disks: readonly ChangedDisk[]
}

export interface Counts {
  /** Number of calls by method. */
  readonly calls: Readonly<Record<string, number>>
  /** Number of property collectors with a WaitForUpdatesEx call. */
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
// Every window except the last has the maximum number of areas, so that each measurement is the same.
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

/** Writes to every other grain of a sufficiently large tracked disk, between two snapshots. */
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
  throw new Error(`no tracked disk without snapshots has room for ${areas} areas`)
}

function takeCounts({ calls }: Simulator): Counts {
  const streams = new Set<string>()
  const callCounts: Record<string, number> = {}
  for (const { method, self } of calls.splice(0)) {
    callCounts[method] = (callCounts[method] ?? 0) + 1
    if (method === 'WaitForUpdatesEx') streams.add(self.value)
  }
  return { calls: callCounts, streams: streams.size }
}
