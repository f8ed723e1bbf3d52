// Searches the tasks of one vCenter, the last queued first.

import type { TaskInfo } from '../tasks/task-watcher.ts'
import type { HistoryKind, HistoryPosition } from './history-search.ts'
import { createTaskCollector, type TaskFilterSpec, tasksOf } from './task-collector.ts'

/** Returns the position of a task. The number in its moid grows with each task of a vCenter. */
export const positionOf = ({ queueTime, task }: Pick<TaskInfo, 'queueTime' | 'task'>): HistoryPosition => ({
  createdAt: queueTime.getTime(),
  key: Number(/\d+(?=\D*$)/.exec(task.value)?.[0] ?? 0),
})

/** @param filter criteria without `time` */
export const tasksWith = (filter: TaskFilterSpec): HistoryKind<TaskInfo> => ({
  create: ({ beginTime, endTime }) =>
    createTaskCollector({
      ...filter,
      ...((beginTime || endTime) && {
        time: {
          timeType: 'queuedTime',
          ...(beginTime && { beginTime }),
          ...(endTime && { endTime }),
        },
      }),
    }),
  prepare: (collector, pageSize) => collector.setPageSize(pageSize),
  itemsOf: tasksOf,
  positionOf,
  readNext: 'ReadNextTasks',
  readPrevious: 'ReadPreviousTasks',
})
