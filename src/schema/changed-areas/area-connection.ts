// ChangedAreaConnection: one page of areas, and what is to be said of the whole disk. Nothing is asked of vSphere for what
// is not selected; what is selected together is one pass (area-scans.ts).

import type { Area } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import type { PageInfo } from '../core/connection.ts'
import { encodeId } from '../core/ids.ts'
import type { ListSize, TypeCost } from '../cost/cost-estimate.ts'
import { ApiError, badInput } from '../errors/api-error.ts'
import { capacityOf, type Disk, ownerOf } from '../virtual-machine/disk.ts'
import { decodeCursor, digest, encodeCursor, type MapKey } from './area-cursor.ts'
import type { AreaPage, AreaScan } from './area-scans.ts'
import { areaSource, liveDiskState } from './area-source.ts'

/** A page that will be read when something of it is selected. */
export interface AreaConnection {
  readonly capacity: number
  readonly changeId: string
  readonly sinceChangeId: string | null
  readonly scan: AreaScan
  /** What its cursors belong to. */
  readonly mapKey: MapKey
  /** Where the page begins. */
  readonly startOffset: number
  readonly page: () => Promise<AreaPage>
}

export interface AreaItem {
  readonly node: Area
  readonly cursor: string
}

export interface AreaArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly mergeGapsUpTo?: number | bigint | null | undefined
}

const maxPageSize = 10_000
export const defaultPageSize = 2_000

/** The connection from a starting point (`*`: everything in use) to the disk's own point, which has this changeId. */
export function areaConnection(
  disk: Disk,
  sinceChangeId: string,
  changeId: string,
  { first, after, mergeGapsUpTo }: AreaArgs,
  context: Context,
): AreaConnection {
  const size = first ?? defaultPageSize
  if (size < 0) throw badInput(`first is ${size}, but a page cannot have fewer than 0 areas`)
  if (size > maxPageSize)
    throw badInput(`first is ${size}, but a page has at most ${maxPageSize} areas; use after to go on`)
  const capacity = mappedCapacityOf(disk)
  const gap = mergeGap(mergeGapsUpTo)
  const state = liveDiskState(disk)
  const mapKey: MapKey = {
    points: digest([encodeId(context, ownerOf(disk), disk.device.key), sinceChangeId, gap]),
    state: state && digest(state),
  }
  const startOffset = after == null ? 0 : decodeCursor(after, mapKey)
  const source = areaSource(disk, sinceChangeId, capacity, context)
  const scan = context.areaScans.scan(digest([mapKey.points, mapKey.state]), source, capacity, gap)
  let page: Promise<AreaPage> | undefined
  return {
    capacity,
    changeId,
    sinceChangeId: sinceChangeId === '*' ? null : sinceChangeId,
    scan,
    mapKey,
    startOffset,
    page: () => {
      page ??= scan.page(startOffset, size)
      return page
    },
  }
}

/** Where the map of a disk ends. */
export function mappedCapacityOf(disk: Disk): number {
  const capacity = capacityOf(disk)
  // An empty map of a disk that has no size would look like one without changes.
  if (typeof capacity === 'number' && capacity > 0) return capacity
  throw new ApiError(
    'VSPHERE_FAULT',
    `the vCenter gave ${capacity === undefined ? 'no capacity' : `a capacity of ${capacity} bytes`}, over which there is no map`,
  )
}

/** How large the gaps are at most that are merged. */
export function mergeGap(mergeGapsUpTo: AreaArgs['mergeGapsUpTo']): number {
  const gap = Number(mergeGapsUpTo ?? 0)
  if (gap < 0) throw badInput(`mergeGapsUpTo is ${gap}, but no gap has fewer than 0 bytes`)
  return gap
}

const areaEnd = ({ start, length }: Area): number => start + length

/** Its cursor is made when it is asked for. */
const areaEdge = (node: Area, mapKey: MapKey): AreaItem => ({
  node,
  get cursor() {
    return encodeCursor(mapKey, areaEnd(node))
  },
})

/** Two numbers that go past the executor (bulk-lists.ts): ten areas count as one object, and four numbers as one value. */
const areaCost: TypeCost = { objectWeight: 0.1, valueWeight: 0.25 }

/** Calls of its own for each disk, and perhaps a scan of it: a map counts as a hundred objects. */
const mapCost: TypeCost = {
  objectWeight: 100,
  pageSize: ({ first }) => Math.min(Math.max((first as number | null) ?? defaultPageSize, 0), maxPageSize),
}

