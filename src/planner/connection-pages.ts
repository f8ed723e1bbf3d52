// The pages of the connections that one reader has read, by parent object. Resolvers of nested connections find
// theirs by the object that has the field.

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { ManagedObject, ObjectCache } from './managed-object.ts'
import { type OrderedObjects, type Page, type SortedRef, slicePage, sortRefs } from './page.ts'
import type { ConnectionPlan } from './plan-node.ts'

/** The matching objects: how many, and in which order if the selection needs one. */
export interface OrderedResult {
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

  /** Returns the objects on all pages of a connection. */
  objectsOn(connection: ConnectionPlan): ManagedObject[] {
    return [...this.#pagesOf(connection).values()].flatMap((page) =>
      page instanceof Error ? [] : page.items.map(({ object }) => object),
    )
  }

  /** Slices the page of one parent (undefined for the whole inventory). */
  slice(
    connection: ConnectionPlan,
    parent: ManagedObjectReference | undefined,
    { count, sorted }: OrderedResult,
  ): Page {
    const page = sorted
      ? slicePage(sorted, connection.order, connection.window, (ref) => this.#objectCache.get(ref))
      : { ...emptyPage, totalCount: count }
    this.#pagesOf(connection).set(parentKey(parent), page)
    return page
  }

  /** Records why one parent's objects could not be determined. */
  fail(connection: ConnectionPlan, parent: ManagedObjectReference, error: Error): void {
    this.#pagesOf(connection).set(parentKey(parent), error)
  }

  /** Removes from the pages of a connection the objects that no longer exist or no longer match. */
  filter(connection: ConnectionPlan, predicate: (object: ManagedObject) => boolean): void {
    const pages = this.#pagesOf(connection)
    for (const [parent, page] of pages) {
      if (page instanceof Error) continue
      pages.set(parent, { ...page, items: page.items.filter(({ object }) => predicate(object)) })
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
 * Filters and sorts the objects that pages are sliced from. The result is the same for all windows of one
 * filter and order.
 * @param identify assigns an ID to an order.
 */
export function sortMatching(
  connection: ConnectionPlan,
  objects: readonly ManagedObject[],
  identify: (refs: readonly SortedRef[]) => OrderedObjects,
): OrderedResult {
  const matching = objects.filter((object) => connection.matches(object))
  return connection.needsOrder
    ? { count: matching.length, sorted: identify(sortRefs(matching, connection.order)) }
    : { count: matching.length }
}

const emptyPage = {
  items: [],
  startCursor: null,
  endCursor: null,
  hasNextPage: false,
  hasPreviousPage: false,
} satisfies Omit<Page, 'totalCount'>

const parentKey = (parent: ManagedObjectReference | undefined): string => parent?.value ?? ''
