// Collectors of events: how to create one, and the events of its pages.

import { SoapError } from '../../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { CreateCollector } from './history-collectors.ts'

/** An event. The type of an undeclared class is its `_typeName`, and only the fields of Event are known of it. */
export type VimEvent = DataObject<'Event'>
export type EventFilterSpec = DataObject<'EventFilterSpec'>

/** @param filter its `maxCount` is the size of the latest page */
export const createEventCollector =
  (filter: EventFilterSpec): CreateCollector =>
  (login, callOptions) =>
    login.call('CreateCollectorForEvents', eventManagerOf(login), { filter }, callOptions)

/** @throws VimFaultError NotSupported if the server has no EventManager */
export function eventManagerOf({ content: { eventManager } }: Login): ManagedObjectReference {
  if (eventManager) return eventManager
  throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no EventManager')
}

/**
 * Returns the items of a page as events. Undeclared classes are events too.
 *
 * @throws SoapError if one has no key or no time: it has no position among the others, and must not be left out
 */
export function eventsOf(items: readonly unknown[]): readonly VimEvent[] {
  for (const item of items) {
    const { key, createdTime } = (item ?? {}) as Partial<VimEvent>
    if (typeof key !== 'number' || !(createdTime instanceof Date))
      throw new SoapError('an event has no key or no time')
  }
  return items as readonly VimEvent[]
}

/** Whether an error says that the object in a filter no longer exists. */
export const isEntityRemoved = (error: unknown, { entity }: EventFilterSpec): error is VimFaultError =>
  entity !== undefined &&
  error instanceof VimFaultError &&
  error.is('ManagedObjectNotFound') &&
  (error.fault as DataObject<'ManagedObjectNotFound'>).obj?.value === entity.entity.value
