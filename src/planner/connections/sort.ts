// Sorts the items of a connection by several keys. Text is compared without regard to case, and items without a value come last in
// both directions. The moid decides between items with equal keys, so every item has one place.

import type { PlanNode } from '../plan-node.ts'

/** Sort key of an item; null if it has no value. */
export type SortKey = string | number | null

/** One key of an order. */
export interface OrderKey {
  readonly descending: boolean
  /** Type of the keys that are not null. */
  readonly keyType: 'string' | 'number'
  /** Adds what the key needs to the plan node of an item. */
  readonly plan: (node: PlanNode) => void
  readonly of: (item: object) => SortKey
}

export interface Order {
  /** Name of the order, such as `VirtualMachine POWER_STATE DESC, NAME ASC`. A cursor of another order is rejected. */
  readonly name: string
  /** Digest of the filter. A cursor of another filter is rejected. */
  readonly filterDigest: string
  readonly keys: readonly OrderKey[]
}

/** Position of an item in an order. */
export interface Position {
  readonly keys: readonly SortKey[]
  readonly moid: string
}

/** @param lowerCase converts text to lower case; a caller with many comparisons remembers the results. */
export function comparePositions(
  { keys }: Order,
  a: Position,
  b: Position,
  lowerCase = (text: string): string => text.toLowerCase(),
): number {
  // Called for each pair of a sort, so without an iterator and its arrays.
  for (let index = 0; index < keys.length; index += 1) {
    const left = a.keys[index] ?? null
    const right = b.keys[index] ?? null
    if (left === right) continue
    if (left === null) return 1
    if (right === null) return -1
    const result =
      typeof left === 'string' && typeof right === 'string'
        ? compareText(left, right, lowerCase)
        : compare(left, right)
    return keys[index]?.descending ? -result : result
  }
  return compare(a.moid, b.moid)
}

/** Compares by lower case, then by code unit, so that the order does not depend on the locale. */
export const compareText = (
  a: string,
  b: string,
  lowerCase = (text: string): string => text.toLowerCase(),
): number => compare(lowerCase(a), lowerCase(b)) || compare(a, b)

const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

/** Sorts positions in place. */
export function sortPositions<P extends Position>(order: Order, positions: P[]): P[] {
  const known = new Map<string, string>()
  const lowerCase = (text: string): string => {
    const lower = known.get(text) ?? text.toLowerCase()
    known.set(text, lower)
    return lower
  }
  return positions.sort((a, b) => comparePositions(order, a, b, lowerCase))
}
