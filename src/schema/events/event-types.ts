// Checks the types of an event filter: vCenter accepts a misspelled type, and then reports no events.

import { isSubtype } from '../../soap/type-registry.ts'
import { closestTo } from '../../text/did-you-mean.ts'
import { eventCategories } from '../../vim25/history/event-categories.ts'
import { badInput } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'

/** Base classes that the gateway does not declare. The descriptions of a vCenter may leave them out. */
const baseClasses: ReadonlySet<string> = new Set([
  'AuthorizationEvent',
  'ClusterEvent',
  'CustomizationEvent',
  'CustomizationFailed',
  'DVPortgroupEvent',
  'DatacenterEvent',
  'DatastoreEvent',
  'DatastoreFileEvent',
  'DvsEvent',
  'HostDasEvent',
  'LicenseEvent',
  'MigrationEvent',
  'PermissionEvent',
  'ProfileEvent',
  'ResourcePoolEvent',
  'RoleEvent',
  'ScheduledTaskEvent',
  'TemplateUpgradeEvent',
  'UpgradeEvent',
  'VmCloneEvent',
  'VmRelocateSpecEvent',
])

/**
 * Rejects classes that no vCenter has. Reads the classes of a vCenter, once for each login, only if one is not known without that.
 * Ids of EventEx and ExtendedEvent, which have dots, are not checked: extensions define them at any time.
 *
 * @throws ApiError BAD_USER_INPUT
 */
export async function checkEventTypes(
  types: readonly string[],
  vcenters: readonly RequestVCenter[],
): Promise<void> {
  const unknown = types.filter(
    (type) => !type.includes('.') && !isSubtype(type, 'Event') && !baseClasses.has(type),
  )
  if (unknown.length === 0) return
  const lists = await Promise.all(vcenters.map(classesOf))
  // A vCenter whose classes cannot be read may have every type.
  const classes = lists.some((list) => list.length === 0) ? undefined : new Set(lists.flat())
  const [wrong] = classes ? unknown.filter((type) => !classes.has(type)) : []
  if (!classes || wrong === undefined) return
  // Of two classes that are equally close, one is often the opposite of the other.
  const suggestions = closestTo(wrong, [...classes])
  throw badInput(
    `types contains ${JSON.stringify(wrong)}, which is no type of event of the vCenter`,
    suggestions.length === 0
      ? 'Copy the type of an event from Event.type, such as VmPoweredOffEvent.'
      : `Did you mean ${[...suggestions].sort().join(' or ')}? Event.type shows the type of an event.`,
  )
}

const classesOf = ({ session, callOptions }: RequestVCenter): Promise<readonly string[]> =>
  eventCategories(session, callOptions).then(
    (categories) => [...categories.keys()],
    () => [],
  )
