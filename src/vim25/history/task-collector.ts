// Collectors of tasks: how to create one, and the tasks of its pages.

import { SoapError } from '../../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Login } from '../session/login.ts'
import type { TaskInfo } from '../tasks/task-watcher.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { CreateCollector } from './history-collectors.ts'

export type TaskFilterSpec = DataObject<'TaskFilterSpec'>

export const createTaskCollector =
  (filter: TaskFilterSpec): CreateCollector =>
  (login, callOptions) =>
    login.call('CreateCollectorForTasks', taskManagerOf(login), { filter }, callOptions)

/** @throws VimFaultError NotSupported if the server has no TaskManager */
export function taskManagerOf({ content: { taskManager } }: Login): ManagedObjectReference {
  if (taskManager) return taskManager
  throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no TaskManager')
}

/**
 * Returns the items of a page as tasks.
 *
 * @throws SoapError if one has no reference or no time: it has no position among the others, and must not be left out
 */
export function tasksOf(items: readonly unknown[]): readonly TaskInfo[] {
  for (const item of items) {
    const { task, queueTime } = (item ?? {}) as Partial<TaskInfo>
    if (typeof task?.value !== 'string' || !(queueTime instanceof Date))
      throw new SoapError('a task has no reference or no time')
  }
  return items as readonly TaskInfo[]
}

/** Whether an error says that the server keeps no history of tasks, as an ESXi host. */
export const lacksTaskHistory = (error: unknown): boolean =>
  error instanceof VimFaultError &&
  (error.is('NotSupported') || error.is('NotImplemented') || error.is('MethodNotFound'))
