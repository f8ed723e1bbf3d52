// Which events an EventFilterSpec selects.

import { isSubtype } from '../../soap/type-registry.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { VimFault } from '../vim-fault.ts'
import { categoryOf, eventTypeIdOf } from './event-classes.ts'
import type { LoggedEvent } from './event-log.ts'

type Spec = DataObject<'EventFilterSpec'>

/**
 * Returns whether an event matches the filter.
 * @throws InvalidArgument if the filter has both `type` and `eventTypeId`
 */
export function compileEventFilter(filter: Spec): (logged: LoggedEvent) => boolean {
  const { entity, time, userName, eventChainId, alarm, scheduledTask, category, type, tag, eventTypeId } =
    filter
  if (isGiven(type) && isGiven(eventTypeId))
    throw new VimFault({ _typeName: 'InvalidArgument', invalidProperty: 'filter.type' })
  return (logged) => {
    const { event } = logged
    const createdAt = event.createdTime.getTime()
    if (time?.beginTime && createdAt < time.beginTime.getTime()) return false
    if (time?.endTime && createdAt > time.endTime.getTime()) return false
    if (eventChainId !== undefined && event.chainId !== eventChainId) return false
    if (entity && !isAbout(logged, entity)) return false
    if (userName && !isBy(event.userName, userName)) return false
    if (isGiven(category) && !category.includes(categoryOf(event))) return false
    if (isGiven(eventTypeId) && !eventTypeId.map(shortTypeOf).includes(eventTypeIdOf(event))) return false
    if (isGiven(type) && !type.some((each) => isSubtype(event._typeName, shortTypeOf(each)))) return false
    if (isGiven(tag) && !tag.includes(event.changeTag ?? '')) return false
    if (alarm && (event as Partial<DataObject<'AlarmEvent'>>).alarm?.alarm.value !== alarm.value) return false
    // Scheduled tasks are not simulated.
    return scheduledTask === undefined
  }
}

const isGiven = (list: readonly string[] | undefined): list is readonly string[] =>
  list !== undefined && list.length > 0

/** Some clients write `vim.event.VmPoweredOnEvent`. */
const shortTypeOf = (type: string): string => type.replace(/^vim\.event\./, '')

function isAbout(
  { entity, containers }: LoggedEvent,
  { entity: wanted, recursion }: DataObject<'EventFilterSpecByEntity'>,
): boolean {
  const isSelf = entity?.value === wanted.value && entity.type === wanted.type
  const isBelow = containers.has(wanted.value)
  if (recursion === 'children') return isBelow
  if (recursion === 'all') return isSelf || isBelow
  // Folders and resource pools: the events of their contents.
  return wanted.type === 'Folder' || wanted.type === 'ResourcePool' ? isBelow : isSelf
}

/** Without a list, all users but the system are meant. */
function isBy(name: string, { systemUser, userList }: DataObject<'EventFilterSpecByUsername'>): boolean {
  if (name === '') return systemUser
  return isGiven(userList) ? userList.includes(name) : true
}
