// The order of tasks: the last queued first, and of those with the same time the last created.

import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'

/** The position of a task in the order of its vCenter. */
export interface TaskPosition {
  /** Milliseconds since 1970, by the clock of the vCenter. */
  readonly queuedAt: number
  /** The moid. Its number grows with each task of a vCenter. */
  readonly moid: string
}

export const positionOf = ({ queueTime, task }: Pick<TaskInfo, 'queueTime' | 'task'>): TaskPosition => ({
  queuedAt: queueTime.getTime(),
  moid: task.value,
})

/** Compares positions: negative if the first one comes first. */
export const comparePositions = (one: TaskPosition, other: TaskPosition): number =>
  other.queuedAt - one.queuedAt ||
  numberOf(other.moid) - numberOf(one.moid) ||
  (one.moid < other.moid ? 1 : one.moid > other.moid ? -1 : 0)

const numberOf = (moid: string): number => Number(/\d+(?=\D*$)/.exec(moid)?.[0] ?? 0)

/** Compares tasks for a list that begins with the last queued one. */
export const newestFirst = (one: TaskInfo, other: TaskInfo): number =>
  comparePositions(positionOf(one), positionOf(other))
