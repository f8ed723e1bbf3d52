// Slices one page of a connection (first/after/last/before) from sorted items and builds its cursors. A cursor
// holds the sort keys and the moid, so that added or removed items do not shift the page, and the ID of its
// order. sort.ts compares the keys.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { formatNumber } from '../../text/format-number.ts'
import type { ManagedObject } from '../managed-object.ts'
import { type CursorPosition, decodeCursor, encodeCursor, PaginationError } from './cursor.ts'
import { comparePositions, type Order, type Position } from './sort.ts'

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

/**
 * Validates the arguments of a page.
 * @throws PaginationError if both first and last are set, a size is negative or too large, or a cursor is
 * malformed or belongs to another order.
 */
export function parsePagination(args: PaginationArgs, order: Order, sizes: PageSizes): PageWindow {
  const { first, last } = args
  if (first != null && last != null)
    throw new PaginationError('first and last cannot be combined', 'Use one of them.')
  for (const [name, size] of Object.entries({ first, last })) {
    if (size == null) continue
    if (size < 0)
      throw new PaginationError(
        `${name} is ${size}, but must not be negative`,
        'Pass the number of objects that a page should have.',
      )
    if (size > sizes.maxSize)
      throw new PaginationError(
        `${name} is ${formatNumber(size)}, but must be at most ${formatNumber(sizes.maxSize)}`,
        'Use after or before to request more pages.',
      )
  }
  return {
    size: first ?? last ?? sizes.defaultSize,
    fromEnd: last != null,
    after: args.after == null ? undefined : decodeCursor('after', args.after, order),
    before: args.before == null ? undefined : decodeCursor('before', args.before, order),
  }
}

/** An item on a page: an object, or a part of one. */
export interface PageItem {
  readonly owner: ManagedObject
  /** The object itself, or the part; undefined if the part no longer exists. Known once the owner was read. */
  readonly object: object | undefined
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
  /** Number of items that match the filter, inside the window or not. */
  readonly totalCount: number
  /** Number of items for which the filter needs a value that is not known. */
  readonly undecidedCount: number
  /** Number of objects whose parts cannot be read. */
  readonly unreadableCount: number
  /** All items that match the filter, if the selection needs them. */
  readonly matching?: readonly object[] | undefined
  /** The inventory source of the objects. */
  readonly source: object
}

/** Position of an item in an order, and the reference of its object. */
export interface SortedRef extends Position {
  readonly ref: ManagedObjectReference
}

/**
 * All matching items as sorted at one time. Cursors carry its ID, so that the next page comes from the same
 * order.
 */
export interface OrderedObjects {
  readonly id: string
  readonly refs: readonly SortedRef[]
  readonly undecidedCount: number
  readonly unreadableCount: number
}

/** The part of a page that follows from its position in the order. */
type PageSlice = Omit<Page, 'matching' | 'source'>

/**
 * Slices the window from the items of an order.
 * @param itemOf returns the object of a reference, and the item with the moid.
 */
export function slicePage(
  { id, refs: sorted, undecidedCount, unreadableCount }: OrderedObjects,
  order: Order,
  window: PageWindow,
  itemOf: (position: SortedRef) => Omit<PageItem, 'cursor'>,
): PageSlice {
  const { after, before, size, fromEnd } = window
  const from = after ? lowerBound(sorted, (item) => comparePositions(order, item, after) > 0) : 0
  const to = Math.max(
    from,
    before ? lowerBound(sorted, (item) => comparePositions(order, item, before) >= 0) : sorted.length,
  )
  const start = fromEnd ? Math.max(from, to - size) : from
  const end = fromEnd ? to : Math.min(to, from + size)
  const pageRefs = sorted.slice(start, end)
  // A page that holds everything has no next page, so its cursors need no order ID and are the same each
  // time.
  const orderId = start > 0 || end < sorted.length ? id : undefined
  const cursorOf = (position: Position | undefined) =>
    position ? encodeCursor(order, { ...position, orderId }) : null
  return {
    items: pageRefs.map((each) => {
      const item = itemOf(each)
      return {
        owner: item.owner,
        get object() {
          return item.object
        },
        // Computed on access: most selections do not select cursors.
        get cursor() {
          return encodeCursor(order, { ...each, orderId })
        },
      }
    }),
    startCursor: cursorOf(pageRefs[0] ?? before),
    endCursor: cursorOf(pageRefs.at(-1) ?? after),
    hasNextPage: end < sorted.length,
    hasPreviousPage: start > 0,
    totalCount: sorted.length,
    undecidedCount,
    unreadableCount,
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
