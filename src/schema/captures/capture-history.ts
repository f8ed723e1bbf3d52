// The history of tasks of a captured machine: which task created the snapshot of the capture, and whether the machine was reverted since
// an earlier capture. Read with one collector for each capture.

import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import { isReference } from '../../soap/codec.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { type MachineTasks, readMachineHistory } from '../../vim25/history/machine-tasks.ts'
import { isSnapshotCreation } from '../../vim25/history/snapshot-creators.ts'
import { isRevert } from '../../vim25/session/fault-evidence.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import type { SnapshotNode } from '../virtual-machine/snapshots/snapshot-tree.ts'
import type { CaptureToken, HistoricTask } from './capture-token.ts'

export interface CaptureHistory {
  /** The task that created the snapshot of the capture; undefined if it is not known. */
  readonly task: HistoricTask | undefined
  /** Returns whether the machine was reverted since an earlier capture; undefined if the history cannot rule it out. */
  wasRevertedSince(token: CaptureToken): boolean | undefined
}

/** The capture whose history is read. */
interface CreatedSnapshot {
  readonly snapshot: SnapshotNode
  /** The task that created it, if this gateway has just run it. */
  readonly task: TaskInfo | undefined
  /** When it was requested, by the clock of the vCenter, in ms since 1970. */
  readonly requestedAt: number
}

const unknownHistory: CaptureHistory = { task: undefined, wasRevertedSince: () => undefined }

/**
 * Reads the history that the tokens need, or nothing if they need nothing. Needs the plan of `planCaptureHistory`.
 * @throws if the vCenter does not respond, so that the request can be repeated
 */
export async function readCaptureHistory(
  { snapshot, task: created, requestedAt }: CreatedSnapshot,
  tokens: readonly CaptureToken[],
  vcenter: RequestVCenter,
): Promise<CaptureHistory> {
  if (mayRevertAtPowerOff(snapshot.vm)) return unknownHistory
  const isNeeded = !created || tokens.some(({ task }) => task)
  const history = isNeeded ? await readHistory(snapshot.vm.ref, vcenter) : undefined
  const own = created ?? (history && creatorOf(snapshot.tree.snapshot, requestedAt, history.tasks))
  return {
    task: own && historicTask(own),
    wasRevertedSince({ task }) {
      const start = task && history?.tasks.find((each) => isSameTask(historicTask(each), task))
      if (!start || !history) return undefined
      // A revert after the snapshot does not change what is in it.
      const isRelevant = (each: TaskInfo) => !isBefore(each, start) && !(own && isBefore(own, each))
      if (history.tasks.some((each) => mayHaveReverted(each) && isRelevant(each))) return true
      if (!history.isComplete) return undefined
      // The clock of the vCenter was set back.
      return own && own.queueTime < start.queueTime ? undefined : false
    },
  }
}

const powerOffPaths = [
  'config.flags.snapshotPowerOffBehavior',
  'config.extraConfig["snapshot.action"]',
] as const

/** Adds the requirements of readCaptureHistory to the plan node of a virtual machine. */
export const planCaptureHistory = <N extends PlanNode>(node: N): N => node.read(...powerOffPaths)

/** The values of the setting that never revert: as its flag, and as its key in the extra configuration. */
const keepingBehaviors: ReadonlySet<string> = new Set(['powerOff', 'take', 'keep', 'autoCommit'])

/** Whether powering the machine off may revert it to its current snapshot, which leaves no task of its own. */
function mayRevertAtPowerOff(vm: ManagedObject<'VirtualMachine'>): boolean {
  const [flag, key] = powerOffPaths
  const behaviors = readOr(() => [vm.read(flag), vm.read(key)?.value], ['unreadable'])
  return behaviors.some((each) => each !== undefined && !keepingBehaviors.has(String(each)))
}

/**
 * Whether a task ended before another one was queued: by the clock of the vCenter, and by the chains of their events, which are numbered
 * in order, because the clock may have been set. Without numbers (0) the order is not known.
 */
const isBefore = (one: TaskInfo, other: TaskInfo): boolean =>
  one.completeTime !== undefined &&
  one.completeTime < other.queueTime &&
  Boolean(one.eventChainId && other.eventChainId) &&
  one.eventChainId < other.eventChainId

/** Returns undefined if there is no history, or it may not be read. */
async function readHistory(
  vm: ManagedObjectReference,
  { session, history, callOptions }: RequestVCenter,
): Promise<MachineTasks | undefined> {
  // An ESXi host keeps no history of tasks.
  if (session.lastLogin?.content.about.apiType === 'HostAgent') return undefined
  try {
    return await readMachineHistory(history, vm, callOptions)
  } catch (error) {
    // A fault that does not pass by itself: a repeated request would fail in the same way.
    if (error instanceof VimFaultError && !classifyError(error).retryable) return undefined
    throw error
  }
}

/**
 * Returns the task that created the snapshot of a capture: the one that returned it, or if the history keeps no results, the only one
 * that was queued since the request. The time of a snapshot is that of its host, whose clock may be wrong, so it proves nothing.
 */
function creatorOf(
  snapshot: ManagedObjectReference,
  requestedAt: number,
  tasks: readonly TaskInfo[],
): TaskInfo | undefined {
  const creations = tasks.filter(isSnapshotCreation)
  const byResult = creations.find(({ result }) => isReference(result) && result.value === snapshot.value)
  if (byResult) return byResult
  const [only, ...others] = creations.filter(
    ({ result, queueTime }) => !isReference(result) && queueTime.getTime() > requestedAt - precisionMs,
  )
  // One that failed may have taken the snapshot all the same, but it is not known when.
  return others.length === 0 && only?.state === 'success' ? only : undefined
}

const historicTask = ({ task, queueTime }: TaskInfo): HistoricTask => ({
  moid: task.value,
  queuedAt: queueTime.getTime(),
})

/** The history may keep times with another precision than the task itself. */
const precisionMs = 1_000

const isSameTask = (one: HistoricTask, other: HistoricTask): boolean =>
  one.moid === other.moid && Math.abs(one.queuedAt - other.queuedAt) < precisionMs

/**
 * Whether a task reverted the machine, or may have. One that failed may have failed at the power-on, after it had reverted the disks. One
 * that was cancelled while it was queued has no start.
 */
const mayHaveReverted = ({ descriptionId, state, startTime }: TaskInfo): boolean =>
  isRevert(descriptionId) && !(state === 'error' && startTime === undefined)
