// Drives our simulator with pyVmomi as a backup script does. The areas must equal those of the gateway and the simulator's
// write history.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../../src/simulator/index.ts'
import type { ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway } from '../gateway.ts'
import { python, pythonEnvironment } from '../tools.ts'
import type { Untyped } from '../untyped.ts'

const snapshotRef = (value: string): ManagedObjectReference => ({ type: 'VirtualMachineSnapshot', value })

describe.skipIf(python === undefined)('pyVmomi on the simulator', () => {
  it.each([
    { over: 'http', tls: false },
    { over: 'https', tls: true },
  ])(
    "lists machines, takes snapshots, reads areas, renames, reverts and cleans up over $over, with the gateway's results",
    async ({ tls }) => {
      const simulator = createSimulator({ tasks: { queuedMs: 5, durationMs: 30 } })
      onTestFinished(() => simulator.close())
      const { inventory } = simulator
      Object.assign(inventory.settings, { areasPerWindow: 5, irregularWindows: 0.5 })
      const { url, port, certificate } = await simulator.listen({ tls })
      const caFile = certificate === undefined ? [] : [temporaryFile(certificate)]
      const script = startScript('changed-areas.py', String(port), 'db-01', ...caFile)

      await script.next()
      for (const { key } of inventory.machine('db-01').disks) {
        const disk = inventory.disk('db-01', key)
        const stride = Math.floor(disk.capacity / 41 / 512) * 512
        for (let index = 0; index < 40; index += 1) disk.write(stride * index, 4096 * (1 + (index % 50)))
        disk.write(disk.capacity - 512, 512)
      }

      const report = await script.next()
      const { first, second, disks, machines } = report
      expect(report).toMatchObject({
        about: { fullName: 'VMware vCenter Server 8.0.2 build-22617221' },
        session: { userName: 'user', sessions: 1 },
        isCurrent: true,
        tree: [['nightly', [['nightly', [['first', [['second', []]]]]]]]],
      })
      expect(machines).toHaveLength([...simulator.objects.ofType('VirtualMachine')].length)
      expect(machines.map(({ name }: Untyped) => name)).toEqual(expect.arrayContaining(['007', 'a%2fb']))

      const gateway = await startGateway(
        { VSPHERE_URL: url, VSPHERE_USERNAME: 'user', VSPHERE_PASSWORD: 'pass' },
        '--insecure',
      )
      onTestFinished(() => gateway.stop())

      // The two inventories are equal.
      const inventoryAnswer = await gateway.execute(
        '{ virtualMachines(first: 100) { nodes { moid name powerState uuid memory host { name } datastores { name } } } }',
      )
      expect(byMoid(inventoryAnswer.data.virtualMachines.nodes)).toEqual(
        byMoid(
          machines.map(({ moid, name, powerState, uuid, memoryMB, host, datastores }: Untyped) => ({
            moid,
            name: name.replace('%2f', '/'),
            powerState: powerState.replace('powered', 'powered_').toUpperCase(),
            uuid,
            memory: memoryMB === null ? null : memoryMB * 1024 ** 2,
            host: { name: host },
            datastores: datastores.map((each: string) => ({ name: each })),
          })),
        ),
      )

      // The areas are equal, too, and match the write history.
      expect(disks.map(({ label }: Untyped) => label)).toEqual(['Hard disk 1', 'Hard disk 2', 'Hard disk 3'])
      const found = await areasByGateway(gateway.execute, first, second)
      for (const disk of disks) {
        const { key, capacity, changeId, baseChangeId, allocated, changed } = disk
        const book = inventory.disk('db-01', key)
        const moments = { first: { snapshot: snapshotRef(first) }, second: { snapshot: snapshotRef(second) } }
        // The third disk is thick, so all of it is allocated.
        const used = key === 2002 ? [{ start: 0, end: capacity }] : book.areas('beginning', moments.second)
        expect(allocated.areas).toEqual(clipped(used, capacity))
        expect(changed.areas).toEqual(clipped(book.areas(moments.first, moments.second), capacity))
        // Otherwise the loops would check nothing.
        expect(changed.areas.length).toBeGreaterThan(30)
        expect(changed.windows.length).toBeGreaterThan(changed.areas.length / 5)
        expect(found.get(key)).toEqual({
          capacity,
          changeId,
          allocated: allocated.areas,
          changed: changed.areas,
          sinceChangeId: baseChangeId,
        })
      }
      const windows = disks.flatMap(({ changed, allocated }: Untyped) => [
        ...changed.windows,
        ...allocated.windows,
      ])
      expect(Math.max(...windows)).toBe(5)
      expect(Math.min(...windows)).toBe(0)

      const { faults, left, renamed, reverted } = await script.next()
      expect(renamed).toEqual([['second, renamed', 'as it was']])
      expect(reverted).toEqual({ isCurrent: true, powerState: 'poweredOff' })
      expect(faults).toEqual({ beyond: 'startOffset', nonsense: 'changeId', noName: '', removed: second })
      expect(left).toEqual([['nightly', [['nightly', []]]]])
      await script.ended
      await gateway.stop()
      expect(simulator.live).toEqual({
        sessions: 0,
        restSessions: 0,
        historyCollectors: 0,
        views: 0,
        filters: 0,
        collectors: 0,
        waits: 0,
        tasks: 0,
      })
    },
  )
})

