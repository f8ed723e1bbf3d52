// Rejects a stored changeId that may name a state which a revert discarded. A server that keeps the epoch across a revert
// may compute changes from such a state without an error, and omit the blocks that the revert restored.
//
//   A/1 --- (B/2) --- X/3       B was removed. The machine was reverted to A, and T was taken. Is n/2 an ancestor of T?
//     '---- T/4
//
// What the tree proves: numbers grow along each line of history. X is not an ancestor of T, so the machine was on X's branch
// and left it by a revert. Let A be the nearest common ancestor of X and T. Every state on X's branch after A has a number n
// with number(A) < n <= number(X), and no such state is an ancestor of T. So a number in this range may name a discarded state,
// and is rejected. A state on T's own line can have such a number too: where the snapshot that was reverted to has been
// removed since, so that A is farther up than the real fork; or where the server counts again from the number of the snapshot
// that it reverts to. The changeId alone cannot distinguish these cases, so they are rejected as well, which costs a full backup
// but no data. A client whose snapshot still exists passes it by `since: { snapshot }`: there the tree itself is the proof.
//
// What it cannot prove: once every snapshot of the discarded branch is removed, the tree has no trace of the branch.
// docs/changed-block-tracking.md describes what a client must do after a revert.

import { readOr } from '../../planner/managed-object.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors/api-error.ts'
import { backingOf, type Disk, frozenDisksOf } from '../virtual-machine/disks/disk.ts'
import {
  currentSnapshotOf,
  lineageOf,
  type SnapshotNode,
  snapshotsOf,
} from '../virtual-machine/snapshots/snapshot-tree.ts'
import { parseChangeId } from './change-id.ts'
import { loadFrozenDisks } from './snapshot-disks.ts'

const remedy =
  'Read all areas in use (allocatedAreas) and store the new changeId. If the snapshot of this changeId still exists and the disk descends from it, pass that snapshot: since: { snapshot }.'

/**
 * Rejects a changeId that a snapshot on another branch shows to be possibly of a discarded state. Makes no call if the tree has
 * no branches.
 * @param start A stored changeId, not `*`.
 * @throws ApiError CHANGE_ID_STALE
 */
export async function assertNotDiscarded(start: string, disk: Disk, context: Context): Promise<void> {
  const above = new Set(lineageOf(disk.snapshot ?? currentSnapshotOf(disk.vm)))
  const isDescendant = (each: SnapshotNode) => disk.snapshot && [...lineageOf(each)].includes(disk.snapshot)
  const otherBranches = snapshotsOf(disk.vm).filter((each) => !above.has(each) && !isDescendant(each))
  await Promise.all(
    otherBranches.map(async (branch) => {
      const fork = [...lineageOf(branch)].find((each) => above.has(each))
      const [ofBranch, ofFork] = await Promise.all([
        changeIdsOf(branch, context),
        fork ? changeIdsOf(fork, context) : [],
      ])
      const { value } = branch.tree.snapshot
      if (!ofBranch || !ofFork) {
        throw new ApiError(
          'CHANGE_ID_STALE',
          `the virtual machine was reverted, and the changeId cannot be validated because the disks of snapshot ${value}, or of the snapshot that it branches off from, cannot be read`,
          { remedy },
        )
      }
      if (!mayBeOf(start, ofBranch, ofFork)) return
      throw new ApiError(
        'CHANGE_ID_STALE',
        `the changeId may belong to a state that a revert discarded: its number is in the branch of snapshot ${value}, and this state of the disk does not descend from that branch`,
        { remedy },
      )
    }),
  )
}

/** Returns the changeIds of all disks of a snapshot, since a disk may have had another key then; undefined if unreadable. */
async function changeIdsOf(snapshot: SnapshotNode, context: Context): Promise<string[] | undefined> {
  const read = await loadFrozenDisks(snapshot, context)
  const frozen = readOr(() => read && frozenDisksOf(read), undefined)
  return frozen?.flatMap((disk) => backingOf(disk).changeId ?? [])
}

/** Whether a changeId is later than the fork, but not later than the snapshot of the other branch. */
function mayBeOf(start: string, ofBranch: readonly string[], ofFork: readonly string[]): boolean {
  if (ofBranch.some((each) => each.toLowerCase() === start.toLowerCase())) return true
  const from = parseChangeId(start)
  if (!from) return false
  // Several disks can share an epoch, such as copies of one file, so the widest range is used.
  const last = numbersIn(from.epoch, ofBranch).at(-1)
  if (last === undefined || from.number > last) return false
  // A fork from another epoch sets no lower bound.
  const [first] = numbersIn(from.epoch, ofFork)
  return first === undefined || from.number > first
}

/** Returns the numbers of an epoch, in ascending order. */
function numbersIn(epoch: string, changeIds: readonly string[]): bigint[] {
  return changeIds
    .map(parseChangeId)
    .flatMap((parts) => (parts?.epoch === epoch ? [parts.number] : []))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}
