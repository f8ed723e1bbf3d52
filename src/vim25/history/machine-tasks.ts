// Reads the tasks of one virtual machine from the history of its vCenter.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { TaskInfo } from '../tasks/task-watcher.ts'
import type { HistoryCollectors, LeasedCollector } from './history-collectors.ts'
import { maxPageSize } from './history-search.ts'
import { createTaskCollector, tasksOf } from './task-collector.ts'

interface TaskSearch {
  /** The range of the time at which tasks were queued, by the clock of the vCenter. */
  readonly since: Date
  readonly until?: Date
  /** @default all */
  readonly states?: readonly string[]
}

/** How many pages are read. Of a machine with more tasks, the oldest are missing. */
const maxPages = 10

export interface MachineTasks {
  readonly tasks: readonly TaskInfo[]
  /** Whether these are all that the history has. */
  readonly isComplete: boolean
}

/**
 * Returns the tasks of a virtual machine, with one collector.
 * @throws VimFaultError if the server keeps no history of tasks (`lacksTaskHistory`), or it may not be read
 */
export async function readMachineTasks(
  collectors: HistoryCollectors,
  machine: ManagedObjectReference,
  { since, until, states }: TaskSearch,
  callOptions: CallOptions,
): Promise<readonly TaskInfo[]> {
  const create = createTaskCollector({
    entity: { entity: machine, recursion: 'self' },
    time: { timeType: 'queuedTime', beginTime: since, ...(until && { endTime: until }) },
    ...(states && { state: states as never }),
  })
  return (await collectors.lease(create, callOptions, readTasks)).tasks
}

/**
 * Returns the whole history of a virtual machine, with one collector. Without a time, since the clock of the vCenter may have been set.
 * @throws as readMachineTasks
 */
export function readMachineHistory(
  collectors: HistoryCollectors,
  machine: ManagedObjectReference,
  callOptions: CallOptions,
): Promise<MachineTasks> {
  const create = createTaskCollector({ entity: { entity: machine, recursion: 'self' } })
  return collectors.lease(create, callOptions, readTasks)
}

async function readTasks(collector: LeasedCollector): Promise<MachineTasks> {
  const tasks = new Map<string, TaskInfo>()
  /** Returns whether the page was the last one. All tasks belong to one object, so that all or none of them may be seen. */
  const add = (page: readonly unknown[]) => {
    for (const task of tasksOf(page)) tasks.set(task.task.value, task)
    return page.length < maxPageSize
  }
  await collector.setPageSize(maxPageSize)
  let isComplete = add(await collector.latestPage())
  if (!isComplete) await collector.reset()
  for (let page = 1; page < maxPages && !isComplete; page += 1)
    isComplete = add(await collector.read('ReadPreviousTasks', maxPageSize))
  return { tasks: [...tasks.values()], isComplete }
}
