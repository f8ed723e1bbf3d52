// Which tasks a TaskFilterSpec selects.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { type LoggedTask, type TaskInfo, userOf } from './task-log.ts'

/** Returns whether a task matches the filter. All criteria must match. */
export function compileTaskFilter(filter: DataObject<'TaskFilterSpec'>): (logged: LoggedTask) => boolean {
  const { entity, time, userName, state, alarm, scheduledTask, eventChainId } = filter
  return (logged) => {
    const { info } = logged
    if (entity && !isAbout(logged, entity)) return false
    if (time && !isWithin(info, time)) return false
    if (userName && !isBy(userOf(info), userName)) return false
    if (isGiven(state) && !state.includes(info.state)) return false
    if (isGiven(eventChainId) && !eventChainId.includes(info.eventChainId)) return false
    if (alarm && referenceOf(info, 'alarm')?.value !== alarm.value) return false
    if (scheduledTask && referenceOf(info, 'scheduledTask')?.value !== scheduledTask.value) return false
    return (
      isOneOf(filter.activationId, info.activationId) &&
      isOneOf(filter.tag, info.changeTag) &&
      isOneOf(filter.parentTaskKey, info.parentTaskKey) &&
      isOneOf(filter.rootTaskKey, info.rootTaskKey)
    )
  }
}

const isGiven = <T>(list: readonly T[] | undefined): list is readonly T[] =>
  list !== undefined && list.length > 0

const isOneOf = (list: readonly string[] | undefined, value: string | undefined): boolean =>
  !isGiven(list) || (value !== undefined && list.includes(value))

const referenceOf = ({ reason }: TaskInfo, field: string): ManagedObjectReference | undefined =>
  (reason as Readonly<Record<string, unknown>>)[field] as ManagedObjectReference | undefined

function isAbout(
  { info: { entity }, containers }: LoggedTask,
  { entity: wanted, recursion }: DataObject<'TaskFilterSpecByEntity'>,
): boolean {
  const isSelf = entity?.value === wanted.value && entity.type === wanted.type
  const isBelow = containers.has(wanted.value)
  if (recursion === 'self') return isSelf
  return recursion === 'children' ? isBelow : isSelf || isBelow
}

const times = {
  queuedTime: 'queueTime',
  startedTime: 'startTime',
  completedTime: 'completeTime',
} as const

/** A task without the time does not match. */
function isWithin(
  info: TaskInfo,
  { timeType, beginTime, endTime }: DataObject<'TaskFilterSpecByTime'>,
): boolean {
  const at = info[times[timeType as keyof typeof times]]?.getTime()
  if (at === undefined) return false
  return (!beginTime || at >= beginTime.getTime()) && (!endTime || at <= endTime.getTime())
}

/** Without a list, all users but the system are meant. */
function isBy(name: string, { systemUser, userList }: DataObject<'TaskFilterSpecByUsername'>): boolean {
  if (name === '') return systemUser
  return isGiven(userList) ? userList.includes(name) : true
}
