// One backup of a virtual machine: begin a capture, copy the disks, commit the generation, end the capture. The next run continues one
// that was interrupted at any point: the capture is found again by its key, and what was copied by its checksums.
//
//   state.json -> capture -> copy -> is the snapshot still held? -> commit -> release
//        ^                                   |
//        '----- no: what was copied is discarded, and a new snapshot taken

import { randomUUID } from 'node:crypto'
import { baseProblem, findBase } from './base.ts'
import { type CopyTools, copyDisk } from './copy-disk.ts'
import { end, endOf } from './discard.ts'
import type { Capture, LiveMachine } from './gateway.ts'
import { ReportedError } from './retry.ts'
import { deleteState, readState, type State, useSnapshot, writeState } from './state.ts'
import { defaultChunkBytes } from './storage/chunks.ts'
import type { Generation, StoredDisk } from './storage/generation.ts'

/** How many disks are read at a time. */
const parallelDisks = 3

/** How often a snapshot is taken again because another client has removed it. */
const maxSnapshots = 3

const defaultLeaseSeconds = 24 * 60 * 60

export interface BackupTools extends Omit<CopyTools, 'chunkBytes'> {
  readonly chunkBytes?: number
  /** Of a new capture; one that is continued keeps its own. @default defaultLeaseSeconds */
  readonly leaseSeconds?: number | undefined
  /** Copies everything, as the first backup does. */
  readonly isFull?: boolean | undefined
  /** Prints a line for the user. */
  readonly report: (line: string) => void
  /** @throws if the run has lost the lock of the repository */
  readonly assertLocked: () => Promise<void>
  /** In milliseconds. @default performance.now */
  readonly now?: () => number
}

/** Makes one generation. Must run under the lock of the repository. */
export async function backUp(
  machine: string,
  tools: BackupTools,
): Promise<Pick<Generation, 'id' | 'leftOut'>> {
  const { gateway, vcenter, repository, progress, report, now = () => performance.now() } = tools
  await vcenter.logIn()
  await repository.sweep()
  let state = await startOrContinue(machine, tools)
  const { request } = state
  const { instanceUuid } = request
  for (let attempt = 1; attempt <= maxSnapshots; attempt += 1) {
    const begun = now()
    const capture = await begin(state, tools)
    const { snapshot, leftOut } = capture
    if (state.snapshot !== snapshot) state = await useSnapshot(snapshot, state, repository)
    const delta = capture.disks.find(({ isDelta }) => isDelta)
    if (delta) {
      await end(snapshot, tools)
      throw new Error(hasSnapshots(delta.fileName))
    }
    for (const message of leftOut) report(`left out: ${message}`)
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
      const id = await commit(state, { machine, instanceUuid, snapshot, disks, leftOut }, tools)
      await release(snapshot, tools)
      await repository.sweep()
      return { id, leftOut }
    }
    if (now() - begun >= request.leaseSeconds * 1000) {
      await end(snapshot, tools)
      throw new Error(
        `the lease of ${request.leaseSeconds / 3600} h ended before the disks were copied: run the backup again with a longer --lease-hours`,
      )
    }
    report('The snapshot was removed before it was copied. Its copy is discarded.')
  }
  throw new Error(`${maxSnapshots} snapshots were removed by another client before they were copied`)
}

const hasSnapshots = (fileName: string): string =>
  `the virtual machine has other snapshots, or is a linked clone: remove them, or read ${fileName} with VDDK`

async function startOrContinue(machine: string, tools: BackupTools): Promise<State> {
  const { repository, report, isFull = false, leaseSeconds } = tools
  const interrupted = await readState(repository)
  const live = await checkedMachine(machine, tools)
  if (!interrupted) return start(machine, live, tools)
  const { request, startedAt } = interrupted
  if (isOther(request, machine, live))
    throw new Error(`a backup of ${nameOf(request)} is in progress: continue or discard it first`)
  const problem =
    isFull && request.tokens.length > 0 ? 'it has only changes' : await baseProblem(repository, interrupted)
  if (problem !== undefined) {
    report(`The backup that was begun at ${startedAt} is discarded: ${problem}.`)
    await endOf(interrupted, tools)
    return start(machine, await checkedMachine(machine, tools), tools)
  }
  report(`Continuing the backup that was begun at ${startedAt}.`)
  if (leaseSeconds !== undefined && leaseSeconds !== request.leaseSeconds)
    report(`Its lease stays ${request.leaseSeconds / 3600} h: --lease-hours is for new backups.`)
  return interrupted
}

