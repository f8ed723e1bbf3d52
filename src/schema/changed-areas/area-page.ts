// One page of the areas of a disk: checks the arguments and the cursor, and reads the page when one of its fields is resolved.

import { formatNumber } from '../../text/format-number.ts'
import type { Area } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import type { Context } from '../context.ts'
import type { PageInfo } from '../core/connections/connection-types.ts'
import { ApiError, badInput } from '../errors/api-error.ts'
import { capacityOf, type Disk, diskId } from '../virtual-machine/disks/disk.ts'
import { decodeCursor, digest, encodeCursor, type MapKey } from './area-cursor.ts'
import type { AreaPage, AreaScan } from './area-scans.ts'
import { areaSource, liveDiskState } from './area-source.ts'

/** A page of areas that is read when one of its fields is resolved. */
export interface AreaConnection {
  readonly capacity: number
  readonly changeId: string
  readonly sinceChangeId: string | null
  readonly scan: AreaScan
  /** Identifies the list of areas that its cursors belong to. */
  readonly mapKey: MapKey
  /** Offset at which the page starts, in bytes. */
  readonly startOffset: number
  readonly page: () => Promise<AreaPage>
}

interface AreaArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly mergeGapsUpTo?: number | bigint | null | undefined
}

export const maxPageSize = 10_000
export const defaultPageSize = 2_000

/**
 * Creates the connection between two points in time of a disk.
 * @param sinceChangeId the starting point; `*` for everything in use
 * @param changeId the end point: the disk's own changeId
 * @throws ApiError BAD_USER_INPUT for an invalid argument; CONFLICT for a cursor of a live disk that has changed
 */
export function areaConnection(
  disk: Disk,
  sinceChangeId: string,
  changeId: string,
  { first, after, mergeGapsUpTo }: AreaArgs,
  context: Context,
): AreaConnection {
  const size = first ?? defaultPageSize
  if (size < 0)
    throw badInput(
      `first is ${size}, but must not be negative`,
      'Pass the number of areas that a page should have.',
    )
  if (size > maxPageSize)
    throw badInput(
      `first is ${formatNumber(size)}, but must be at most ${formatNumber(maxPageSize)}`,
      'Read further pages with after.',
    )
  const capacity = mappedCapacityOf(disk)
  const gap = mergeGap(mergeGapsUpTo)
  const state = liveDiskState(disk)
  const mapKey: MapKey = {
    points: digest([diskId(context, disk), sinceChangeId, gap]),
    state: state && digest(state),
  }
  const startOffset = after == null ? 0 : decodeCursor(after, mapKey)
  const vcenter = context.vcenters.of(disk.vm)
  const source = areaSource(disk, sinceChangeId, capacity, vcenter)
  const scan = vcenter.areaScans.scan(digest([mapKey.points, mapKey.state]), source, capacity, gap)
  let page: Promise<AreaPage> | undefined
  return {
    capacity,
    changeId,
    sinceChangeId: sinceChangeId === '*' ? null : sinceChangeId,
    scan,
    mapKey,
    startOffset,
    page: () => {
      page ??= scan.page(startOffset, size, { isContinued: after != null })
      return page
    },
  }
}

/**
 * Returns the capacity up to which areas are queried, in bytes.
 * @throws ApiError VSPHERE_FAULT if the vCenter reports no positive capacity
 */
export function mappedCapacityOf(disk: Disk): number {
  const capacity = capacityOf(disk)
  // An empty list for a disk without a size would look like a disk without changes.
  if (typeof capacity === 'number' && capacity > 0) return capacity
  throw new ApiError(
    'VSPHERE_FAULT',
    `the vCenter reported ${capacity === undefined ? 'no capacity' : `a capacity of ${capacity} bytes`} for the disk, so its areas cannot be listed`,
  )
}

/** Returns the largest gap to merge, in bytes. */
export function mergeGap(mergeGapsUpTo: AreaArgs['mergeGapsUpTo']): number {
  const gap = Number(mergeGapsUpTo ?? 0)
  if (gap < 0)
    throw badInput(
      `mergeGapsUpTo is ${gap}, but must not be negative`,
      'Pass a number of bytes, or 0 to merge only adjacent areas.',
    )
  return gap
}

export const areaEnd = ({ start, length }: Area): number => start + length

/** Returns the position of a page. */
export async function pageInfoOf(connection: AreaConnection): Promise<PageInfo> {
  const { areas, hasNextPage } = await connection.page()
  const { startOffset, mapKey } = connection
  const first = areas[0]
  const last = areas.at(-1)
  // An empty page ends at its start offset. Without a cursor, the client would start again from the beginning.
  const end = last ? areaEnd(last) : startOffset
  return {
    hasNextPage,
    hasPreviousPage: startOffset > 0,
    startCursor: first ? encodeCursor(mapKey, areaEnd(first)) : null,
    endCursor: end > 0 ? encodeCursor(mapKey, end) : null,
  }
}
