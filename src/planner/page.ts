// Slices one page of a connection (first/after/last/before) from sorted objects and builds its cursors. A
// cursor holds the sort key and the moid, so that added or removed objects do not shift the page, and the ID
// of its order.

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import { formatNumber } from '../text/format-number.ts'
import { decodeOpaque, encodeOpaque } from '../text/opaque-string.ts'
import type { ManagedObject } from './managed-object.ts'

/** Sort key of an object; null sorts last, in both directions. */
export type SortKey = string | number | null

export interface Order {
  /** Name of the order (`NAME ASC`). A cursor of another order is rejected. */
  readonly name: string
  readonly descending: boolean
  /** Type of the keys that are not null. */
  readonly keyType: 'string' | 'number'
  /** Paths that must be read to compute the key. */
  readonly requiredPaths: readonly string[]
  readonly key: (object: ManagedObject) => SortKey
}

export interface PaginationArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** Page sizes of connections: without `first` and `last`, and the maximum. */
export interface PageSizes {
  readonly defaultSize: number
  readonly maxSize: number
}

/** The validated arguments of a page: its size, its end, and the cursors that bound it. */
export interface PageWindow {
  readonly size: number
  readonly fromEnd: boolean
  readonly after: CursorPosition | undefined
  readonly before: CursorPosition | undefined
}

interface Position {
  readonly key: SortKey
  readonly moid: string
}

/** Position from a cursor, and the ID of the order it was sliced from if there are further pages. */
interface CursorPosition extends Position {
  readonly orderId: string | undefined
}

/** Invalid pagination arguments; the message says which and why. */
export class PaginationError extends Error {
  override name = 'PaginationError' as const
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string) {
    super(message)
    this.remedy = remedy
  }
}

/**
 * Validates the arguments of a page.
 * @throws PaginationError if both first and last are set, a size is negative or too large, or a cursor is
 * malformed or belongs to another order.
 */
export function parsePagination(args: PaginationArgs, order: Order, sizes: PageSizes): PageWindow {
  const { first, last } = args
  if (first != null && last != null)
    throw new PaginationError('first and last cannot be combined; use one of them')
  for (const [name, size] of Object.entries({ first, last })) {
    if (size == null) continue
    if (size < 0) throw new PaginationError(`${name} is ${size}, but must not be negative`)
    if (size > sizes.maxSize)
      throw new PaginationError(
        `${name} is ${formatNumber(size)}, but must be at most ${formatNumber(sizes.maxSize)}; use after or before to request more pages`,
      )
  }
  return {
    size: first ?? last ?? sizes.defaultSize,
    fromEnd: last != null,
    after: args.after == null ? undefined : decodeCursor('after', args.after, order),
    before: args.before == null ? undefined : decodeCursor('before', args.before, order),
  }
}

export interface PageItem {
  readonly object: ManagedObject
  readonly cursor: string
}

export interface Page {
  readonly items: readonly PageItem[]
  /**
   * Cursor of the first position in the window, even if that object was filtered out later: pagination
   * continues from it. For an empty window, the cursor from the arguments: null would restart the pagination.
   */
  readonly startCursor: string | null
  readonly endCursor: string | null
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** Number of objects that match the filter, inside the window or not. */
  readonly totalCount: number
}

/** Position of an object in an order. */
export interface SortedRef extends Position {
  readonly ref: ManagedObjectReference
}

/**
 * All matching objects as sorted at one time. Cursors carry its ID, so that the next page comes from the same
 * order.
 */
export interface OrderedObjects {
  readonly id: string
  readonly refs: readonly SortedRef[]
}

export const sortRefs = (objects: readonly ManagedObject[], order: Order): SortedRef[] =>
  objects
    .map((object) => ({ ref: object.ref, key: order.key(object), moid: object.ref.value }))
    .sort(comparator(order))

/** Slices the window from the objects of an order. */
export function slicePage(
  { id, refs: sorted }: OrderedObjects,
  order: Order,
  window: PageWindow,
  objectOf: (ref: ManagedObjectReference) => ManagedObject,
): Page {
  const compare = comparator(order)
  const { after, before, size, fromEnd } = window
  const from = after ? lowerBound(sorted, (item) => compare(item, after) > 0) : 0
  const to = Math.max(from, before ? lowerBound(sorted, (item) => compare(item, before) >= 0) : sorted.length)
  const start = fromEnd ? Math.max(from, to - size) : from
  const end = fromEnd ? to : Math.min(to, from + size)
  const pageRefs = sorted.slice(start, end)
  // A page that holds everything has no next page, so its cursors need no order ID and are the same each
  // time.
  const orderId = start > 0 || end < sorted.length ? id : undefined
  const cursorOf = (position: Position | undefined) =>
    position ? encodeCursor(order, { ...position, orderId }) : null
  return {
    items: pageRefs.map((each) => ({
      object: objectOf(each.ref),
      // Computed on access: most selections do not select cursors.
      get cursor() {
        return encodeCursor(order, { ...each, orderId })
      },
    })),
    startCursor: cursorOf(pageRefs[0] ?? before),
    endCursor: cursorOf(pageRefs.at(-1) ?? after),
    hasNextPage: end < sorted.length,
    hasPreviousPage: start > 0,
    totalCount: sorted.length,
  }
}

function comparator({ descending }: Order): (a: Position, b: Position) => number {
  return (a, b) => {
    if (a.key !== b.key) {
      if (a.key === null) return 1
      if (b.key === null) return -1
      // String comparison is by code unit, so the order does not depend on the locale.
      return a.key < b.key !== descending ? -1 : 1
    }
    return a.moid < b.moid ? -1 : a.moid > b.moid ? 1 : 0
  }
}

function lowerBound<T>(items: readonly T[], predicate: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (predicate(items[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}

const encodeCursor = ({ name }: Order, { key, moid, orderId }: CursorPosition): string =>
  encodeOpaque([name, key, moid, ...(orderId === undefined ? [] : [orderId])])

function decodeCursor(argument: string, cursor: string, order: Order): CursorPosition {
  const remedy = `Start again without ${argument}.`
  const invalid = new PaginationError(`${argument} is not a cursor of this connection`, remedy)
  const [name, key, moid, orderId, ...others] = decodeOpaque(cursor) ?? []
  if (
    typeof name !== 'string' ||
    typeof moid !== 'string' ||
    (orderId !== undefined && typeof orderId !== 'string') ||
    others.length > 0
  )
    throw invalid
  if (name !== order.name)
    throw new PaginationError(
      `${argument} is a cursor for the order ${name.slice(0, 80)}, but this connection has the order ${order.name}`,
      remedy,
    )
  if (key !== null && typeof key !== order.keyType) throw invalid
  return { key: key as SortKey, moid, orderId }
}
