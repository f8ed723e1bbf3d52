// Pages of tasks: each vCenter is searched from the position on where the page begins, and the results are merged. A server without a
// history of tasks, such as an ESXi host, has only its recent tasks.

import { PlanNode } from '../../planner/plan-node.ts'
import {
  comparePositions,
  type FoundHistory,
  type HistoryPosition,
  type HistorySearch,
  searchHistory,
} from '../../vim25/history/history-search.ts'
import { lacksTaskHistory, taskManagerOf } from '../../vim25/history/task-collector.ts'
import { positionOf, tasksWith } from '../../vim25/history/task-search.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import type { Context } from '../context.ts'
import type { ClassifiedError } from '../errors/classify-error.ts'
import { type TimeWindow, timeWindowOf } from '../history/history-criteria.ts'
import { positionIn } from '../history/history-cursor.ts'
import {
  definedOnly,
  type HistoryPage,
  type HistoryPart,
  maxItemsRead,
  mergePage,
  pageRequest,
} from '../history/history-pages.ts'
import type { RequestVCenter } from '../vcenters.ts'
import type { SourcedTask } from './load-task.ts'
import { readRecentTasks } from './recent-tasks.ts'
import {
  checkOfTasks,
  meetsCriteria,
  type TaskCriteria,
  type TaskFilterInput,
  taskCriteria,
} from './task-filter.ts'

export interface TaskPageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly filter?: TaskFilterInput | null | undefined
}

export async function taskPage(
  { filter, ...page }: TaskPageArgs,
  context: Context,
): Promise<HistoryPage<SourcedTask>> {
  const request = pageRequest('tasks', page, [definedOnly(filter)], context)
  const { size, end } = request
  const criteria = await taskCriteria(context, filter ?? {})
  const vcenters = criteria.entity ? [criteria.entity.vcenter] : context.vcenters.all
  const parts = await Promise.all(
    vcenters.map(async (vcenter) => {
      const window = await timeWindowOf(vcenter, filter ?? {}, end !== undefined)
      const after = end && positionIn(vcenter.name, end)
      const search = { ...window, after, count: size, maxItems: Math.max(maxItemsRead, size + 1) }
      return (await searchTasks(vcenter, criteria, search)) ?? recentTasks(vcenter, criteria, window, after)
    }),
  )
  return mergePage(parts, request, positionOf, (task, { source }) => ({ ...task, source }))
}

/** Searches the history of tasks. Returns undefined if the server has none. */
async function searchTasks(
  vcenter: RequestVCenter,
  { filter, accepts }: TaskCriteria,
  search: HistorySearch<TaskInfo>,
): Promise<HistoryPart<TaskInfo> | undefined> {
  const { session, history, callOptions } = vcenter
  const login = await session.ensureLogin(callOptions)
  if (login.content.about.apiType === 'HostAgent') return undefined
  try {
    const checked = { ...search, accepts, verifies: checkOfTasks(filter) }
    const found = await searchHistory(tasksWith(filter), history, checked, callOptions)
    return { vcenter, found, error: found.end === 'hidden' ? hiddenError : null }
  } catch (error) {
    if (lacksTaskHistory(error)) return undefined
    throw error
  }
}

/** Reads the tasks that run or have ended recently, and evaluates the criteria here. */
async function recentTasks(
  vcenter: RequestVCenter,
  criteria: TaskCriteria,
  window: TimeWindow,
  after: HistoryPosition | undefined,
): Promise<HistoryPart<TaskInfo>> {
  const { session, reader, callOptions } = vcenter
  const manager = taskManagerOf(await session.ensureLogin(callOptions))
  const object = await reader.object(manager, new PlanNode('TaskManager', 'recentTask'))
  const tasks = await readRecentTasks(object?.read('recentTask') ?? [], reader)
  const items = tasks.filter(
    (task) =>
      meetsCriteria(task, criteria, window) && (!after || comparePositions(positionOf(task), after) > 0),
  )
  const found: FoundHistory<TaskInfo> = { items, end: 'oldest', oldest: undefined }
  return { vcenter, found, error: missingTasks(criteria) }
}

/** Returns what the recent tasks of a server lack; null if all tasks that the criteria select are among them. */
function missingTasks({ filter: { state, entity } }: TaskCriteria): ClassifiedError | null {
  const isBelow =
    entity !== undefined && entity.recursion !== 'self' && entity.entity.type !== 'VirtualMachine'
  const hasEnded = !state || state.includes('success') || state.includes('error')
  if (!isBelow && !hasEnded) return null
  return isBelow ? belowError : recentError
}

const hiddenError: ClassifiedError = {
  code: 'FORBIDDEN',
  message: 'the last queued tasks cannot be read, so it is not known which older tasks follow',
  remedy:
    'Narrow the time with until, or give the account the privilege System.Read on the objects of the tasks.',
  retryable: false,
}

const recentError: ClassifiedError = {
  code: 'NOT_SUPPORTED',
  message:
    'the server keeps no history of tasks: it reports those that run, and the last ones that ended in about the last ten minutes',
  remedy: 'Connect to the vCenter that manages the host.',
  retryable: false,
}

const belowError: ClassifiedError = {
  code: 'NOT_SUPPORTED',
  message:
    'the server keeps no history of tasks: it reports those that run, and the last ones that ended in about the last ten minutes, and cannot select those of objects below another',
  remedy: 'Omit entity, or connect to the vCenter that manages the host.',
  retryable: false,
}
