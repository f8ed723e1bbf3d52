// Reads the tasks of one virtual machine from the history of its vCenter, the newest first.

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

/** How many pages are read. Of a machine with more tasks in that time, the oldest are missing. */
const maxPages = 10

/**
 * Returns the tasks of a virtual machine, with one collector.
 * @throws VimFaultError if the server keeps no history of tasks (`lacksTaskHistory`), or it may not be read
 */
export function readMachineTasks(
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
  return collectors.lease(create, callOptions, readTasks)
}

async function readTasks(collector: LeasedCollector): Promise<readonly TaskInfo[]> {
  const tasks = new Map<string, TaskInfo>()
  const add = (page: readonly unknown[]) => {
    for (const task of tasksOf(page)) tasks.set(task.task.value, task)
    return page.length === maxPageSize
  }
  await collector.setPageSize(maxPageSize)
  if (add(await collector.latestPage())) {
    await collector.reset()
    for (let page = 1; page < maxPages; page += 1)
      if (!add(await collector.read('ReadPreviousTasks', maxPageSize))) break
  }
  return [...tasks.values()]
}
