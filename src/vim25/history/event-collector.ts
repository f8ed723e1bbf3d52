// Collectors of events: how to create one, and the events of its pages.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { CreateCollector } from './history-collectors.ts'

/** An event. The type of an undeclared class is its `_typeName`, and only the fields of Event are known of it. */
export type VimEvent = DataObject<'Event'>
export type EventFilterSpec = DataObject<'EventFilterSpec'>

/** The largest page that a vCenter accepts. */
export const maxPageSize = 1000

/** @param filter its `maxCount` is the size of the latest page */
export const createEventCollector =
  (filter: EventFilterSpec): CreateCollector =>
  (login) =>
    login.call('CreateCollectorForEvents', eventManagerOf(login), { filter }, {})

/** @throws VimFaultError NotSupported if the server has no EventManager */
export function eventManagerOf({ content: { eventManager } }: Login): ManagedObjectReference {
  if (eventManager) return eventManager
  throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no EventManager')
}

/** Whether an item of a page is an event that can be ordered. Undeclared classes are events too. */
export const isEvent = (item: unknown): item is VimEvent => {
  const { key, createdTime } = (item ?? {}) as Partial<VimEvent>
  return typeof key === 'number' && createdTime instanceof Date
}
