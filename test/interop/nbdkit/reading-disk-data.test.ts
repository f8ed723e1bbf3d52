// Tests docs/reading-disk-data.md: its commands copy a disk of the simulator, in full and by its changes. nbdkit serves the bytes of the
// disk from a file, since VDDK may not be distributed.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentsAt } from '../../../src/simulator/disk/contents.ts'
import type { Disk } from '../../../src/simulator/disk/disk.ts'
import { createSimulator, type Simulator } from '../../../src/simulator/index.ts'
import { blocks, deadLinksOf, read } from '../../docs/markdown.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { libnbd, nbdkit, pythonEnvironment } from '../tools.ts'

const docs = read('docs/reading-disk-data.md')
const [fullCopy = '', copyOfChanges = ''] = blocks(docs, 'sh')

describe.skipIf(!nbdkit || !libnbd)('the commands for reading disk data', () => {
  const directory = mkdtempSync(join(tmpdir(), 'disk-'))
  let simulator: Simulator
  let gateway: Gateway
  let disk: Disk

  beforeAll(async () => {
    simulator = createSimulator({ smallMachine: true, tasks: { queuedMs: 0, durationMs: 5 } })
    simulator.inventory.settings.guestsWrite = false
    const [first] = simulator.inventory.machine('small-01').disks
    disk = first as Disk
    const server = await simulator.listen()
    gateway = await startGateway({ GOVC_URL: server.url.replace('://', '://user:pass@') })
    const [program = ''] = blocks(docs, 'py')
    writeFileSync(join(directory, 'copy-changes.py'), program)
  })

  afterAll(async () => {
    rmSync(directory, { recursive: true })
    await gateway?.stop()
    await simulator?.close()
  })

  /** Begins a backup, serves the bytes of its snapshot, and runs the commands. @returns the token */
  async function copy(
    commands: string,
    key: string,
    tokens: readonly string[],
    pathOf: (disk: CapturedDisk) => string,
  ): Promise<CapturedDisk> {
    const [operation = ''] = blocks(docs, 'graphql')
    const { data } = await gateway.execute(operation, { variables: { name: 'small-01', tokens, key } })
    const { snapshot, disks } = data.captureChanges.capture
    const captured = disks[0] as CapturedDisk
    writeFileSync(join(directory, 'source.raw'), contentsAt(disk, disk.history.now, 0, disk.capacity))
    const script = commands
      .replace(/vddk [\s\S]*?"\$file_name"/, 'file source.raw')
      .replace('python3 ', `${libnbd} `)
    expect(script).not.toContain('vddk')
    const { pathname, href } = new URL(gateway.url)
    await promisify(execFile)('bash', ['-e', '-c', script], {
      cwd: directory,
      env: {
        ...pythonEnvironment,
        GATEWAY: href.slice(0, -pathname.length),
        path: pathOf(captured),
        capacity: String(captured.disk.capacity),
      },
    })
    await gateway.execute(
      'mutation ($id: ID!) { releaseCapture(input: { snapshot: $id }) { task { state } } }',
      { variables: { id: snapshot.id } },
    )
    return captured
  }

  const image = () => readFileSync(join(directory, 'disk.img'))

  test('copy a disk in full, and then what has changed over it', async () => {
    const full = await copy(fullCopy, 'first', [], (captured) => captured.disk.areasExport.path)
    expect(full.basis).toBe('FULL')
    const first = contentsAt(disk, disk.history.now, 0, disk.capacity)
    expect(image().equals(first)).toBe(true)

    const record = simulator.inventory.disk('small-01', disk.key)
    for (const offset of [0, 5_000_000, disk.capacity - 4096]) record.write(offset, 4096)
    const second = contentsAt(disk, disk.history.now, 0, disk.capacity)
    expect(image().equals(second)).toBe(false)
    const changes = await copy(copyOfChanges, 'second', [full.token], (captured) => captured.export.path)
    expect(changes.basis).toBe('CHANGES')
    expect(image().equals(second)).toBe(true)
  })
})

interface CapturedDisk {
  readonly token: string
  readonly basis: string
  readonly export: { readonly path: string }
  readonly disk: { readonly capacity: number; readonly areasExport: { readonly path: string } }
}

test('the page has no broken links', () => {
  expect(deadLinksOf('reading-disk-data.md')).toEqual([])
})
