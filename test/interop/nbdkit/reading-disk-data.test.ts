// Tests docs/reading-disk-data.md: its commands copy a disk of the simulator, in full and by its changes. nbdkit serves the bytes of the
// disk from a file, since VDDK may not be distributed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
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
    const { pathname, href } = new URL(gateway.url)
    const status = await paste(commands, href.slice(0, -pathname.length), pathOf(captured), captured.disk)
    expect(status).toBe(0)
    await gateway.execute(
      'mutation ($id: ID!) { releaseCapture(input: { snapshot: $id }) { task { state } } }',
      { variables: { id: snapshot.id } },
    )
    return captured
  }

  /** Pastes commands into an interactive shell, which does not stop at an error. @returns the status of the last one */
  async function paste(
    commands: string,
    origin: string,
    path: string,
    { capacity, changeId }: Pick<CapturedDisk['disk'], 'capacity' | 'changeId'>,
  ): Promise<number | null> {
    const script = commands
      .replace(/vddk [\s\S]*?"\$file_name"/, 'file source.raw')
      .replace('python3 ', `${libnbd} `)
    expect(script).not.toContain('vddk')
    const env = {
      ...pythonEnvironment,
      GATEWAY: origin,
      path,
      capacity: String(capacity),
      change_id: changeId,
    }
    const shell = spawn('bash', ['--norc', '-i'], {
      cwd: directory,
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    shell.stdin.end(`${script}\n`)
    const [status] = await once(shell, 'close')
    return status
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

  const start = (since: string | null) =>
    `${JSON.stringify({ type: 'start', capacity: 65536, changeId: 'b/2', sinceChangeId: since })}\n`
  const area = '{"start":0,"length":65536}\n'
  const end = '{"type":"end","areas":1,"bytes":65536,"capacity":65536,"changeId":"b/2"}\n'

  test.each<[string, string, string | undefined, boolean]>([
    ['a complete extentlist', fullCopy, '0 65536\n65536 0\n', true],
    ['a truncated extentlist', fullCopy, '0 65536\n', false],
    ['an empty extentlist', fullCopy, '', false],
    ['no extentlist', fullCopy, undefined, false],
    ['complete changes since the image', copyOfChanges, start('b/1') + area + end, true],
    ['truncated changes', copyOfChanges, start('b/1') + area, false],
    ['changes without their first line', copyOfChanges, end, false],
    ['everything in use', copyOfChanges, start(null) + area + end, false],
    ['changes since another point', copyOfChanges, start('a/1') + area + end, false],
    ['no changes', copyOfChanges, undefined, false],
  ])(
    'change the image with %s only if that is a complete map for it',
    async (_title, commands, map, changes) => {
      const server = createServer((_request, response) => {
        response.statusCode = map === undefined ? 404 : 200
        response.end(map ?? 'not found\n')
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      onTestFinished(() => void server.close())
      const write = (name: string, content: string | Buffer) => writeFileSync(join(directory, name), content)
      // The files of an earlier backup, whose maps would match.
      write('areas.txt', '0 65536\n65536 0\n')
      write('changes.ndjson', start('b/1') + area + end)
      write('disk.changeid', 'b/1\n')
      write('source.raw', Buffer.alloc(65536, 2))
      write('disk.img', Buffer.alloc(65536, 1))
      const { port } = server.address() as AddressInfo
      const disk = { capacity: 65536, changeId: 'b/2' }
      const status = await paste(commands, `http://127.0.0.1:${port}`, '/map', disk)
      expect(status === 0).toBe(changes)
      expect(image().equals(Buffer.alloc(65536, changes ? 2 : 1))).toBe(true)
      expect(readFileSync(join(directory, 'disk.changeid'), 'utf8')).toBe(changes ? 'b/2\n' : 'b/1\n')
    },
  )
})

interface CapturedDisk {
  readonly token: string
  readonly basis: string
  readonly export: { readonly path: string }
  readonly disk: {
    readonly capacity: number
    readonly changeId: string
    readonly areasExport: { readonly path: string }
  }
}

test('the page has no broken links', () => {
  expect(deadLinksOf('reading-disk-data.md')).toEqual([])
})
