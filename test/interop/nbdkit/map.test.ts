// Tests that nbdkit serves a downloaded map, and that nbdinfo and qemu-img read the same areas from it as the simulator recorded.

import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { nbdkit } from '../tools.ts'

interface Extent {
  readonly start: number
  readonly length: number
}

describe.skipIf(!nbdkit)('nbdkit with the map of a disk', () => {
  const directory = mkdtempSync(join(tmpdir(), 'maps-'))
  let simulator: Simulator
  let gateway: Gateway
  let file: string
  let capacity: number
  let written: readonly Extent[]

  beforeAll(async () => {
    simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 5 } })
    simulator.inventory.settings.areasPerWindow = 20
    const server = await simulator.listen()
    gateway = await startGateway({ GOVC_URL: server.url.replace('://', '://user:pass@') })
    const { data } = await gateway.execute(
      `mutation {
        createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "backup" }) {
          snapshot { disks { key capacity changeId areasExport(format: EXTENTLIST) { path } } }
        }
      }`,
    )
    const [disk] = data.createSnapshot.snapshot.disks
    capacity = disk.capacity
    file = join(directory, 'map.txt')
    // Asynchronously, because the gateway runs in this process.
    await promisify(execFile)('curl', [
      '--silent',
      '--show-error',
      '--fail',
      '--output',
      file,
      new URL(disk.areasExport.path, gateway.url).href,
    ])
    written = simulator.inventory
      .disk('web-01', disk.key)
      .areas('beginning', { changeId: disk.changeId })
      .map(({ start, end }) => ({ start, length: end - start }))
  })

  afterAll(async () => {
    rmSync(directory, { recursive: true })
    await gateway?.stop()
    await simulator?.close()
  })

  /** Serves the map on a socket of its own, and returns what a client of it prints. */
  const run = (client: string) =>
    JSON.parse(
      execFileSync(
        nbdkit as string,
        ['-U', '-', '--filter=extentlist', 'null', `size=${capacity}`, `extentlist=${file}`, '--run', client],
        { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
      ),
    )

  test('is read by nbdinfo --map', () => {
    expect(written.length).toBeGreaterThan(20)
    const map: { offset: number; length: number; type: number }[] = run('nbdinfo --map --json "$uri"')
    expect(
      joined(map.filter(({ type }) => type === 0).map(({ offset, length }) => ({ start: offset, length }))),
    ).toEqual(written)
  })

  test('is read by qemu-img map', () => {
    const map: { start: number; length: number; data: boolean }[] = run('qemu-img map --output=json "$uri"')
    expect(joined(map.filter(({ data }) => data).map(({ start, length }) => ({ start, length })))).toEqual(
      written,
    )
  })
})

/** Joins neighbours, since a client may report one area in several parts. */
function joined(extents: readonly Extent[]): Extent[] {
  const all: Extent[] = []
  for (const extent of extents) {
    const last = all.at(-1)
    if (last && last.start + last.length === extent.start)
      all[all.length - 1] = { start: last.start, length: last.length + extent.length }
    else all.push(extent)
  }
  return all
}
