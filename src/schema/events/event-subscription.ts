// Subscription.events: events as they happen, resumable from a cursor.

import { decodeOpaque, encodeOpaque } from '../../text/opaque-string.ts'
import type { VimEvent } from '../../vim25/history/event-collector.ts'
import type { FollowerPosition } from '../../vim25/history/follower-position.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import type { Coverage } from '../core/connections/coverage.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { batchCost } from '../cost/cost-estimate.ts'
import { badInput } from '../errors/api-error.ts'
import { type ClassifiedError, classifyError } from '../errors/classify-error.ts'
import { digestOf, isTime } from '../history/history-cursor.ts'
import { definedOnly } from '../history/history-pages.ts'
import type { RequestVCenter } from '../vcenters.ts'
import type { SourcedEvent } from './event.ts'
import { checkOfEvents } from './event-checks.ts'
import { EventFilter, type EventFilterInput, eventCriteria } from './event-filter.ts'

interface EventBatch {
  readonly events: readonly SourcedEvent[]
  readonly cursor: string
  readonly gap: boolean
  readonly coverage: readonly Coverage[]
}

const EventBatchType = builder.objectRef<EventBatch>('EventBatch').implement({
  extensions: { size: batchCost },
  description: 'Events in the order in which they were recorded.',
  fields: (t) => ({
    events: t.field({
      type: ['Event'],
      nullable: { list: false, items: false },
      description:
        'The events. Empty only in the first batch, in one that reports a gap, and if only `coverage` has changed.',
      resolve: ({ events }) => events,
    }),
    cursor: t.exposeString('cursor', {
      nullable: false,
      description: 'Store it once the batch is handled, and pass it as `after` to resume behind the batch.',
    }),
    gap: t.exposeBoolean('gap', {
      nullable: false,
      description:
        'Whether events before this batch are lost: vCenter has purged them, there are more than 20,000, or the database of the events was replaced, as by a restored backup or a new installation. Query them with `Query.events`, as far as they still exist.',
    }),
    coverage: t.expose('coverage', {
      extensions: { length: () => 1 },
      type: ['Coverage'],
      nullable: { list: false, items: false },
      description:
        'Whether the batch has all events since the previous one, by vCenter. While events cannot be read, a batch without events is sent once, with the reason; the first batch afterwards continues where the last one ended.',
    }),
  }),
})

builder.subscriptionField('events', (t) =>
  t.field({
    ...noRequirements,
    type: EventBatchType,
    nullable: false,
    args: {
      after: t.arg.string({
        description:
          'Cursor of the last batch that was handled: the subscription resumes behind it. If omitted, it begins with what happens from now on.',
      }),
      filter: t.arg({
        type: EventFilter,
        description:
          'Follows only events that meet these criteria. `since`, `until`, `lastSeconds` and `message` are not accepted.',
      }),
    },
    description:
      'Sends events as they happen. The first batch is sent at once, also without events: its cursor is the position at the start. After an outage, or from a cursor, all events since then are sent, each once, or `gap` says that some are lost. Events are read at most once a second, and a slow client receives larger batches. At most 11 subscriptions of a session to its vCenter. Source: `latestPage` of an EventHistoryCollector.',
    subscribe: (_root, { after, filter }, context) => follow(after, filter ?? {}, context),
    resolve: (batch) => batch,
  }),
)

