// EventManager and EventHistoryCollector: collectors of events, queries, and events that clients record.

import type { DataObject } from '../../soap/vim-types.ts'
import type { ServiceCall, ServiceMethodTable } from '../service/service-method.ts'
import type { Session } from '../service/sessions.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import { VimFault } from '../vim-fault.ts'
import { compileEventFilter } from './event-filter.ts'
import { type EventSpec, eventLogOf, type LoggedEvent, recordEvent } from './event-log.ts'
import { collectorOf, createHistoryCollector, type History } from './history-collectors.ts'

type EventFilterSpec = DataObject<'EventFilterSpec'>
type Events = readonly DataObject<'Event'>[]

/** How many events QueryEvents returns. Whether real servers limit it is unknown. */
const maxQueriedEvents = 1000

export const eventManagerMethods: ServiceMethodTable = {
  CreateCollectorForEvents({ args: { filter }, session, objects, find }) {
    assertEntity(filter, find)
    const history = eventHistory(objects, session, filter)
    return createHistoryCollector(
      { session, objects },
      'EventHistoryCollector',
      filter,
      history,
      filter.maxCount,
    )
  },

  ReadNextEvents: ({ self, args }) => collectorOf(self).readNext(args.maxCount) as Events,

  ReadPreviousEvents: ({ self, args }) => collectorOf(self).readPrevious(args.maxCount) as Events,

  QueryEvents({ args: { filter }, session, objects, find }) {
    assertEntity(filter, find)
    const history = eventHistory(objects, session, filter)
    return history
      .items()
      .slice(-maxQueriedEvents)
      .filter((each) => history.isVisible(each))
      .map((each) => history.valueOf(each)) as Events
  },

  PostEvent({ args: { eventToPost }, objects, session }) {
    const { key: _, chainId, createdTime: __, userName, ...event } = eventToPost
    recordEvent(objects, {
      ...(event as object),
      _typeName: eventToPost._typeName ?? 'Event',
      ...(chainId > 0 && { chainId }),
      userName: userName === '' ? session.userName : userName,
    } as EventSpec)
  },

  LogUserEvent({ args: { entity, msg }, objects, session, find }) {
    const object = find(entity)
    if (!object) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: entity })
    recordEvent(objects, {
      _typeName: 'GeneralUserEvent',
      userName: session.userName,
      message: msg,
      entity: { name: String(object.get('name') ?? ''), entity },
      ...(entity.type === 'VirtualMachine' && { vm: entity }),
      ...(entity.type === 'HostSystem' && { host: entity }),
      ...(entity.type === 'Datastore' && { ds: entity }),
      ...(entity.type === 'Datacenter' && { datacenter: entity }),
    })
  },
}

function assertEntity({ entity }: EventFilterSpec, find: ServiceCall<'QueryEvents'>['find']): void {
  if (entity && !find(entity.entity))
    throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: entity.entity })
}

/** The events that match a filter, as the user of a session sees them. */
function eventHistory(
  objects: SimulatedInventory,
  { canSee, access }: Session,
  filter: EventFilterSpec,
): History<LoggedEvent> {
  const matches = compileEventFilter(filter)
  const log = eventLogOf(objects)
  return {
    items: () => log.events.filter(matches),
    positionOf: ({ event }) => event.key,
    // Events need System.Read on their objects. One that was removed has no permissions of its own.
    isVisible: ({ entity }) =>
      entity === undefined || (objects.find(entity) ? access.has(entity, 'System.Read') : canSee(entity)),
    valueOf: ({ event }) => {
      const { fullFormattedMessage, ...others } = event
      return filter.disableFullMessage ? others : { ...others, fullFormattedMessage }
    },
    subscribe: (listener) =>
      log.subscribe((logged) => {
        if (matches(logged)) listener()
      }),
  }
}
