// Finds out who created the snapshots of a virtual machine, from the history of its tasks. vSphere does not record it anywhere else.

import { isReference } from '../../soap/codec.ts'
import { isInstance } from '../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { TaskInfo } from '../tasks/task-watcher.ts'
import type { HistoryCollectors } from './history-collectors.ts'
import { readMachineTasks } from './machine-tasks.ts'
import { lacksTaskHistory } from './task-collector.ts'

/** A snapshot, as the tree of its virtual machine has it. */
export interface DatedSnapshot {
  readonly ref: ManagedObjectReference
  readonly createdAt: Date
}

const createOperations: ReadonlySet<string> = new Set([
  'VirtualMachine.createSnapshot',
  'VirtualMachine.createSnapshotEx',
])

/** Whether a task takes a snapshot, with any outcome. */
export const isSnapshotCreation = ({ descriptionId }: TaskInfo): boolean =>
  createOperations.has(descriptionId)

/** The time before the first and after the last snapshot in which tasks are read: the clock of a host may be wrong by hours. */
const marginMs = 24 * 60 * 60 * 1000

/** How far the clock of the host may differ from that of the vCenter if a task is found by its times. */
const clockSlackMs = 5 * 60 * 1000

/**
 * Returns the users who created snapshots, by moid. A snapshot is left out if its creation is not in the history, if not a user started
 * it, or if several tasks may have created it.
 */
export async function readSnapshotCreators(
  collectors: HistoryCollectors,
  machine: ManagedObjectReference,
  snapshots: readonly DatedSnapshot[],
  callOptions: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  if (snapshots.length === 0) return new Map()
  const times = snapshots.map(({ createdAt }) => createdAt.getTime())
  const search = {
    since: new Date(Math.min(...times) - marginMs),
    until: new Date(Math.max(...times) + marginMs),
    states: ['success'],
  }
  try {
    return matchCreators(snapshots, await readMachineTasks(collectors, machine, search, callOptions))
  } catch (error) {
    if (lacksTaskHistory(error)) return new Map()
    throw error
  }
}

/** Returns the users who created snapshots, by moid. */
export function matchCreators(
  snapshots: readonly DatedSnapshot[],
  tasks: readonly TaskInfo[],
): ReadonlyMap<string, string> {
  const created = matchCreatingTasks(snapshots, tasks)
  return new Map(
    snapshots.flatMap(({ ref }) => {
      const reason = created.get(ref.value)?.reason
      return isInstance(reason, 'TaskReasonUser') && reason.userName ? [[ref.value, reason.userName]] : []
    }),
  )
}

/**
 * Matches snapshots with the tasks that created them: by the result of the task, or if the history keeps no results by the times of the
 * task. The clock of the host may differ from that of the vCenter, so a time decides only if no other task is as near.
 */
function matchCreatingTasks(
  snapshots: readonly DatedSnapshot[],
  tasks: readonly TaskInfo[],
): ReadonlyMap<string, TaskInfo> {
  const created = tasks.filter((task) => isSnapshotCreation(task) && task.state === 'success')
  const found = new Map<string, TaskInfo>()
  for (const task of created) if (isReference(task.result)) found.set(task.result.value, task)
  const withoutResult = created.filter(({ result }) => !isReference(result))
  for (const slackMs of [0, clockSlackMs]) {
    const taken = new Set(found.values())
    const open = snapshots.filter(({ ref }) => !found.has(ref.value))
    const free = withoutResult.filter((task) => !taken.has(task))
    for (const snapshot of open) {
      const [task, ...others] = free.filter((each) => isDuring(snapshot, each, slackMs))
      const isOnly = task && open.filter((each) => isDuring(each, task, slackMs)).length === 1
      if (isOnly && others.length === 0) found.set(snapshot.ref.value, task)
    }
  }
  return found
}

/** Whether a snapshot was created while a task was queued or ran. */
const isDuring = (
  { createdAt }: DatedSnapshot,
  { queueTime, completeTime }: TaskInfo,
  slackMs: number,
): boolean =>
  createdAt.getTime() >= queueTime.getTime() - slackMs &&
  completeTime !== undefined &&
  createdAt.getTime() <= completeTime.getTime() + slackMs
