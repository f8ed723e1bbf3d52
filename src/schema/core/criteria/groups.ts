// Groups the items that match a filter by the values of one or several fields.

import { isOverBudget } from '../../../concurrency/event-loop.ts'
import { ManagedObject } from '../../../planner/managed-object.ts'
import { formatNumber } from '../../../text/format-number.ts'
import type { Context } from '../../context.ts'
import { badInput, limitExceeded } from '../../errors/api-error.ts'
import { constantCase, derivedType, type FieldPath } from './derived-types.ts'
import type { ItemSet } from './statistics.ts'

/** Items with the same values. */
export interface Group extends ItemSet {
  /** The names of the fields that the items are grouped by. */
  readonly by: readonly string[]
  /** One of the items, which has the values of all of them. */
  readonly sample: object
}

export interface GroupArgs {
  readonly by: readonly string[]
  readonly first?: number | null | undefined
}

export const maxGroups = 1_000
const maxKeys = 4

/**
 * Groups items, the largest group first, then by key.
 *
 * @throws ApiError QUERY_TOO_COMPLEX if there are more than 1,000 groups and no `first`
 * @throws VimFaultError, SoapError or ApiError if a value cannot be read or is invalid
 */
export async function groupItems(
  typeName: string,
  { items }: ItemSet,
  { by, first }: GroupArgs,
  context: Context,
): Promise<Group[]> {
  const paths = by.map((name) => derivedType(typeName).groupPaths.get(name) as FieldPath)
  const groups: { readonly items: object[]; readonly key: readonly unknown[] }[] = []
  const root: KeyNode = { below: new Map(), items: [] }
  for (const item of items) {
    if (isOverBudget()) await context.batchScheduler.yieldToEventLoop()
    let node = root
    for (const path of paths) node = nodeBelow(node, keyOf(path.value(item, context)))
    if (node.items.length === 0)
      groups.push({ items: node.items, key: paths.map((path) => keyOf(path.value(item, context))) })
    node.items.push(item)
  }
  if (first == null && groups.length > maxGroups)
    throw limitExceeded({
      subject: 'there are',
      actual: groups.length,
      limit: maxGroups,
      unit: 'groups',
      scope: 'field',
      remedy: 'Pass first, or filter the items.',
    })
  return groups
    .sort((a, b) => b.items.length - a.items.length || compareKeys(a.key, b.key))
    .slice(0, first ?? maxGroups)
    .map((group) => ({ by, items: group.items, sample: group.items[0] as object }))
}

/**
 * Checks the arguments of groups before anything is read.
 *
 * @throws ApiError BAD_USER_INPUT if one is invalid
 */
export function checkGroupArguments({ by, first }: GroupArgs): void {
  if (by.length === 0) throw badInput('by is empty', 'Pass 1 to 4 fields to group by.')
  if (by.length > maxKeys)
    throw badInput(
      `by has ${by.length} fields, but the limit is ${maxKeys}`,
      'Group by fewer fields, or use another alias of groups for the others.',
    )
  const repeated = by.find((name, index) => by.indexOf(name) !== index)
  if (repeated !== undefined)
    throw badInput(`by contains ${constantCase(repeated)} twice`, 'Remove one of the two.')
  if (first == null) return
  const remedy = `Pass a number from 0 to ${formatNumber(maxGroups)}. The largest groups come first.`
  if (first < 0) throw badInput(`first is ${first}, but must not be negative`, remedy)
  if (first > maxGroups)
    throw badInput(`first is ${formatNumber(first)}, but must be at most ${formatNumber(maxGroups)}`, remedy)
}

/** The items with the same values of the first keys: one level for each key, so that no key is made of several values. */
interface KeyNode {
  readonly below: Map<unknown, KeyNode>
  readonly items: object[]
}

function nodeBelow({ below }: KeyNode, key: unknown): KeyNode {
  let node = below.get(key)
  if (!node) {
    node = { below: new Map(), items: [] }
    below.set(key, node)
  }
  return node
}

/** Objects are compared by their moid, and integers beyond 2^53 as text. */
const keyOf = (value: unknown): unknown =>
  value instanceof ManagedObject ? value.ref.value : typeof value === 'bigint' ? String(value) : value

/** Groups without a value come last. */
function compareKeys(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (left === right) continue
    if (left === null) return 1
    if (right === null) return -1
    return (left as string) < (right as string) ? -1 : 1
  }
  return 0
}
