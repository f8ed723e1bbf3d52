// The pages of the connections that one reader has read, by parent object. Resolvers of nested connections find
// theirs by the object that has the field.

import type { BatchScheduler } from '../../concurrency/batch-scheduler.ts'
import { isOverBudget } from '../../concurrency/event-loop.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { ManagedObject, ObjectCache } from '../managed-object.ts'
import type { ConnectionPlan } from './connection-plan.ts'
import { type OrderedObjects, type Page, type PageItem, type SortedRef, slicePage } from './page.ts'
import { sortPositions } from './sort.ts'

/** The matching items: how many, in which order if the selection needs one, and all of them if it needs those. */
export interface OrderedResult extends Pick<Page, 'undecidedCount' | 'unreadableCount' | 'matching'> {
  readonly count: number
  readonly sorted?: OrderedObjects
}

/** The page of each parent, by the parent's moid ('' for the whole inventory), or why it could not be determined. */
type PagesByParent = Map<string, Page | Error>

const pagesByCache = new WeakMap<ObjectCache, ConnectionPages>()

/**
 * Returns the page of an object's connection that was planned for these fields.
 * @param key identifies the connection and its arguments.
 * @throws the error recorded for this object, if there is one.
 */
export const pageOf = (object: ManagedObject, key: string, fields: readonly object[]): Page | undefined =>
  pagesByCache.get(object.objectCache)?.find(key, object.ref, fields)

export class ConnectionPages {
  readonly #objectCache: ObjectCache
  readonly #pages = new Map<ConnectionPlan, PagesByParent>()
  readonly #connectionsByKey = new Map<string, Set<ConnectionPlan>>()

  /** @param objectCache the cache that the objects on the pages are in. */
  constructor(objectCache: ObjectCache) {
    this.#objectCache = objectCache
    pagesByCache.set(objectCache, this)
  }

  /** @throws the error recorded for this parent, if there is one. */
  page(connection: ConnectionPlan, parent: ManagedObjectReference | undefined): Page | undefined {
    const page = this.#pages.get(connection)?.get(parentKey(parent))
    if (page instanceof Error) throw page
    return page
  }

  find(key: string, parent: ManagedObjectReference, fields: readonly object[]): Page | undefined {
    for (const connection of this.#connectionsByKey.get(key) ?? []) {
      // Elsewhere in the operation, the same connection may select less or have been read at another time.
      if (!fields.every((field) => connection.fields.has(field))) continue
      const page = this.page(connection, parent)
      if (page) return page
    }
    return undefined
  }

  /** Returns the objects on all pages of a connection, or the objects whose parts are on them. */
  objectsOn(connection: ConnectionPlan): ManagedObject[] {
    return [...this.#pagesOf(connection).values()].flatMap((page) =>
      page instanceof Error ? [] : page.items.map(({ owner }) => owner),
    )
  }

  /** Slices the page of one parent (undefined for the whole inventory). */
  slice(
    connection: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    { count, sorted, ...counts }: OrderedResult,
  ): Page {
    const { source } = this.#objectCache
    const slice = sorted
      ? slicePage(sorted, connection.order, connection.window, (each) => this.#itemAt(connection, each))
      : { ...emptyPage, totalCount: count }
    const page = { ...slice, ...counts, source }
    this.#pagesOf(connection).set(parentKey(parent), page)
    return page
  }

  #itemAt({ collection: { parts } }: ConnectionPlan, { ref, moid }: SortedRef): Omit<PageItem, 'cursor'> {
    const owner = this.#objectCache.get(ref)
    return {
      owner,
      get object() {
        return parts ? parts.of(owner).find((part) => parts.moid(part as never) === moid) : owner
      },
    }
  }

  /** Records why the objects of one parent (undefined for the whole inventory) could not be determined. */
  fail(connection: ConnectionPlan, parent: ManagedObjectReference | undefined, error: Error): void {
    this.#pagesOf(connection).set(parentKey(parent), error)
  }

  /** Records why the objects of all parents could not be determined. */
  failAll(connection: ConnectionPlan, error: Error): void {
    const pages = this.#pagesOf(connection)
    for (const parent of pages.keys()) pages.set(parent, error)
  }

  /** Removes from the pages of a connection the items that no longer exist or no longer match. */
  filter(connection: ConnectionPlan, isReported: (owner: ManagedObject) => boolean): void {
    const pages = this.#pagesOf(connection)
    for (const [parent, page] of pages) {
      if (page instanceof Error) continue
      const items = page.items.filter(({ owner, ...item }) => {
        if (!isReported(owner)) return false
        const object = 'object' in item ? item.object : undefined
        return object !== undefined && connection.verdict(object, owner) === true
      })
      pages.set(parent, { ...page, items })
    }
  }

  #pagesOf(connection: ConnectionPlan): PagesByParent {
    const known = this.#pages.get(connection)
    if (known) return known
    const pages: PagesByParent = new Map()
    this.#pages.set(connection, pages)
    const sameKey = this.#connectionsByKey.get(connection.key) ?? new Set()
    this.#connectionsByKey.set(connection.key, sameKey.add(connection))
    return pages
  }
}

/**
 * Filters and sorts the items that pages are sliced from. The result is the same for all windows of one
 * filter and order.
 * @param identify assigns an ID to an order.
 */
export async function sortMatching(
  connection: ConnectionPlan,
  objects: readonly ManagedObject[],
  scheduler: BatchScheduler,
  identify: (sorted: Omit<OrderedObjects, 'id'>) => OrderedObjects,
): Promise<OrderedResult> {
  const matching: object[] = []
  const positions: SortedRef[] = []
  let undecidedCount = 0
  let unreadableCount = 0
  const { order, needsOrder } = connection
  const { parts } = connection.collection
  for (const object of objects) {
    // Many conditions on many objects would block the event loop.
    if (isOverBudget()) await scheduler.yieldToEventLoop()
    const items = connection.itemsOf(object)
    if (!items) unreadableCount += 1
    for (const item of items ?? []) {
      const verdict = connection.verdict(item, object)
      if (verdict === undefined) undecidedCount += 1
      if (!verdict) continue
      matching.push(item)
      if (needsOrder)
        positions.push({
          ref: object.ref,
          keys: order.keys.map((key) => key.of(item)),
          moid: parts ? parts.moid(item as never) : object.ref.value,
        })
    }
  }
  const result = {
    count: matching.length,
    undecidedCount,
    unreadableCount,
    ...(connection.needsMatching && { matching }),
  }
  if (!needsOrder) return result
  const refs = sortPositions(order, positions)
  return { ...result, sorted: identify({ refs, undecidedCount, unreadableCount }) }
}

const emptyPage = {
  items: [],
  startCursor: null,
  endCursor: null,
  hasNextPage: false,
  hasPreviousPage: false,
} satisfies Partial<Page>

const parentKey = (parent: ManagedObjectReference | undefined): string => parent?.value ?? ''
