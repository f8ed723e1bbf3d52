// ChangedAreaConnection: one page of areas, and totals over the whole disk. vSphere is queried only for the selected fields, and
// fields that are selected together share one pass over the disk (area-scans.ts).

import type { Area } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { builder } from '../builder.ts'
import type { ListSize, TypeCost } from '../cost/cost-estimate.ts'
import { badInput } from '../errors/api-error.ts'
import { encodeCursor, type MapKey } from './area-cursor.ts'
import { type AreaConnection, areaEnd, defaultPageSize, maxPageSize, pageInfoOf } from './area-page.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    ChangedArea: Area
    ChangedAreaConnection: AreaConnection
  }
}

interface AreaItem {
  readonly node: Area
  readonly cursor: string
}

/** Returns an edge that encodes its cursor only when it is read. */
const areaEdge = (node: Area, mapKey: MapKey): AreaItem => ({
  node,
  get cursor() {
    return encodeCursor(mapKey, areaEnd(node))
  },
})

/** An area is two numbers that bypass the executor (bulk-lists.ts): ten areas count as one object, four numbers as one value. */
const areaCost: TypeCost = { objectWeight: 0.1, valueWeight: 0.25 }

/** Each disk needs vSphere calls of its own, and possibly a full scan, so a connection counts as a hundred objects. */
const mapCost: TypeCost = {
  objectWeight: 100,
  pageSize: ({ first }) => Math.min(Math.max((first as number | null) ?? defaultPageSize, 0), maxPageSize),
}

const maxBuckets = 4096

const bucketCount: ListSize = ({ buckets }) => Math.min(Math.max(buckets as number, 1), maxBuckets)

builder.objectType('ChangedArea', {
  extensions: { size: areaCost },
  description: 'A range of bytes of a disk: [start, start + length). Source: `DiskChangeExtent`.',
  fields: (t) => ({
    start: t.expose('start', {
      type: 'BigInt',
      nullable: false,
      description: 'Offset of the first byte, in bytes from the start of the disk.',
    }),
    length: t.expose('length', {
      type: 'BigInt',
      nullable: false,
      description: 'Length of the area, in bytes.',
    }),
  }),
})

const ChangedAreaEdge = builder.objectRef<AreaItem>('ChangedAreaEdge').implement({
  extensions: { size: areaCost },
  description: 'An area of the page, with its cursor.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      nullable: false,
      description:
        'Opaque cursor: pass it as after to read the areas that follow this one. Valid only for the same disk, starting point and mergeGapsUpTo.',
    }),
    node: t.expose('node', { type: 'ChangedArea', nullable: false, description: 'The area.' }),
  }),
})

builder.objectType('ChangedAreaConnection', {
  extensions: { size: mapCost },
  description:
    'Areas of a disk: sorted, disjoint, merged and clipped to the capacity. If the gateway cannot prove that the list is complete, the field fails; it never returns a partial list. Source: `QueryChangedDiskAreas`.',
  fields: (t) => ({
    nodes: t.field({
      type: ['ChangedArea'],
      nullable: { list: false, items: false },
      description:
        'The areas of this page. May hold one area fewer than `first` if finding the end of the last one would need another call to the vCenter.',
      resolve: async (connection, _args, { bulkLists }, info) =>
        bulkLists.defer((await connection.page()).areas, (area) => area, info),
    }),
    edges: t.field({
      type: [ChangedAreaEdge],
      nullable: { list: false, items: false },
      description: 'The areas of this page, each with its cursor.',
      resolve: async (connection, _args, { bulkLists }, info) => {
        const { areas } = await connection.page()
        return bulkLists.defer(areas, (area) => areaEdge(area, connection.mapKey), info)
      },
    }),
    pageInfo: t.field({
      type: 'PageInfo',
      nullable: false,
      description:
        'Pagination state. hasNextPage is false only at the end of the disk; a page can be empty and still have a next page.',
      resolve: pageInfoOf,
    }),
    capacity: t.expose('capacity', {
      type: 'BigInt',
      nullable: false,
      description: 'Size of the disk, in bytes. Source: `capacityInBytes`.',
    }),
    changeId: t.exposeString('changeId', {
      description:
        'The changeId of this state of the disk. Store it and pass it as since to the next changedAreas. Source: `backing.changeId`.',
    }),
    sinceChangeId: t.exposeString('sinceChangeId', {
      description: 'The changeId of the starting point. Null for allocatedAreas.',
    }),
    totalCount: t.int({
      description:
        'Number of areas on the whole disk. Scans the whole disk; one scan serves all fields of this connection.',
      resolve: async ({ scan }) => (await scan.totals()).count,
    }),
    totalLength: t.field({
      type: 'BigInt',
      description:
        'Total length of the areas on the whole disk, in bytes. Scans the whole disk; one scan serves all fields of this connection.',
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
          description: `Number of slices, 1 to ${maxBuckets}.`,
        }),
      },
      description:
        'Number of bytes within areas in each of several equal slices of the disk, for a chart. Scans the whole disk; one scan serves all fields of this connection.',
      resolve: ({ scan }, { buckets }) => {
        if (buckets < 1 || buckets > maxBuckets)
          throw badInput(
            `buckets is ${buckets}, but must be from 1 to ${maxBuckets}`,
            'Pass the number of slices that the chart has.',
          )
        return scan.density(buckets)
      },
    }),
  }),
})
