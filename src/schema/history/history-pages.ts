// Pages of events and of tasks: what was found on each vCenter, merged in one order.

import type { FoundHistory, HistoryPosition } from '../../vim25/history/history-search.ts'
import type { Context } from '../context.ts'
import type { PageInfo } from '../core/connections/connection-types.ts'
import type { Coverage } from '../core/connections/coverage.ts'
import { pageSizeOf } from '../core/connections/pagination-args.ts'
import type { ClassifiedError } from '../errors/classify-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import {
  comparePagePositions,
  decodeHistoryCursor,
  digestOf,
  encodeHistoryCursor,
  type HistoryKindName,
  type PagePosition,
} from './history-cursor.ts'

export interface HistoryEdge<N> {
  readonly node: N
  readonly cursor: string
}

export interface HistoryPage<N> extends PageInfo {
  readonly edges: readonly HistoryEdge<N>[]
  readonly coverage: readonly Coverage[]
}

/** Number of items that are read for one page, at most. Only a filter that the gateway evaluates reads more than the page has. */
export const maxItemsRead = 10_000

/** Which page is requested. */
export interface PageRequest {
  readonly kind: HistoryKindName
  readonly size: number
  readonly digest: string
  readonly after: string | null | undefined
  /** The position in `after`. */
  readonly end: PagePosition | undefined
}

/**
 * Checks the arguments of a page.
 *
 * @param selection - all that selects items: a cursor is valid for the same selection only
 */
export function pageRequest(
  kind: HistoryKindName,
  {
    first,
    after,
  }: { readonly first?: number | null | undefined; readonly after?: string | null | undefined },
  selection: readonly unknown[],
  context: Context,
): PageRequest {
  const size = pageSizeOf(first, context)
  const digest = digestOf(selection)
  const end = after == null ? undefined : decodeHistoryCursor(kind, after, digest)
  return { kind, size, digest, after, end }
}

/** What was found on one vCenter. */
export interface HistoryPart<T> {
  readonly vcenter: RequestVCenter
  readonly found: FoundHistory<T>
  /** What is missing, and why; null if nothing is. */
  readonly error: ClassifiedError | null
}

export function mergePage<T, N>(
  parts: readonly HistoryPart<T>[],
  { kind, size, digest, after, end }: PageRequest,
  positionOf: (item: T) => HistoryPosition,
  toNode: (item: T, vcenter: RequestVCenter) => N,
): HistoryPage<N> {
  const merged = parts
    .flatMap(({ vcenter, found }) =>
      found.items.map((item) => ({
        item,
        vcenter,
        position: { ...positionOf(item), vcenter: vcenter.name },
      })),
    )
    .sort((a, b) => comparePagePositions(a.position, b.position))
  // A vCenter that stopped at a limit may have further items that come before those of others.
  const [limit] = parts.flatMap((part) => limitOf(part) ?? []).sort(comparePagePositions)
  const onPage = merged
    .slice(0, size)
    .filter(({ position }) => !limit || comparePagePositions(position, limit) <= 0)
  const hasNextPage = merged.length > onPage.length || limit !== undefined
  const last = onPage.at(-1)?.position
  const continueAt = onPage.length < size && limit ? limit : last
  const cursorOf = (position: PagePosition) => encodeHistoryCursor(kind, digest, position)
  return {
    edges: onPage.map(({ item, vcenter, position }) => ({
      node: toNode(item, vcenter),
      cursor: cursorOf(position),
    })),
    hasNextPage,
    hasPreviousPage: end !== undefined,
    startCursor: onPage[0] ? cursorOf(onPage[0].position) : null,
    endCursor: continueAt ? cursorOf(continueAt) : (after ?? null),
    coverage: parts.map(({ vcenter, error }) => ({
      source: vcenter.source,
      isComplete: error === null,
      undecidedCount: 0,
      error,
    })),
  }
}

/** The position up to which a vCenter was searched; undefined if it was searched to the end, or has more items than the page. */
const limitOf = ({
  found: { end, oldest },
  vcenter: { name },
}: HistoryPart<unknown>): PagePosition | undefined =>
  end === 'limit' && oldest ? { ...oldest, vcenter: name } : undefined

/** The criteria that are set, in a fixed order: the same filter has the same digest. */
export const definedOnly = (filter: object | null | undefined): unknown =>
  Object.fromEntries(
    Object.entries(filter ?? {})
      .filter(([key, value]) => value != null && !(key === 'scope' && value === 'all'))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
