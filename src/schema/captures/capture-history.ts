// The history of tasks of a captured machine: which task created the snapshot of the capture, and whether the machine was reverted since
// an earlier capture. Read with one collector for each capture.

import { readOr } from '../../planner/managed-object.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { readMachineTasks } from '../../vim25/history/machine-tasks.ts'
import { marginMs, matchCreatingTasks } from '../../vim25/history/snapshot-creators.ts'
import { provesNotExecuted } from '../../vim25/session/fault-evidence.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError, VimFaultError } from '../../vim25/vim-fault-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { type SnapshotNode, snapshotsOf } from '../virtual-machine/snapshots/snapshot-tree.ts'
import type { CaptureToken, HistoricTask } from './capture-token.ts'

export interface CaptureHistory {
  /** The task that created the snapshot of the capture; undefined if it is not known. */
  readonly task: HistoricTask | undefined
  /** Returns whether the machine was reverted since an earlier capture; undefined if the history does not reach back to it. */
  wasRevertedSince(token: CaptureToken): boolean | undefined
}

/**
 * Reads the history that the tokens need, or nothing if it needs nothing.
 * @param created the task that created the snapshot, if this gateway has just run it
 * @throws if the vCenter does not respond, so that the request can be repeated
 */
export async function readCaptureHistory(
  snapshot: SnapshotNode,
  created: TaskInfo | undefined,
  tokens: readonly CaptureToken[],
  vcenter: RequestVCenter,
): Promise<CaptureHistory> {
  const starts = tokens.flatMap(({ task }) => task?.queuedAt ?? [])
  // The clock of a host, which created the snapshot, may be wrong by hours.
  if (!created) starts.push(snapshot.tree.createTime.getTime() - marginMs)
  else if (starts.length > 0) starts.push(created.queueTime.getTime())
  const tasks = starts.length > 0 ? await readTasks(snapshot.vm.ref, Math.min(...starts), vcenter) : []
  const own = created ?? (tasks && creatorOf(snapshot, tasks))
  return {
    task: own && historicTask(own),
    wasRevertedSince({ task }) {
      const start = task && tasks?.find((each) => isSameTask(historicTask(each), task))
      if (!start || !tasks) return undefined
      // A revert after the snapshot does not change what is in it.
      const isRelevant = (each: TaskInfo) => !isBefore(each, start) && !(own && isBefore(own, each))
      if (tasks.some((each) => isRevert(each) && isRelevant(each))) return true
      // If the clock of the vCenter was set back, reverts may be missing from what was read.
      return own && own.queueTime < start.queueTime ? undefined : false
    },
  }
}

/** Before the oldest task, for a revert that was queued earlier and has ended later, and for a clock that was set back. */
const slackMs = 24 * 60 * 60 * 1000

/**
 * Whether a task ended before another one was queued, by the clock of the vCenter and by the chains of its events, which are numbered
 * in order: the clock may have been set. A server that numbers none has 0.
 */
const isBefore = (one: TaskInfo, other: TaskInfo): boolean =>
  one.completeTime !== undefined &&
  one.completeTime < other.queueTime &&
  (!one.eventChainId || !other.eventChainId || one.eventChainId < other.eventChainId)

/** Returns undefined if there is no history, or it may not be read. */
async function readTasks(
  vm: ManagedObjectReference,
  sinceMs: number,
  { session, history, callOptions }: RequestVCenter,
): Promise<readonly TaskInfo[] | undefined> {
  // An ESXi host keeps no history of tasks.
  if (session.lastLogin?.content.about.apiType === 'HostAgent') return undefined
  try {
    return await readMachineTasks(history, vm, { since: new Date(sinceMs - slackMs) }, callOptions)
  } catch (error) {
    // A fault that does not pass by itself: a repeated request would fail in the same way.
    if (error instanceof VimFaultError && !classifyError(error).retryable) return undefined
    throw error
  }
}

function creatorOf(snapshot: SnapshotNode, tasks: readonly TaskInfo[]): TaskInfo | undefined {
  const dated = readOr(() => snapshotsOf(snapshot.vm), [snapshot]).map(({ tree }) => ({
    ref: tree.snapshot,
    createdAt: tree.createTime,
  }))
  return matchCreatingTasks(dated, tasks).get(snapshot.tree.snapshot.value)
}

const historicTask = ({ task, queueTime }: TaskInfo): HistoricTask => ({
  moid: task.value,
  queuedAt: queueTime.getTime(),
})

/** The history may keep times with another precision than the task itself. */
const isSameTask = (one: HistoricTask, other: HistoricTask): boolean =>
  one.moid === other.moid && Math.abs(one.queuedAt - other.queuedAt) < 1_000

/** Whether a task reverted the machine, or may have: only a fault can prove that it did not. */
const isRevert = ({ descriptionId, task, error }: TaskInfo): boolean =>
  /revert/i.test(descriptionId) && !(error && provesNotExecuted(new TaskError(task, error), 'task'))
