// Pages of events: each vCenter is searched from the position on where the page begins, and the results are merged.

import {
  type EventPosition,
  type EventSearch,
  type FoundEvents,
  positionOf,
  searchEvents,
} from '../../vim25/history/event-search.ts'
import type { Context } from '../context.ts'
import { pageSizeOf } from '../core/connections/pagination-args.ts'
import type { ClassifiedError } from '../errors/classify-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import type { EventCoverage, EventPage, SourcedEvent } from './event.ts'
import {
  comparePagePositions,
  decodeEventCursor,
  digestOf,
  encodeEventCursor,
  type PagePosition,
  positionIn,
} from './event-cursor.ts'
import { type EventFilterInput, eventCriteria } from './event-filter.ts'
import { type EntityCriterion, timeWindowOf } from './history-criteria.ts'

export interface EventPageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly filter?: EventFilterInput | null | undefined
}

/** Number of events that are read for one page, at most. Only a filter on messages reads more than the page has. */
const maxEvents = 10_000

/** An event with its position on the page. */
interface PositionedEvent {
  readonly node: SourcedEvent
  readonly position: PagePosition
}

/** @param target - the object whose events are selected; all events if omitted */
export async function eventPage(
  { first, after, filter }: EventPageArgs,
  context: Context,
  target?: EntityCriterion,
): Promise<EventPage> {
  const size = pageSizeOf(first, context)
  const digest = digestOf([target && [target.vcenter.name, target.ref], definedOnly(filter)])
  const end = after == null ? undefined : decodeEventCursor(after, digest)
  const { filter: spec, entity, accepts } = await eventCriteria(context, filter ?? {}, target)
  const vcenters = entity ? [entity.vcenter] : context.vcenters.all
  const results = await Promise.all(
    vcenters.map(async (vcenter) => {
      const login = await vcenter.session.ensureLogin(vcenter.callOptions)
      const search: EventSearch = {
        filter: spec,
        ...(await timeWindowOf(vcenter, filter ?? {})),
        after: end && positionIn(vcenter.name, end),
        count: size,
        accepts,
        maxEvents: Math.max(maxEvents, size + 1),
        hasLatestPageOnly: login.content.about.apiType === 'HostAgent',
      }
      const found = await searchEvents(vcenter.history, search, vcenter.callOptions)
      return { vcenter, found, isHost: search.hasLatestPageOnly }
    }),
  )
  const merged = results
    .flatMap(({ vcenter, found }) => found.events.map((event) => positioned(event, vcenter)))
    .sort((a, b) => comparePagePositions(a.position, b.position))
  // A vCenter that stopped at a limit may have further events that come before those of others.
  const reached = results.flatMap(({ vcenter, found }) => limitOf(found, vcenter) ?? [])
  const [limit] = reached.sort(comparePagePositions)
  const onPage = merged
    .slice(0, size)
    .filter(({ position }) => !limit || comparePagePositions(position, limit) <= 0)
  const hasNextPage = merged.length > onPage.length || limit !== undefined
  const last = onPage.at(-1)?.position
  const continueAt = onPage.length < size && limit ? limit : last
  const cursorOf = (position: PagePosition) => encodeEventCursor(digest, position)
  return {
    edges: onPage.map(({ node, position }) => ({ node, cursor: cursorOf(position) })),
    hasNextPage,
    hasPreviousPage: end !== undefined,
    startCursor: onPage[0] ? cursorOf(onPage[0].position) : null,
    endCursor: continueAt ? cursorOf(continueAt) : (after ?? null),
    coverage: results.map(({ vcenter, found, isHost }) => coverageOf(vcenter, found, isHost)),
  }
}

const positioned = (
  event: FoundEvents['events'][number],
  { source, name }: RequestVCenter,
): PositionedEvent => ({
  node: { event, source },
  position: { ...positionOf(event), vcenter: name },
})

/** The position up to which a vCenter was searched; undefined if it was searched to the end, or has more events than the page. */
const limitOf = (
  { end, oldest }: { readonly end: FoundEvents['end']; readonly oldest: EventPosition | undefined },
  { name }: RequestVCenter,
): PagePosition | undefined => (end === 'limit' && oldest ? { ...oldest, vcenter: name } : undefined)

function coverageOf({ source }: RequestVCenter, { end }: FoundEvents, isHost: boolean): EventCoverage {
  const isComplete = end !== 'hidden'
  return {
    source,
    isComplete,
    undecidedCount: 0,
    error: isComplete ? null : isHost ? hostError : hiddenError,
  }
}

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

/** The criteria that are set, in a fixed order: the same filter has the same digest. */
const definedOnly = (filter: EventFilterInput | null | undefined): unknown =>
  Object.entries(filter ?? {})
    .filter(([key, value]) => value != null && !(key === 'scope' && value === 'all'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
