// Pages of events: each vCenter is searched from the position on where the page begins, and the results are merged.

import { eventsWith, positionOf } from '../../vim25/history/event-search.ts'
import { type FoundHistory, searchHistory } from '../../vim25/history/history-search.ts'
import type { Context } from '../context.ts'
import type { ClassifiedError } from '../errors/classify-error.ts'
import { type EntityCriterion, timeWindowOf } from '../history/history-criteria.ts'
import { positionIn } from '../history/history-cursor.ts'
import {
  definedOnly,
  type HistoryPage,
  maxItemsRead,
  mergePage,
  pageRequest,
} from '../history/history-pages.ts'
import type { SourcedEvent } from './event.ts'
import { checkOfEvents } from './event-checks.ts'
import { type EventFilterInput, eventCriteria } from './event-filter.ts'

export interface EventPageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly filter?: EventFilterInput | null | undefined
}

/** @param target - the object whose events are selected; all events if omitted */
export async function eventPage(
  { filter, ...page }: EventPageArgs,
  context: Context,
  target?: EntityCriterion,
): Promise<HistoryPage<SourcedEvent>> {
  const selection = [target && [target.vcenter.name, target.ref], definedOnly(filter)]
  const request = pageRequest('events', page, selection, context)
  const { size, end } = request
  const { filter: spec, entity, accepts } = await eventCriteria(context, filter ?? {}, target)
  const vcenters = entity ? [entity.vcenter] : context.vcenters.all
  const parts = await Promise.all(
    vcenters.map(async (vcenter) => {
      const login = await vcenter.session.ensureLogin(vcenter.callOptions)
      const hasLatestPageOnly = login.content.about.apiType === 'HostAgent'
      const search = {
        ...(await timeWindowOf(vcenter, filter ?? {}, end !== undefined)),
        after: end && positionIn(vcenter.name, end),
        count: size,
        accepts,
        verifies: await checkOfEvents(spec, vcenter),
        maxItems: Math.max(maxItemsRead, size + 1),
        hasLatestPageOnly,
      }
      const found = await searchHistory(eventsWith(spec), vcenter.history, search, vcenter.callOptions)
      return { vcenter, found, error: errorOf(found, hasLatestPageOnly) }
    }),
  )
  return mergePage(parts, request, positionOf, (event, { source }) => ({ event, source }))
}

const errorOf = ({ end }: FoundHistory<unknown>, isHost: boolean): ClassifiedError | null =>
  end === 'hidden' ? (isHost ? hostError : hiddenError) : null

const hiddenError: ClassifiedError = {
  code: 'FORBIDDEN',
  message: 'the newest events cannot be read, so it is not known which older events follow',
  remedy:
    'Narrow the time with until, or give the account the privilege System.Read on the objects of the events.',
  retryable: false,
}

const hostError: ClassifiedError = {
  code: 'NOT_SUPPORTED',
  message: 'an ESXi host reports only its latest events, and there may be older ones',
  remedy: 'Narrow the time with until, or connect to the vCenter that manages the host.',
  retryable: false,
}
