// Checks the severity and the user of events again: a server that ignores a criterion, such as vcsim, would make a filter select events
// that do not meet it.

import { isInstance } from '../../soap/type-registry.ts'
import { eventCategories } from '../../vim25/history/event-categories.ts'
import type { EventFilterSpec, VimEvent } from '../../vim25/history/event-collector.ts'
import { isOneOfUsers } from '../history/history-criteria.ts'
import type { RequestVCenter } from '../vcenters.ts'

/**
 * Returns whether an event has a severity and a user that a filter selects; undefined if it sets neither. Events whose severity is not
 * known are trusted to the server.
 */
export async function checkOfEvents(
  { category, userName }: EventFilterSpec,
  { session, callOptions }: RequestVCenter,
): Promise<((event: VimEvent) => boolean) | undefined> {
  if (!category && !userName?.userList) return undefined
  const categories = category && (await eventCategories(session, callOptions).catch(() => undefined))
  const severityOf = (event: VimEvent) =>
    isInstance(event, 'EventEx') ? event.severity : categories?.get(event._typeName ?? '')
  return (event) => {
    const severity = category && severityOf(event)
    return (
      (!category || severity === undefined || category.includes(severity)) &&
      isOneOfUsers(event.userName, userName)
    )
  }
}
