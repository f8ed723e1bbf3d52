// Runs the example backup program against a gateway and a simulator in this process, and compares every generation with the bytes that
// the simulated disks had when its tokens were made.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { backUp } from '../../../examples/backup/backup.ts'
import { discard } from '../../../examples/backup/discard.ts'
import { Gateway } from '../../../examples/backup/gateway.ts'
import type { HttpResponse, Send } from '../../../examples/backup/http.ts'
import { Progress } from '../../../examples/backup/progress.ts'
import type { Generation } from '../../../examples/backup/storage/generation.ts'
import { withLock } from '../../../examples/backup/storage/lock.ts'
import { Repository } from '../../../examples/backup/storage/repository.ts'
import { restore } from '../../../examples/backup/storage/restore.ts'
import { keepNewest } from '../../../examples/backup/storage/retention.ts'
import { VCenter } from '../../../examples/backup/vcenter.ts'
import { contentsAt } from '../../../src/simulator/disk/contents.ts'
import type { Disk } from '../../../src/simulator/disk/disk.ts'
import { parseChangeId } from '../../../src/simulator/disk/tracking.ts'
import { createRandom } from '../../../src/simulator/random.ts'
import { decodeChecked } from '../../../src/text/opaque-string.ts'
import {
  type CaptureFixture,
  snapshotsIn,
  startCaptureFixture,
} from '../../schema/captures/capture-fixture.ts'
import type { TestGateway } from '../../test-gateway.ts'
import { type CrashOptions, Killed, Operations } from './crashing.ts'

const KiB = 1024

/** Not a multiple of the grain of change tracking, so that areas are divided. */
const chunkBytes = 96 * KiB
const defaultLeaseSeconds = 3600

interface Run {
  /** The generation; undefined if the run was killed. */
  readonly id: string | undefined
  /** How many operations it had. */
  readonly operations: number
  readonly lines: readonly string[]
}

interface RunOptions extends Partial<CrashOptions> {
  /** How many generations are kept. @default all */
  readonly keep?: number
  /** What was not synchronized is lost when the run is killed. */
  readonly powerFailure?: boolean
  readonly machine?: string
  readonly password?: string
  readonly isFull?: boolean
  readonly leaseSeconds?: number
  /** The UUID that the vCenter of the data has. @default that of the simulator */
  readonly vcenterUuid?: string
  /** Replaces responses of the gateway, as a proxy in front of it. */
  readonly proxy?: (request: string) => HttpResponse | undefined
  /** Called before each read of data, with the number of reads so far and of those that run now. */
  readonly beforeRead?: (count: number, running: number) => unknown
}

export interface BackupFixture extends CaptureFixture {
  readonly repository: Repository
  /** Runs the program once. @throws what it throws */
  run(options?: RunOptions): Promise<Run>
  /** Gives up the backup in progress. @returns the lines that were printed */
  discard(): Promise<readonly string[]>
  /** The gateway that runs now. */
  current(): TestGateway
  /** Replaces the gateway, as a restart does. */
  restartGateway(): Promise<void>
  /**
   * Checks that what is listed can be restored, and equals the disks.
   * @param other a copy of the repository
   * @returns the generations
   */
  check(other?: Repository): Promise<readonly Generation[]>
  /** Returns which basis and reason each disk of the last generation has. */
  bases(): Promise<Record<number, string>>
}