type KnownMachine = Pick<Generation, 'machine' | 'instanceUuid'>

/** Whether what is stored is of another virtual machine. Names count only where no instance UUID is stored. */
const isOther = (stored: KnownMachine, machine: string, { instanceUuid }: LiveMachine): boolean =>
  stored.instanceUuid == null ? stored.machine !== machine : stored.instanceUuid !== instanceUuid

const nameOf = ({ machine, instanceUuid }: KnownMachine): string =>
  instanceUuid == null ? machine : `${machine} (instance UUID ${instanceUuid})`

/** Returns the virtual machine. @throws if the gateway and this program are connected to different vCenters */
async function checkedMachine(
  machine: string,
  { gateway, vcenter }: Pick<BackupTools, 'gateway' | 'vcenter'>,
): Promise<LiveMachine> {
  const [live, uuid] = [await gateway.machine(machine), await vcenter.instanceUuid()]
  if (live.vcenterUuid === null || uuid === undefined)
    throw new Error('the gateway or VSPHERE_URL is not connected to a vCenter but to an ESXi host')
  if (live.vcenterUuid !== uuid)
    throw new Error(
      `the gateway is connected to the vCenter ${live.vcenterUuid}, and VSPHERE_URL is ${uuid}: use the same one`,
    )
  return live
}

async function start(machine: string, live: LiveMachine, tools: BackupTools): Promise<State> {
  const { repository, report, isFull = false, leaseSeconds = defaultLeaseSeconds } = tools
  const last = (await repository.scan()).generations.at(-1)
  if (last && isOther(last, machine, live))
    throw new Error(
      `this repository holds backups of ${nameOf(last)}, and ${machine} is another virtual machine: back it up to another folder`,
    )
  // A run that ended after its commit may have left its snapshot.
  if (last) await release(last.snapshot, tools)
  const { deltas } = live.deltas.length > 0 ? await checkedMachine(machine, tools) : live
  if (deltas[0] !== undefined) throw new Error(hasSnapshots(deltas[0]))
  const base = await findBase(repository, report)
  const disks = isFull ? [] : base.disks
  const tokens = disks.map(({ token }) => token)
  const state = {
    startedAt: new Date().toISOString(),
    request: { machine, instanceUuid: live.instanceUuid, idempotencyKey: randomUUID(), tokens, leaseSeconds },
    previous: base.previous,
    keys: disks.map(({ key }) => key),
  }
  await writeState(repository, state)
  return state
}

/** Errors after which the snapshot may exist, or may come to exist. */
const uncertainCodes = ['CONFLICT', 'OUTCOME_UNKNOWN', 'VSPHERE_FAULT']

/** Begins the capture, or finds it. A request that is rejected is not kept: it would be repeated forever. */
async function begin({ request, snapshot }: State, { gateway, repository }: BackupTools): Promise<Capture> {
  try {
    return await gateway.capture(request)
  } catch (error) {
    const isRejected =
      error instanceof ReportedError &&
      !error.retryable &&
      /^[A-Z]/.test(error.code) &&
      !uncertainCodes.includes(error.code)
    const exists = async () => (await gateway.snapshotOf(request).catch(() => 'unknown')) !== undefined
    if (isRejected && snapshot === undefined && !(await exists())) await deleteState(repository)
    throw error
  }
}

/** Stores the tokens, together with their data. @returns the id of the generation */
async function commit(
  { startedAt, previous, keys }: State,
  content: Pick<Generation, 'disks' | 'instanceUuid' | 'leftOut' | 'machine' | 'snapshot'>,
  { repository, assertLocked }: BackupTools,
): Promise<string> {
  // Folders may have been moved while the disks were copied.
  const problem = await baseProblem(repository, { previous, keys })
  if (problem !== undefined) throw new Error(`${problem}: run the backup again, which discards this copy`)
  await assertLocked()
  return repository.commit({ uuid: randomUUID(), startedAt, previous, ...content })
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

async function release(
  snapshot: string,
  { gateway, report }: Pick<BackupTools, 'gateway' | 'report'>,
): Promise<void> {
  if (await gateway.release(snapshot)) report('The snapshot has left files behind: consolidate the disks.')
}
