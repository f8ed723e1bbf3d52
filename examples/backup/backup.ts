// One backup of a virtual machine: begin a capture, copy the disks, commit the generation, end the capture. The next run continues one
// that was interrupted at any point: the capture is found again by its key, and what was copied by its checksums.
//
//   state.json -> capture -> copy -> is the snapshot still held? -> commit -> release
//        ^                                   |
//        '----- no: what was copied is discarded, and a new snapshot taken

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type CopyTools, copyDisk } from './copy-disk.ts'
import type { Capture, CaptureRequest } from './gateway.ts'
import { defaultChunkBytes } from './storage/chunks.ts'
import { readIfExists, writeDurably } from './storage/files.ts'
import type { Repository, StoredDisk } from './storage/repository.ts'
import { isDelta } from './vcenter.ts'

/** How many disks are read at a time. */
const parallelDisks = 3

/** How often a snapshot is taken again because another client has removed it. */
const maxSnapshots = 3

export const defaultLeaseSeconds = 24 * 60 * 60

/** What a run leaves for the next one if it is interrupted. */
interface State {
  readonly startedAt: string
  readonly request: CaptureRequest
  /** The generation whose tokens the request has. */
  readonly previous: string | null
  /** The snapshot that was copied from; undefined before the first byte. */
  readonly snapshot?: string
}

export interface BackupTools extends Omit<CopyTools, 'chunkBytes'> {
  readonly chunkBytes?: number
  readonly leaseSeconds?: number
  /** Prints a line for the user. */
  readonly report: (line: string) => void
}

/** Makes one generation. Must run under the lock of the repository. @returns its id */
export async function backUp(machine: string, tools: BackupTools): Promise<string> {
  const { gateway, vcenter, repository, progress, report } = tools
  await vcenter.logIn()
  await repository.sweep()
  let state = await startOrContinue(machine, tools)
  const { request, startedAt, previous } = state
  for (let attempt = 1; attempt <= maxSnapshots; attempt += 1) {
    const capture = await gateway.capture(request)
    const { snapshot } = capture
    if (state.snapshot !== snapshot) state = await useSnapshot(snapshot, state, repository)
    const delta = capture.disks.find(({ fileName }) => isDelta(fileName))
    if (delta) {
      await end(snapshot, tools)
      throw new Error(
        `the virtual machine has other snapshots: remove them, or read ${delta.fileName} with VDDK`,
      )
    }
    for (const message of capture.leftOut) report(`left out: ${message}`)
    let disks: StoredDisk[] | undefined
    let failure: unknown
    try {
      disks = await copyDisks(capture, tools)
    } catch (error) {
      failure = error
    } finally {
      progress.end()
    }
    // If it is, it was the whole time, so that everything was read from it.
    if (await gateway.isHeld(snapshot)) {
      if (!disks) {
        report(
          `The next run continues, until ${capture.leaseExpiresAt}: then the gateway removes the snapshot.`,
        )
        throw failure
      }
      const id = await nextId(repository)
      // Now the tokens are stored, together with their data.
      await repository.commit({ id, startedAt, machine, previous, snapshot, disks })
      await release(snapshot, tools)
      await repository.sweep()
      return id
    }
    report('The snapshot was removed before it was copied. Its copy is discarded.')
  }
  throw new Error(`${maxSnapshots} snapshots were removed by another client before they were copied`)
}

/** Gives up a backup that was interrupted: ends its capture, and deletes what was copied. */
export async function discard({
  gateway,
  repository,
}: Pick<BackupTools, 'gateway' | 'repository'>): Promise<void> {
  const state = await readState(repository)
  if (!state) throw new Error('no backup is in progress')
  const snapshot = (await gateway.snapshotOf(state.request)) ?? state.snapshot
  await end(snapshot, { gateway, repository })
}

async function end(
  snapshot: string | undefined,
  { gateway, repository: { files, inProgress } }: Pick<BackupTools, 'gateway' | 'repository'>,
): Promise<void> {
  if (snapshot !== undefined) await gateway.release(snapshot)
  // Last, since a run that ends before it would not release the snapshot again.
  await files.rm(inProgress, { recursive: true })
}

const statePath = ({ inProgress }: Repository): string => join(inProgress, 'state.json')

async function readState(repository: Repository): Promise<State | undefined> {
  const text = await readIfExists(repository.files, statePath(repository))
  return text === undefined ? undefined : JSON.parse(text)
}

const writeState = (repository: Repository, state: State): Promise<void> =>
  writeDurably(repository.files, statePath(repository), JSON.stringify(state))

async function startOrContinue(machine: string, tools: BackupTools): Promise<State> {
  const { repository, report, leaseSeconds = defaultLeaseSeconds } = tools
  const interrupted = await readState(repository)
  if (interrupted) {
    const { request, startedAt } = interrupted
    if (request.machine !== machine)
      throw new Error(`a backup of ${request.machine} is in progress: continue or discard it first`)
    report(`Continuing the backup that was begun at ${startedAt}.`)
    return interrupted
  }
  const generations = await repository.generations()
  const last = generations.at(-1)
  if (last && last.machine !== machine) throw new Error(`this repository holds backups of ${last.machine}`)
  // A run that ended after its commit may have left its snapshot.
  if (last) await release(last.snapshot, tools)
  const tokens = (last?.disks ?? []).map(({ key, token }) => {
    repository.chainOf(generations, last?.id as string, key)
    return token
  })
  const request = { machine, idempotencyKey: randomUUID(), tokens, leaseSeconds }
  const state = { startedAt: new Date().toISOString(), request, previous: last?.id ?? null }
  await repository.files.mkdir(repository.inProgress, { recursive: true })
  await writeState(repository, state)
  return state
}

/** Notes the snapshot that is copied from now on. What was copied of another one is deleted before. */
async function useSnapshot(snapshot: string, before: State, repository: Repository): Promise<State> {
  const { files, inProgress } = repository
  for (const name of await files.readdir(inProgress))
    if (name !== 'state.json') await files.rm(join(inProgress, name), { recursive: true })
  const state = { ...before, snapshot }
  await writeState(repository, state)
  return state
}

/** Copies the disks, several at a time. Ends only when none of them is being copied any more. */
async function copyDisks(capture: Capture, tools: BackupTools): Promise<StoredDisk[]> {
  const { chunkBytes = defaultChunkBytes } = tools
  const results: StoredDisk[] = []
  const failures: unknown[] = []
  const queue = [...capture.disks.entries()]
  const worker = async () => {
    for (let next = queue.shift(); next && failures.length === 0; next = queue.shift())
      try {
        const [index, disk] = next
        results[index] = await copyDisk(disk, capture, { ...tools, chunkBytes }, () => failures.length > 0)
      } catch (error) {
        failures.push(error)
      }
  }
  await Promise.all(Array.from({ length: parallelDisks }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}

async function nextId(repository: Repository): Promise<string> {
  const last = (await repository.generations()).at(-1)
  return String(Number(last?.id ?? 0) + 1).padStart(6, '0')
}

async function release(snapshot: string, { gateway, report }: BackupTools): Promise<void> {
  if (await gateway.release(snapshot)) report('The snapshot has left files behind: consolidate the disks.')
}
