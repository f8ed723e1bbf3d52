// The fields that return events: of all vCenters, and of one object.

import { builder } from '../builder.ts'
import type { ArgBuilder } from '../core/connections/pagination-args.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { EventFilter } from './event-filter.ts'
import { eventPage } from './event-pages.ts'

const args = (arg: ArgBuilder, filterDescription: string) => ({
  first: arg.int({
    description:
      'Maximum number of events. Without it the page has the configured default size (100 if not configured).',
  }),
  after: arg.string({ description: 'Returns only events after this cursor, which are older.' }),
  filter: arg({ type: EventFilter, description: filterDescription }),
})

builder.queryField('events', (t) =>
  t.field({
    ...noRequirements,
    type: 'EventConnection',
    args: args(t.arg, 'Returns only events that meet these criteria.'),
    description:
      'Events, the newest first: who did what and when, and what failed. A page takes one collector, and one more where it must be confirmed that there are no older events. Needs the privilege System.View, and System.Read on the objects of the events: vCenter leaves out the others. Source: `EventManager.CreateCollectorForEvents`.',
    resolve: (_root, pageArgs, context) => eventPage(pageArgs, context),
  }),
)

builder.interfaceField('ManagedEntity', 'events', (t) =>
  t.field({
    ...noRequirements,
    derives: { nothing: 'they are read with calls of their own' },
    type: 'EventConnection',
    args: args(t.arg, 'Returns only events that meet these criteria; `entity` and `scope` are not accepted.'),
    description:
      'Events of the object itself, the newest first. Each object takes a collector of its own, at most 100 in an operation: select it on single objects, and use `Query.events` for many. Source: `EventFilterSpec.entity` with the recursion `self`.',
    resolve: (object, pageArgs, context) =>
      eventPage(pageArgs, context, {
        vcenter: context.vcenters.of(object),
        ref: object.ref,
        scope: 'self',
      }),
  }),
)
