// Criteria that events and tasks have in common: a time window, users, and an object with what is below it. They are checked before
// any call.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { isXmlText } from '../../soap/xml/xml.ts'
import { currentTime } from '../../vim25/session/repeat-once.ts'
import type { Context } from '../context.ts'
import { entityTypes } from '../core/entity-type.ts'
import { decodeIdAfterLogin } from '../core/nodes/ids.ts'
import { vimEnum } from '../core/vim-enum.ts'
import { badInput } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'

export const EventScope = vimEnum('EventScope', {
  vimType: 'EventFilterSpecRecursionOption',
  description: 'Which objects are meant by an object: itself, those below it, or both.',
  values: {
    self: ['SELF', 'The object itself. For a folder or a resource pool, vCenter takes its contents.'],
    children: ['CHILDREN', 'The objects below it.'],
    all: ['ALL', 'The object and the objects below it.'],
  },
})

export type Scope = 'self' | 'children' | 'all'

/** A time window as clients write it. */
export interface TimeWindowInput {
  readonly since?: Date | null | undefined
  readonly until?: Date | null | undefined
  readonly lastSeconds?: number | null | undefined
}

export interface TimeWindow {
  readonly since?: Date | undefined
  readonly until?: Date | undefined
}

/** @throws ApiError BAD_USER_INPUT if the window is ambiguous or empty */
export function checkTimeWindow({ since, until, lastSeconds }: TimeWindowInput): void {
  if (since != null && until != null && until < since)
    throw badInput('until is before since', 'Swap them, or omit one of them.')
  if (lastSeconds == null) return
  if (since != null) throw badInput('since and lastSeconds cannot be combined', 'Omit one of them.')
  if (lastSeconds < 1)
    throw badInput(`lastSeconds is ${lastSeconds}, but must be at least 1`, 'Use 86400 for the last day.')
}

/**
 * Returns the window on one vCenter. `lastSeconds` counts by the clock of that vCenter, not by that of the gateway.
 *
 * @param isContinued - whether the page follows another one: since then the window may have moved past `until`
 * @throws ApiError BAD_USER_INPUT if the window of a first page is empty
 */
export async function timeWindowOf(
  vcenter: RequestVCenter,
  { since, until, lastSeconds }: TimeWindowInput,
  isContinued: boolean,
): Promise<TimeWindow> {
  const start =
    lastSeconds == null ? since : new Date((await currentTimeOf(vcenter)).getTime() - lastSeconds * 1000)
  if (start && until && until < start && !isContinued)
    throw badInput(
      `until is before since: the last ${lastSeconds} seconds began at ${start.toISOString()}, by the clock of the vCenter`,
      'Use a later until, or omit it, or use since instead of lastSeconds.',
    )
  return { ...(start && { since: start }), ...(until && { until }) }
}

/** By request, so that all fields of an operation have the same window. */
const currentTimes = new WeakMap<RequestVCenter, Promise<Date>>()

function currentTimeOf(vcenter: RequestVCenter): Promise<Date> {
  const { session, callOptions } = vcenter
  const time = currentTimes.get(vcenter) ?? currentTime(session, callOptions)
  currentTimes.set(vcenter, time)
  return time
}

/** @throws ApiError BAD_USER_INPUT if a list is empty: vCenter would not distinguish it from one that is omitted */
export function checkLists(lists: Readonly<Record<string, readonly unknown[] | null | undefined>>): void {
  for (const [name, list] of Object.entries(lists))
    if (list?.length === 0) throw badInput(`${name} is empty`, `Omit ${name} to set no condition on it.`)
}

/**
 * Checks lists of names, each with an example of a name.
 *
 * @throws ApiError BAD_USER_INPUT if a name is empty, or cannot be sent to a vCenter
 */
export function checkNames(
  lists: Readonly<Record<string, readonly [names: readonly string[] | null | undefined, example: string]>>,
): void {
  for (const [name, [names = [], example]] of Object.entries(lists))
    for (const each of names ?? []) {
      const problem =
        each.trim() === ''
          ? 'an empty name'
          : isXmlText(each)
            ? undefined
            : 'a name with characters that XML cannot represent'
      if (problem)
        throw badInput(
          `${name} contains ${problem}`,
          `Name ${name} as the responses of the gateway do, such as ${example}.`,
        )
    }
}

/** @throws ApiError BAD_USER_INPUT if no chain has this number */
export function checkChainId(chainId: number | null | undefined): void {
  if (chainId != null && chainId < 0)
    throw badInput(
      `chainId is ${chainId}, but chains have no negative numbers`,
      'Copy it from Task.chainId or Event.chainId, such as 4711.',
    )
}

/** @throws ApiError BAD_USER_INPUT as `checkNames` */
export function userCriteria(users: readonly string[]): DataObject<'EventFilterSpecByUsername'> {
  checkNames({ users: [users, 'CORP\\ann'] })
  return { systemUser: false, userList: users }
}

/** Whether a user is meant by a criterion. Upper and lower case count as the same, as in a Windows domain. */
export const isOneOfUsers = (
  user: string | undefined,
  criterion: DataObject<'EventFilterSpecByUsername'> | undefined,
): boolean =>
  !criterion?.userList ||
  (user !== undefined && criterion.userList.some((each) => each.toLowerCase() === user.toLowerCase()))

/** An object of one vCenter, and whether those below it are meant too. */
export interface EntityCriterion {
  readonly vcenter: RequestVCenter
  readonly ref: ManagedObjectReference
  readonly scope: Scope
}

/**
 * Returns the object that is named by its id; undefined if none is.
 *
 * @throws ApiError BAD_USER_INPUT if the id is not one of an inventory object, or if there is a scope without an object
 */
export async function entityCriterion(
  context: Context,
  entity: string | null | undefined,
  scope: Scope,
): Promise<EntityCriterion | undefined> {
  if (entity == null) {
    if (scope !== 'all') throw badInput('scope needs entity', 'Name the object in entity, or omit scope.')
    return undefined
  }
  const { vcenter, ref } = await decodeIdAfterLogin(context, entity, entityTypeNames)
  return { vcenter, ref, scope }
}

const entityTypeNames: readonly string[] = entityTypes