/** All areas of the disks of the second snapshot, read in pages, by device key. */
async function areasByGateway(
  execute: Awaited<ReturnType<typeof startGateway>>['execute'],
  first: string,
  second: string,
) {
  const { data } = await execute(
    `{ virtualMachine(by: { name: "db-01" }) { snapshots { id moid disks { id key capacity changeId } } } }`,
  )
  const snapshot = (moid: string) => data.virtualMachine.snapshots.find((each: Untyped) => each.moid === moid)
  const read = async (disk: string, field: 'allocatedAreas' | 'changedAreas') => {
    const since = field === 'changedAreas' ? `since: { snapshot: "${snapshot(first).id}" }, ` : ''
    const areas: unknown[] = []
    for (let after = 'null'; ; ) {
      const page = await execute(
        `{ node(id: "${disk}") { ... on VirtualDisk { ${field}(${since}first: 7, after: ${after}) {
            sinceChangeId nodes { start length } pageInfo { hasNextPage endCursor }
        } } } }`,
      )
      expect(page.errors).toBeUndefined()
      const { nodes, pageInfo, sinceChangeId } = page.data.node[field]
      areas.push(...nodes)
      if (!pageInfo.hasNextPage) return { areas, sinceChangeId }
      after = JSON.stringify(pageInfo.endCursor)
    }
  }
  const found = new Map<number, unknown>()
  for (const { id, key, capacity, changeId } of snapshot(second).disks) {
    const allocated = await read(id, 'allocatedAreas')
    const { areas: changed, sinceChangeId } = await read(id, 'changedAreas')
    found.set(key, { capacity, changeId, allocated: allocated.areas, changed, sinceChangeId })
  }
  return found
}

const clipped = (areas: readonly { start: number; end: number }[], capacity: number) =>
  areas.map(({ start, end }) => ({ start, length: Math.min(end, capacity) - start }))

const byMoid = (list: readonly Untyped[]) => [...list].sort((a, b) => (a.moid < b.moid ? -1 : 1))

function temporaryFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'interop-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'file')
  writeFileSync(path, text)
  return path
}

/** A script that prints a line of JSON, waits for a line of input, and continues. */
function startScript(name: string, ...argv: readonly string[]) {
  const path = fileURLToPath(new URL(name, import.meta.url))
  const child: ChildProcessWithoutNullStreams = spawn(python ?? 'python3', [path, ...argv], {
    env: pythonEnvironment,
  })
  onTestFinished(() => void child.kill())
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const ended = once(child, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`)
  })
  // Resolves the pending read of the next line.
  ended.catch(() => {})
  let isFirst = true
  return {
    ended,
    /** Lets it continue, and returns its next line. */
    async next(): Promise<Untyped> {
      if (!isFirst) child.stdin.write('\n')
      isFirst = false
      const { value } = await lines.next()
      if (value === undefined) await ended
      return JSON.parse(value)
    },
  }
}
