// Event: something that vCenter recorded. Declares the type and its connection.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { isInstance } from '../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { encodeOpaque } from '../../text/opaque-string.ts'
import { eventCategories } from '../../vim25/history/event-categories.ts'
import type { VimEvent } from '../../vim25/history/event-collector.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'
import { builder, type EntityType } from '../builder.ts'
import type { Context } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { loadReference } from '../core/nodes/load-node.ts'
import { int32 } from '../core/units.ts'
import { historyConnectionTypes } from '../history/history-connection.ts'
import type { HistoryEdge, HistoryPage } from '../history/history-pages.ts'
import { EventSeverity } from './event-filter.ts'

/** An event with the inventory source of its vCenter. */
export interface SourcedEvent {
  readonly event: VimEvent
  readonly source: object
}

declare module '../builder.ts' {
  interface ObjectTypes {
    Event: SourcedEvent
    EventEdge: HistoryEdge<SourcedEvent>
    EventConnection: HistoryPage<SourcedEvent>
  }
}

builder.objectType('Event', {
  description:
    'Something that vCenter recorded, such as that a user powered off a virtual machine. vCenter keeps events for 30 days unless it is configured otherwise, an ESXi host for minutes. vim25: `Event`.',
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description:
        'Identifies the event in caches of clients. `node(id:)` does not find events. Made from the vCenter, the key and the time.',
      resolve: ({ event: { key, createdTime }, source }, _, { vcenters }) =>
        encodeOpaque([
          vcenters.of({ source }).session.lastLogin?.identity,
          'Event',
          `${key} ${createdTime.getTime()}`,
        ]),
    }),
    key: t.int({
      nullable: false,
      description: 'Number of the event, ascending within a vCenter. Source: `key`.',
      resolve: ({ event }) => int32(event.key),
    }),
    type: t.string({
      nullable: false,
      description:
        'Type of the event: its vim25 class, such as `VmPoweredOnEvent`, or for an EventEx or ExtendedEvent its `eventTypeId`, such as `com.vmware.vc.VmDiskConsolidationNeeded`.',
      resolve: ({ event }) => typeOf(event),
    }),
    severity: t.field({
      ...noRequirements,
      type: EventSeverity.type,
      description:
        'Severity of the event. Null for a type that vCenter does not describe. The severities of types are read once per session. Source: `severity` of an EventEx, otherwise `EventManager.description.eventInfo`.',
      resolve: async ({ event, source }, _, context) => {
        if (isInstance(event, 'EventEx')) return EventSeverity.decode(event.severity ?? 'info') ?? null
        const { session, callOptions } = context.vcenters.of({ source })
        const categories = await eventCategories(session, callOptions)
        return EventSeverity.decode(categories.get(event._typeName ?? '')) ?? null
      },
    }),
    message: t.string({
      description: 'What happened, in the language of the vCenter. Source: `fullFormattedMessage`.',
      resolve: ({ event }) => event.fullFormattedMessage ?? null,
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When it happened, by the clock of the vCenter. Source: `createdTime`.',
      resolve: ({ event }) => event.createdTime,
    }),
    userName: t.string({
      nullable: false,
      description:
        'The user who caused it, such as `VSPHERE.LOCAL\\Administrator`. Empty for the system. Source: `userName`.',
      resolve: ({ event }) => event.userName ?? '',
    }),
    chainId: t.int({
      nullable: false,
      description:
        'Events with the same value belong together, such as all events of one task, whose `Task.chainId` it is. 0 if the server numbers no chains. Source: `chainId`.',
      resolve: ({ event }) => int32(event.chainId ?? 0),
    }),
    entity: t.field({
      ...noRequirements,
      type: 'ManagedEntity',
      description:
        'The most specific object that the event is about. Null if it is about none, or if the object no longer exists. The objects of all events of a page take one retrieval. Source: the first of `vm`, `host`, `ds`, `net`, `dvs`, `computeResource` and `datacenter` that is set.',
      resolve: async ({ event, source }, _, context: Context, info) => {
        const ref = argumentOf(event)?.ref
        if (!ref) return null
        const { reader } = context.vcenters.of({ source })
        const entity = await loadReference(ref, reader, context, info)
        return (entity as ManagedObject<EntityType> | undefined) ?? null
      },
    }),
    entityName: t.string({
      description: 'Name that this object had at the time, also if it no longer exists. Source: as `entity`.',
      resolve: ({ event }) => {
        const name = argumentOf(event)?.name
        return name === undefined ? null : unescapeName(name)
      },
    }),
    vcenter: t.field({
      ...noRequirements,
      type: 'VCenter',
      nullable: false,
      description: 'The vCenter that recorded the event.',
      resolve: ({ source }, _, { vcenters }) => vcenters.of({ source }),
    }),
  }),
})

historyConnectionTypes('Event', 'event', {
  one: 'An event',
  connection:
    'A page of events, the newest first, with the information to read further pages. `coverage` says whether older events may be missing. There is no totalCount: vCenter does not count its history.',
  pageInfo:
    'The position of this page. With a filter on `message` a page can have fewer events than `first`, even none, while hasNextPage is true: continue with endCursor.',
  coverage:
    'Whether the page has all events, by vCenter. It is not complete if events may be missing that follow on this page.',
})

function typeOf(event: VimEvent): string {
  const { eventTypeId } = event as { readonly eventTypeId?: string }
  return isInstance(event, 'EventEx') || isInstance(event, 'ExtendedEvent')
    ? (eventTypeId ?? (event._typeName as string))
    : (event._typeName ?? 'Event')
}

/** The fields of an event that refer to objects, the most specific first, and the field of each that has the reference. */
const argumentFields = [
  ['vm', 'vm'],
  ['host', 'host'],
  ['ds', 'datastore'],
  ['net', 'network'],
  ['dvs', 'dvs'],
  ['computeResource', 'computeResource'],
  ['datacenter', 'datacenter'],
] as const

function argumentOf(event: VimEvent): { ref: ManagedObjectReference | undefined; name: string } | undefined {
  for (const [field, reference] of argumentFields) {
    const argument = event[field] as Record<string, unknown> | undefined
    if (argument)
      return {
        ref: argument[reference] as ManagedObjectReference | undefined,
        name: String(argument.name ?? ''),
      }
  }
  return undefined
}
