// EventFilter: the criteria of events. vCenter evaluates all of them but `message`.

import type { EventFilterSpec, VimEvent } from '../../vim25/history/event-collector.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { filterInput } from '../core/criteria/connection-registry.ts'
import { compileOperators } from '../core/criteria/operators.ts'
import { vimEnum } from '../core/vim-enum.ts'
import { badInput } from '../errors/api-error.ts'
import {
  checkChainId,
  checkLists,
  checkNames,
  checkTimeWindow,
  type EntityCriterion,
  EventScope,
  entityCriterion,
  type Scope,
  type TimeWindowInput,
  userCriteria,
} from '../history/history-criteria.ts'
import { checkEventTypes } from './event-types.ts'

export const EventSeverity = vimEnum('EventSeverity', {
  vimType: 'EventEventSeverity',
  description: 'The severity of an event.',
  values: {
    info: ['INFO', 'Something happened as intended.'],
    warning: ['WARNING', 'Something needs attention.'],
    error: ['ERROR', 'Something failed.'],
    user: ['USER', 'A user wrote it to the log.'],
  },
})

export interface EventFilterInput extends TimeWindowInput {
  readonly types?: readonly string[] | null | undefined
  readonly severities?: readonly string[] | null | undefined
  readonly users?: readonly string[] | null | undefined
  readonly entity?: string | null | undefined
  readonly scope?: Scope | null | undefined
  readonly chainId?: number | null | undefined
  readonly message?:
    | { readonly [operator: string]: NonNullable<unknown> | null | undefined }
    | null
    | undefined
}

export const EventFilter = builder.inputType('EventFilter', {
  description: 'Criteria for events. An event must meet all that are set. vim25: `EventFilterSpec`.',
  fields: (t) => ({
    since: t.field({
      type: 'DateTime',
      description: 'Only events from this time on, by the clock of the vCenter. Source: `time.beginTime`.',
    }),
    until: t.field({
      type: 'DateTime',
      description: 'Only events up to this time, by the clock of the vCenter. Source: `time.endTime`.',
    }),
    lastSeconds: t.int({
      description:
        'Only events of the last so many seconds, by the clock of the vCenter, which takes one call: 3600 for the last hour. Cannot be combined with `since`. Source: `CurrentTime`.',
    }),
    types: t.stringList({
      description:
        'Only events of these types: vim25 classes such as `VmPoweredOffEvent`, or ids of EventEx such as `com.vmware.vc.VmDiskConsolidationNeeded`. A class does not include its subclasses. BAD_USER_INPUT for a class that the vCenter does not have; the first use of a class that the gateway does not know takes one call. An unknown id matches nothing: copy ids from `Event.type`. Source: `eventTypeId`.',
    }),
    severities: t.field({
      type: [EventSeverity.type],
      description: 'Only events with one of these severities. Source: `category`.',
    }),
    users: t.stringList({
      description:
        'Only events that one of these users caused, named as in `Event.userName`, with the domain: `VSPHERE.LOCAL\\Administrator`. Without its domain, a name matches nothing. Source: `userName.userList`.',
    }),
    entity: t.id({
      description: 'Only events of the inventory object with this id. Source: `entity.entity`.',
    }),
    scope: t.field({
      type: EventScope.type,
      required: true,
      defaultValue: 'all',
      description:
        'Whether events of the object in `entity` are meant, of those below it, or both. Source: `entity.recursion`.',
    }),
    chainId: t.int({
      description: 'Only events of this chain, such as those of one task. Source: `eventChainId`.',
    }),
    message: t.field({
      type: filterInput(builder, 'String'),
      description:
        'Conditions on the message. vCenter cannot evaluate them: the gateway reads the events that meet the other criteria, at most 10,000 for a page, so `since` or `lastSeconds` is required.',
    }),
  }),
})

/** The criteria of a search for events, without the time window. */
export interface EventCriteria {
  readonly filter: EventFilterSpec
  readonly entity: EntityCriterion | undefined
  readonly accepts: ((event: VimEvent) => boolean) | undefined
}

/**
 * Checks a filter and returns its criteria. Logs in if the filter has an id, or a type that must be checked.
 *
 * @param target - the object whose events are selected; the filter must not name another
 * @throws ApiError BAD_USER_INPUT if the filter is not valid
 */
export async function eventCriteria(
  context: Context,
  input: EventFilterInput,
  target?: EntityCriterion,
): Promise<EventCriteria> {
  const { types, severities, users, chainId, message, since, lastSeconds, scope } = input
  checkTimeWindow(input)
  checkLists({ types, severities, users })
  checkNames({ types: [types, 'VmPoweredOffEvent'] })
  checkChainId(chainId)
  if (message && since == null && lastSeconds == null)
    throw badInput(
      'message needs since or lastSeconds',
      'Limit the time, because the gateway reads all events of that time.',
    )
  if (target && (input.entity != null || (scope ?? 'all') !== 'all'))
    throw badInput(
      `${input.entity == null ? 'scope' : 'entity'} is not accepted, because the field selects the events of its own object`,
      'Use Query.events to select events of an object and of those below it.',
    )
  const test = message && compileOperators('message', message)
  const userName = users && userCriteria(users)
  const entity = target ?? (await entityCriterion(context, input.entity, scope ?? 'all'))
  if (types) await checkEventTypes(types, entity ? [entity.vcenter] : context.vcenters.all)
  return {
    filter: {
      ...(entity && { entity: { entity: entity.ref, recursion: entity.scope } }),
      ...(userName && { userName }),
      ...(chainId != null && { eventChainId: chainId }),
      ...(severities && { category: severities }),
      ...(types && { eventTypeId: types }),
    },
    entity,
    accepts: test ? ({ fullFormattedMessage }) => test(fullFormattedMessage) : undefined,
  }
}
