// TaskFilter: the criteria of tasks. vCenter evaluates all of them but `operations`; for servers without a history of tasks the gateway
// evaluates them.

import { isInstance } from '../../soap/type-registry.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import type { TaskFilterSpec } from '../../vim25/history/task-collector.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { badInput } from '../errors/api-error.ts'
import {
  checkChainId,
  checkLists,
  checkNames,
  checkTimeWindow,
  type EntityCriterion,
  EventScope,
  entityCriterion,
  isOneOfUsers,
  type Scope,
  type TimeWindow,
  type TimeWindowInput,
  userCriteria,
} from '../history/history-criteria.ts'
import { TaskState } from './task-state.ts'

export interface TaskFilterInput extends TimeWindowInput {
  readonly states?: readonly string[] | null | undefined
  readonly users?: readonly string[] | null | undefined
  readonly entity?: string | null | undefined
  readonly scope?: Scope | null | undefined
  readonly chainId?: number | null | undefined
  readonly operations?: readonly string[] | null | undefined
}

export const TaskFilter = builder.inputType('TaskFilter', {
  description: 'Criteria for tasks. A task must meet all that are set. vim25: `TaskFilterSpec`.',
  fields: (t) => ({
    since: t.field({
      type: 'DateTime',
      description:
        'Only tasks that were queued from this time on, by the clock of the vCenter. Source: `time.beginTime` with `queuedTime`.',
    }),
    until: t.field({
      type: 'DateTime',
      description:
        'Only tasks that were queued up to this time, by the clock of the vCenter. Source: `time.endTime`.',
    }),
    lastSeconds: t.int({
      description:
        'Only tasks that were queued in the last so many seconds, by the clock of the vCenter, which takes one call: 86400 for the last day. Cannot be combined with `since`. Source: `CurrentTime`.',
    }),
    states: t.field({
      type: [TaskState.type],
      description:
        'Only tasks in one of these states: `[QUEUED, RUNNING]` for those that have not ended, `[ERROR]` for those that failed. Source: `state`.',
    }),
    users: t.stringList({
      description:
        'Only tasks that one of these users started, named as in `TaskInitiator.userName`: `VSPHERE.LOCAL\\Administrator`. Source: `userName.userList`.',
    }),
    entity: t.id({
      description: 'Only tasks of the inventory object with this id. Source: `entity.entity`.',
    }),
    scope: t.field({
      type: EventScope.type,
      required: true,
      defaultValue: 'all',
      description:
        'Whether tasks of the object in `entity` are meant, of those below it, or both. Source: `entity.recursion`.',
    }),
    chainId: t.int({
      description: 'Only the tasks of this chain: `Event.chainId` of their events. Source: `eventChainId`.',
    }),
    operations: t.stringList({
      description:
        'Only these operations, named as in `Task.operation`: `VirtualMachine.createSnapshot`. The case of letters does not count. vCenter cannot evaluate it: the gateway reads the tasks that meet the other criteria, at most 10,000 for a page, so `since`, `lastSeconds` or `entity` is required. Source: `descriptionId`.',
    }),
  }),
})

/** The criteria of a search for tasks, without the time window. */
export interface TaskCriteria {
  readonly filter: TaskFilterSpec
  readonly entity: EntityCriterion | undefined
  readonly accepts: ((task: TaskInfo) => boolean) | undefined
}

/**
 * Checks a filter and returns its criteria. Logs in if the filter has an id.
 *
 * @throws ApiError BAD_USER_INPUT if the filter is not valid
 */
export async function taskCriteria(context: Context, input: TaskFilterInput): Promise<TaskCriteria> {
  const { states, users, chainId, operations, since, lastSeconds, scope } = input
  checkTimeWindow(input)
  checkLists({ states, users, operations })
  checkNames({ operations: [operations, 'VirtualMachine.powerOff'] })
  checkChainId(chainId)
  const undotted = operations?.find((each) => !each.includes('.'))
  if (undotted !== undefined)
    throw badInput(
      `operations contains ${JSON.stringify(undotted)}, but the name of an operation has a dot`,
      'Name operations as in Task.operation, such as VirtualMachine.powerOff.',
    )
  if (operations && since == null && lastSeconds == null && input.entity == null)
    throw badInput(
      'operations needs since, lastSeconds or entity',
      'Limit the time or name an object, because the gateway reads all tasks that meet the other criteria.',
    )
  const names = operations && new Set(operations.map((each) => each.toLowerCase()))
  const userName = users && userCriteria(users)
  const entity = await entityCriterion(context, input.entity, scope ?? 'all')
  return {
    filter: {
      ...(entity && { entity: { entity: entity.ref, recursion: entity.scope } }),
      ...(userName && { userName }),
      ...(states && { state: states }),
      ...(chainId != null && { eventChainId: [chainId] }),
    },
    entity,
    accepts: names ? ({ descriptionId }) => names.has(descriptionId.toLowerCase()) : undefined,
  }
}

/** Whether a task meets the criteria, evaluated without its server. Of objects below the given one nothing is known. */
export function meetsCriteria(
  task: TaskInfo,
  { filter, accepts }: Pick<TaskCriteria, 'filter' | 'accepts'>,
  { since, until }: TimeWindow,
): boolean {
  const { entity, userName, state, eventChainId } = filter
  const { queueTime } = task
  return (
    (!since || queueTime >= since) &&
    (!until || queueTime <= until) &&
    (!entity || (entity.recursion !== 'children' && isSameObject(task, entity))) &&
    isOneOfUsers(initiatingUserOf(task), userName) &&
    (!state || state.includes(task.state)) &&
    (!eventChainId || eventChainId.includes(task.eventChainId)) &&
    (accepts?.(task) ?? true)
  )
}

/** Checks the user of a task again: a server that ignores this criterion, such as vcsim, would return tasks of others. */
export const checkOfTasks = ({ userName }: TaskFilterSpec): ((task: TaskInfo) => boolean) | undefined =>
  userName?.userList && ((task) => isOneOfUsers(initiatingUserOf(task), userName))

const initiatingUserOf = ({ reason }: TaskInfo): string | undefined =>
  isInstance(reason, 'TaskReasonUser') ? reason.userName : undefined

const isSameObject = (
  { entity }: TaskInfo,
  { entity: wanted }: DataObject<'TaskFilterSpecByEntity'>,
): boolean => entity?.value === wanted.value && entity.type === wanted.type