async function follow(
  after: string | null | undefined,
  input: EventFilterInput,
  context: Context,
): Promise<AsyncGenerator<EventBatch, void>> {
  for (const name of ['since', 'until', 'lastSeconds', 'message'] as const)
    if (input[name] != null)
      throw badInput(
        `${name} is not accepted in the filter of a subscription`,
        name === 'message'
          ? 'Select message, and evaluate the condition in the client.'
          : 'Pass the cursor of an earlier batch as after to begin in the past, or query events of the past with Query.events.',
      )
  const digest = digestOf(['follow', definedOnly(input)])
  const position = after == null ? undefined : decodeCursor(after, digest)
  const vcenter = context.vcenters.only()
  // The update stream waits for an unreachable vCenter. Without this call, a new subscriber would wait with it.
  await vcenter.session.ping(context.callOptions)
  // A vCenter may be renamed in the gateway, or replaced under the same name, which is a gap. If both differ, the cursor is a mistake.
  const isOther = position?.identity !== vcenter.session.lastLogin?.identity
  if (position && position.vcenter !== vcenter.name && isOther)
    throw badInput('after is a cursor of another vCenter', 'Start again without after.')
  const { filter } = await eventCriteria(context, input)
  return batches(vcenter, filter, position, digest, context)
}

async function* batches(
  vcenter: RequestVCenter,
  filter: Parameters<RequestVCenter['eventFollowers']['follow']>[0],
  after: FollowerPosition | undefined,
  digest: string,
  { callOptions: { signal, caller, onCall }, pageSizes }: Context,
): AsyncGenerator<EventBatch, void> {
  const { name, source, eventFollowers } = vcenter
  const verifies = await checkOfEvents(filter, vcenter)
  // The limits of an operation apply to each batch, not to what is read back.
  const callOptions = { signal, caller, onCall }
  const batchOf = (
    position: FollowerPosition,
    events: readonly VimEvent[],
    gap: boolean,
    error: ClassifiedError | null,
  ): EventBatch => ({
    events: events.map((event) => ({ event, source })),
    cursor: encodeCursor(position, name, digest),
    gap,
    coverage: [{ source, isComplete: error === null, undecidedCount: 0, error }],
  })
  // The first batch, and the first one after an outage, are sent without events too.
  let isAwaited = true
  for await (const batch of eventFollowers.follow(filter, after, pageSizes.defaultSize, callOptions)) {
    if (batch.error === undefined) {
      const events = verifies ? batch.events.filter(verifies) : batch.events
      if (isAwaited || batch.gap || events.length > 0 || batch.events.length === 0)
        yield batchOf(batch.position, events, batch.gap, batch.gap ? gapError : null)
      isAwaited = false
    } else {
      isAwaited = true
      // Before the first batch there is no cursor.
      if (batch.position) yield batchOf(batch.position, [], false, classifyError(batch.error))
    }
  }
}

const gapError: ClassifiedError = {
  code: 'NOT_FOUND',
  message:
    'events before this batch no longer exist, are more than can be read back, or are in another database',
  remedy: 'Read them with Query.events, as far as they still exist.',
  retryable: false,
}

const encodeCursor = (
  { createdAt, key, isAnchored, identity }: FollowerPosition,
  vcenter: string,
  digest: string,
): string =>
  encodeOpaque([
    'follow',
    digest,
    vcenter,
    createdAt,
    key,
    isAnchored,
    ...(identity === undefined ? [] : [identity]),
  ])

/**
 * Decodes a cursor. Those of earlier versions have no identity.
 *
 * @throws ApiError BAD_USER_INPUT if the cursor is malformed, or belongs to events with another filter
 */
function decodeCursor(cursor: string, expectedDigest: string): FollowerPosition & { vcenter: string } {
  const [kind, digest, vcenter, createdAt, key, isAnchored, identity, ...others] = decodeOpaque(cursor) ?? []
  if (
    kind !== 'follow' ||
    typeof vcenter !== 'string' ||
    !isTime(createdAt) ||
    !Number.isSafeInteger(key) ||
    typeof isAnchored !== 'boolean' ||
    !(identity === undefined || typeof identity === 'string') ||
    others.length > 0
  )
    throw badInput('after is not a cursor of this subscription', 'Start again without after.')
  if (digest !== expectedDigest)
    throw badInput(
      'after is a cursor of a subscription with another filter',
      'Repeat the filter of that subscription, or start again without after.',
    )
  return { vcenter, createdAt, key: key as number, isAnchored, identity }
}
