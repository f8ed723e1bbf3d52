// Tests docs/changed-block-tracking.md: its program backs up a virtual machine of the simulator, and its operations run.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse, validate } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { errorCodes } from '../../src/schema/errors/api-error.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { subscribe } from '../subscribe.ts'
import { startGateway } from '../test-gateway.ts'
import { blocks, deadLinksOf, read } from './markdown.ts'

const docs = read('docs/changed-block-tracking.md')

async function startBackup() {
  const gateway = startGateway()
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  onTestFinished(async () => {
    rmSync(folder, { recursive: true })
    await gateway.close()
  })
  const [program] = blocks(docs, 'js')
  writeFileSync(join(folder, 'backup.mjs'), program as string)
  const env = { ...process.env, GATEWAY: await gateway.listen() }
  const { inventory } = gateway.simulator
  inventory.settings.guestsWrite = false
  return {
    gateway,
    disk: (key: number) => inventory.disk('db-01', key),
    /** The lines that the program prints for each disk; the first part is the disk's key. */
    async backUp(): Promise<Map<number, { kind: string; areas: string[] }>> {
      const { stdout } = await promisify(execFile)('node', ['backup.mjs', 'db-01'], { cwd: folder, env })
      const disks = new Map<number, { kind: string; areas: string[] }>()
      for (const line of stdout.trimEnd().split('\n')) {
        const [, begun, kind = ''] = /^disk (\d+): (\w+)$/.exec(line) ?? []
        if (begun !== undefined) disks.set(Number(begun), { kind, areas: [] })
        else disks.get(Number.parseInt(line, 10))?.areas.push(line)
      }
      return disks
    },
    stored: (): Record<string, { changeId: string }> =>
      JSON.parse(readFileSync(join(folder, 'db-01.json'), 'utf8')),
    /** The lines that the program must print according to the simulator's write history. */
    written(key: number, since: string | undefined, until: string): string[] {
      const disk = inventory.disk('db-01', key)
      return disk
        .areas(since === undefined ? 'beginning' : { changeId: since }, { changeId: until })
        .map(({ start, end }) => `${key} ${start} ${Math.min(end, disk.capacity) - start}`)
    },
  }
}

describe('the program', () => {
  it('reads all allocated areas, then the changed ones, and all areas again of a disk with a stale changeId', async () => {
    const { gateway, disk, backUp, stored, written } = await startBackup()
    const first = await backUp()
    const after1 = stored()
    expect([...first.keys()]).toEqual([2000, 2001, 2002])
    for (const key of [2000, 2001]) {
      const changeId = after1[key]?.changeId as string
      expect(first.get(key)).toEqual({ kind: 'full', areas: written(key, undefined, changeId) })
    }
    // The disk is thick, so all of it is allocated.
    expect(first.get(2002)).toEqual({ kind: 'full', areas: [`2002 0 ${disk(2002).capacity}`] })

    const { grain } = disk(2000)
    for (let index = 0; index < 4500; index += 1) disk(2000).write(index * 2 * grain, 4096)
    const second = await backUp()
    const after2 = stored()
    for (const key of [2000, 2001, 2002]) {
      const areas = written(key, after1[key]?.changeId, after2[key]?.changeId as string)
      expect(second.get(key)).toEqual({ kind: 'changes', areas })
    }
    expect(second.get(2000)?.areas).toHaveLength(4500)

    const reverted = '{ virtualMachine(by: { name: "db-01" }) { currentSnapshot { id } } }'
    const { id } = (await gateway.execute(reverted)).data.virtualMachine.currentSnapshot
    await gateway.execute(
      'mutation ($id: ID!) { revertToSnapshot(input: { snapshot: $id }) { task { state } } }',
      { id },
    )
    const third = await backUp()
    for (const key of [2000, 2001]) {
      const changeId = stored()[key]?.changeId as string
      expect(third.get(key)).toEqual({ kind: 'full', areas: written(key, undefined, changeId) })
    }
  })

  it('stores nothing and leaves no snapshot when it fails', async () => {
    const { gateway, backUp, disk, stored } = await startBackup()
    disk(2001).damage('corrupt')
    await expect(backUp()).rejects.toThrow('Disable change tracking and enable it again')
    expect(stored).toThrow('ENOENT')
    const { data } = await gateway.execute(
      '{ virtualMachine(by: { name: "db-01" }) { snapshots(filter: { name: { eq: "backup" } }) { id } } }',
    )
    expect(data.virtualMachine.snapshots).toEqual([])
  })
})

it('contains only valid operations', () => {
  const bodies = [...docs.matchAll(/-d '(\{.*\})'/g)].map(([, json]) => JSON.parse(json as string).query)
  const operations = [...blocks(docs, 'graphql'), ...bodies]
  expect(operations.length).toBeGreaterThan(2)
  for (const operation of operations) expect(validate(buildSchema(), parse(operation))).toEqual([])
})

it('streams the same areas as the pages', async () => {
  const [operation] = blocks(docs, 'graphql').filter((block) => block.startsWith('subscription'))
  const gateway = startGateway()
  onTestFinished(() => gateway.close())
  const { data } = await gateway.execute(
    '{ virtualMachine(by: { name: "db-01" }) { rootSnapshots { disk(by: { key: 2000 }) { changeId } } currentSnapshot { disk(by: { key: 2000 }) { id } } } }',
  )
  const { rootSnapshots, currentSnapshot } = data.virtualMachine
  const since = rootSnapshots[0].disk.changeId
  const disk = currentSnapshot.disk.id
  const events = await subscribe(await gateway.listen(), operation as string, { disk, since })
  const batches = (await events.remaining()).map((event) => event.data.changedAreas)
  expect(batches.at(-1).complete).toBe(true)
  const paged = await gateway.execute(
    'query ($disk: ID!, $since: String!) { node(id: $disk) { ... on VirtualDisk { changedAreas(since: { changeId: $since }) { nodes { start length } pageInfo { hasNextPage } } } } }',
    { disk, since },
  )
  expect(paged.data.node.changedAreas).toEqual({
    nodes: batches.flatMap(({ areas }) => areas),
    pageInfo: { hasNextPage: false },
  })
})

it('names existing examples', () => {
  const named = [...docs.matchAll(/\b(?:Backup\d|Live\d|ChangesSince)\w+/g)].map(([name]) => name)
  const documents = read('test/generated/operations.ts')
  expect(new Set(named).size).toBe(7)
  for (const name of named) expect(documents).toContain(`export const ${name}Document`)
})

it('documents a remedy for each change tracking error', () => {
  for (const code of Object.keys(errorCodes).filter((each) => /^(CBT|CHANGE_ID)_/.test(each)))
    expect(docs).toMatch(new RegExp(`^\\| ${code} \\| .+ \\| .+ \\|$`, 'm'))
})

it('has no broken links', () => {
  expect(deadLinksOf('changed-block-tracking.md')).toEqual([])
})