const maxBuckets = 4096

const bucketCount: ListSize = ({ buckets }) => Math.min(Math.max(buckets as number, 1), maxBuckets)

builder.objectType('ChangedArea', {
  extensions: { size: areaCost },
  description: 'Bytes of a disk: [start, start + length). vim25: DiskChangeExtent.',
  fields: (t) => ({
    start: t.expose('start', { type: 'BigInt', nullable: false, description: 'Offset of the first byte.' }),
    length: t.expose('length', { type: 'BigInt', nullable: false, description: 'How many bytes.' }),
  }),
})

builder.objectType('ChangedAreaEdge', {
  extensions: { size: areaCost },
  description: 'An area on a page, with its cursor.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      nullable: false,
      description:
        'To go on behind this area. Opaque; belongs to the disk, the starting point and mergeGapsUpTo.',
    }),
    node: t.expose('node', { type: 'ChangedArea', nullable: false, description: 'The area.' }),
  }),
})

builder.objectType('ChangedAreaConnection', {
  extensions: { size: mapCost },
  description:
    'Areas of a disk, in order, disjoint, merged and clipped to the capacity. Every window of QueryChangedDiskAreas is proven to follow the one before; a map that is not whole is an error.',
  fields: (t) => ({
    nodes: t.field({
      type: ['ChangedArea'],
      nullable: { list: false, items: false },
      description:
        'The areas on this page. Asking stops when it is full; it may lack the last one of `first` where only another call could tell that one’s end.',
      resolve: async (connection, _args, { bulkLists }, info) =>
        bulkLists.defer((await connection.page()).areas, (area) => area, info),
    }),
    edges: t.field({
      type: ['ChangedAreaEdge'],
      nullable: { list: false, items: false },
      description: 'The areas on this page, each with its cursor.',
      resolve: async (connection, _args, { bulkLists }, info) => {
        const { areas } = await connection.page()
        return bulkLists.defer(areas, (area) => areaEdge(area, connection.mapKey), info)
      },
    }),
    pageInfo: t.field({
      type: 'PageInfo',
      nullable: false,
      description:
        'Where this page stands. hasNextPage is false only when the capacity was reached; an empty page that has a next one is legal.',
      resolve: pageInfoOf,
    }),
    capacity: t.expose('capacity', {
      type: 'BigInt',
      nullable: false,
      description: 'Size of the disk in bytes: the end of the map.',
    }),
    changeId: t.exposeString('changeId', {
      description: 'The changeId of the end point: store it, it is where the next changedAreas starts.',
    }),
    sinceChangeId: t.exposeString('sinceChangeId', {
      description: 'The changeId of the starting point; null for allocatedAreas.',
    }),
    totalCount: t.int({
      description:
        'How many areas there are on the whole disk. Scans the whole disk, once for all that is selected beside it.',
      resolve: async ({ scan }) => (await scan.totals()).count,
    }),
    totalLength: t.field({
      type: 'BigInt',
      description:
        'How many bytes the areas of the whole disk have. Scans the whole disk, once for all that is selected beside it.',
      resolve: async ({ scan }) => (await scan.totals()).length,
    }),
    density: t.field({
      extensions: { length: bucketCount },
      type: ['BigInt'],
      nullable: { list: true, items: false },
      args: {
        buckets: t.arg.int({
          required: true,
          defaultValue: 64,
          description: `How many slices: 1 to ${maxBuckets}.`,
        }),
      },
      description:
        'The bytes within areas in each equal slice of the disk, for drawing. Scans the whole disk, once for all that is selected beside it.',
      resolve: ({ scan }, { buckets }) => {
        if (buckets < 1 || buckets > maxBuckets)
          throw badInput(`buckets is ${buckets}, but there can be 1 to ${maxBuckets}`)
        return scan.density(buckets)
      },
    }),
  }),
})

async function pageInfoOf(connection: AreaConnection): Promise<PageInfo> {
  const { areas, hasNextPage } = await connection.page()
  const { startOffset, mapKey } = connection
  const first = areas[0]
  const last = areas.at(-1)
  // A page without areas ends where it began: without a cursor, a walk would begin anew.
  const end = last ? areaEnd(last) : startOffset
  return {
    hasNextPage,
    hasPreviousPage: startOffset > 0,
    startCursor: first ? encodeCursor(mapKey, areaEnd(first)) : null,
    endCursor: end > 0 ? encodeCursor(mapKey, end) : null,
  }
}