export async function startBackupFixture(
  options: Parameters<typeof startCaptureFixture>[0] = {},
): Promise<BackupFixture> {
  const fixture = await startCaptureFixture({
    disks: [{ capacity: 1024 * KiB }, { capacity: 740 * KiB }, { capacity: 512 * KiB }],
    // It finds at once that the vCenter responds again.
    reachability: { initialDelayMs: 1, maxDelayMs: 1 },
    ...options,
  })
  const { simulator, machine } = fixture
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const repository = new Repository(join(folder, 'repository'))
  mkdirSync(repository.folder)
  let gateway = fixture.gateway
  const known = new Set<Disk>()
  const checked = new Set<string>()
  const connection = simulator.transport()
  onTestFinished(() => connection.close())

  const sendToGateway: Send = async ({ method, url, headers, body }) => {
    const init = { method, headers, ...(body !== undefined && { body }) }
    const response = await gateway.fetch(`${url.pathname}${url.search}`, init as RequestInit)
    return { status: response.status, headers: {}, body: Buffer.from(await response.arrayBuffer()) }
  }
  const sendToVCenter: Send = async ({ method, url, headers, body }) => {
    const path = `${url.pathname}${url.search}`
    const response = await connection.send({ method, path, headers, ...(body !== undefined && { body }) })
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    const { 'set-cookie': cookie, ...others } = response.headers
    const cookies = cookie === undefined ? {} : { 'set-cookie': [cookie].flat() }
    return {
      status: response.status,
      headers: { ...others, ...cookies } as HttpResponse['headers'],
      body: Buffer.concat(chunks),
    }
  }

  async function run({
    keep,
    powerFailure,
    machine: name = 'lab',
    password = 'pass',
    isFull,
    leaseSeconds = defaultLeaseSeconds,
    vcenterUuid,
    proxy,
    beforeRead,
    ...crash
  }: RunOptions = {}): Promise<Run> {
    let reads = 0
    let running = 0
    const cookies: string[] = []
    /** Returns the sessions of this run that still exist. */
    const livingSessions = async () => {
      const url = new URL('http://vcenter/folder/none-flat.vmdk')
      const statuses = await Promise.all(
        cookies.map((cookie) => sendToVCenter({ method: 'GET', url, headers: { cookie } })),
      )
      return cookies.filter((_cookie, index) => statuses[index]?.status !== 401)
    }
    const countReads: Send = async (request) => {
      if (request.method !== 'GET') {
        const response = await sendToVCenter(request)
        cookies.push(...(response.headers['set-cookie'] ?? []))
        if (vcenterUuid === undefined) return response
        const text = response.body.toString()
        const replaced = text.replace(/(?<=<instanceUuid>)[^<]*/, vcenterUuid)
        return { ...response, body: Buffer.from(replaced) }
      }
      running += 1
      reads += 1
      try {
        await beforeRead?.(reads, running)
        return await sendToVCenter(request)
      } finally {
        running -= 1
      }
    }
    for (const disk of machine.disks) known.add(disk)
    const operations = new Operations({ random: createRandom('crash'), ...crash })
    const used = new Repository(repository.folder, operations.files)
    const lines: string[] = []
    const retries = { delays: [0, 0, 0] }
    const credentials = { username: 'user', password }
    const vcenter = new VCenter('http://vcenter', operations.send(countReads), credentials, retries)
    const throughProxy: Send = async (request) =>
      proxy?.(`${request.url.pathname} ${request.body ?? ''}`) ?? sendToGateway(request)
    const { clock } = machine.context.objects
    const tools = {
      gateway: new Gateway('http://gateway/graphql', operations.send(throughProxy), undefined, retries),
      vcenter,
      repository: used,
      progress: new Progress({ write: (text) => lines.push(text) }),
      report: (line: string) => lines.push(line),
      chunkBytes,
      leaseSeconds,
      isFull,
      now: () => clock.now().getTime(),
    }
    try {
      const { id } = await withLock(used, async (lock) => {
        try {
          return await backUp(name, { ...tools, assertLocked: () => lock.assertHeld() })
        } finally {
          await vcenter.logOut()
        }
      })
      const made = (await repository.scan()).generations.find((each) => each.id === id)
      const captured = machine.disks.filter(({ mode }) => mode === 'persistent')
      expect(made?.disks.map(({ key }) => key)).toEqual(captured.map(({ key }) => key))
      expect(await livingSessions(), 'sessions that are left').toEqual([])
      if (keep !== undefined) await withLock(used, () => keepNewest(used, keep, chunkBytes))
      return { id, operations: operations.count, lines }
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      return { id: undefined, operations: operations.count, lines }
    } finally {
      await operations.end()
      if (operations.isKilled && powerFailure) await operations.failPower()
    }
  }

  async function check(other = repository): Promise<readonly Generation[]> {
    const ours = snapshotsIn(machine).filter(({ description }) => description !== '')
    expect(ours.length).toBeLessThanOrEqual(1)
    const { generations } = await other.scan()
    for (const generation of generations) {
      const description = other.folder + JSON.stringify(generation)
      if (checked.has(description)) continue
      const target = join(folder, 'restored')
      await restore(other, generation.id, target)
      for (const { key, token, capacity } of generation.disks) {
        const [, , , tokenKey, , tokenCapacity] = decodeChecked(token) ?? []
        expect([tokenKey, tokenCapacity]).toEqual([key, capacity])
        const image = await readFile(join(target, `${key}.img`))
        const equal = image.equals(bytesOf(known, token, capacity))
        expect(equal, `disk ${key} of generation ${generation.id} equals the disk at its token`).toBe(true)
      }
      await rm(target, { recursive: true })
      checked.add(description)
    }
    return generations
  }

  return {
    ...fixture,
    repository,
    run,
    check,
    async discard() {
      const lines: string[] = []
      const report = (line: string) => lines.push(line)
      await discard({ gateway: new Gateway('http://gateway/graphql', sendToGateway), repository, report })
      return lines
    },
    current: () => gateway,
    async restartGateway() {
      const old: TestGateway = gateway
      gateway = fixture.another()
      await old.close()
    },
    async bases() {
      const last = (await check()).at(-1)
      return Object.fromEntries(
        (last?.disks ?? []).map(({ key, basis, fullReason }) => [key, fullReason ?? basis]),
      )
    },
  }
}

/** Returns the bytes that one of the disks had when a token was made. */
export function bytesOf(disks: Iterable<Disk>, token: string, capacity: number): Buffer {
  const changeId = String(decodeChecked(token)?.[6])
  const { uuid, number } = parseChangeId(changeId) ?? { uuid: '', number: 0 }
  for (const disk of disks) {
    const point = disk.epochs.find((epoch) => epoch.uuid === uuid)?.points[number - 1]
    if (point) return contentsAt(disk, point, 0, capacity)
  }
  throw new Error(`${changeId} belongs to no disk`)
}

/** Two generations of two disks. */
export async function startWithGenerations(): Promise<BackupFixture> {
  const fixture = await startBackupFixture({ disks: [{ capacity: 200 * 1024 }, { capacity: 100 * 1024 }] })
  await fixture.run()
  fixture.write(0, 64 * 1024)
  await fixture.run()
  return fixture
}
