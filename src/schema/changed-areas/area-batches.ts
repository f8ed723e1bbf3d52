// Subscription.changedAreas: streams the areas of one disk as they are found, window by window. The next window is queried after
// the client has taken the previous batch, and sent batches are not kept, so memory use does not depend on the number of areas.
// A live disk is read again before each batch is sent, to detect that it has changed.

import type { Area } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { decodeIdAfterLogin } from '../core/nodes/ids.ts'
import { badInput, notFoundError } from '../errors/api-error.ts'
import { loadDisk } from '../virtual-machine/disks/disk.ts'
import { mappedCapacityOf, mergeGap } from './area-page.ts'
import type { WindowSource } from './area-scans.ts'
import { areaSource } from './area-source.ts'
import { ChangedSince, planEndPoint, planStartingPoint } from './changed-area-fields.ts'
import { mergeAcrossWindows } from './merge-windows.ts'
import { type ChangedSinceInput, endPointChangeId, startingPointChangeId } from './starting-point.ts'

/** One event of the subscription. Offsets and sizes are in bytes. */
interface AreaBatch {
  readonly areas: readonly Area[]
  readonly startOffset: number
  readonly nextOffset: number
  readonly scannedBytes: number
  readonly capacity: number
  readonly changeId: string
  readonly sinceChangeId: string | null
}

const ChangedAreaBatch = builder.objectRef<AreaBatch>('ChangedAreaBatch').implement({
  description:
    'All areas within [startOffset, nextOffset): sorted, disjoint, merged and clipped to the capacity of the disk. Each batch starts where the previous batch ended. Source: `QueryChangedDiskAreas`.',
  fields: (t) => ({
    areas: t.field({
      type: ['ChangedArea'],
      nullable: { list: false, items: false },
      description: 'The areas, sorted by start. Empty if nothing in this range has changed or is in use.',
      resolve: ({ areas }, _args, { bulkLists }, info) => bulkLists.defer(areas, (area) => area, info),
    }),
    startOffset: t.expose('startOffset', {
      type: 'BigInt',
      nullable: false,
      description: 'Offset at which this batch starts, in bytes. Equal to nextOffset of the previous batch.',
    }),
    nextOffset: t.expose('nextOffset', {
      type: 'BigInt',
      nullable: false,
      description:
        'Offset up to which the disk has been covered, in bytes. To resume on a disk in a snapshot, pass it as startOffset.',
    }),
    scannedBytes: t.expose('scannedBytes', {
      type: 'BigInt',
      nullable: false,
      description:
        'How much of the disk has been scanned, in bytes from its start, for a progress bar together with capacity. May be ahead of nextOffset while the end of a merged area is not known yet.',
    }),
    capacity: t.expose('capacity', {
      type: 'BigInt',
      nullable: false,
      description: 'Size of the disk, in bytes. Source: `capacityInBytes`.',
    }),
    complete: t.boolean({
      nullable: false,
      description:
        'Whether the whole disk has been covered (nextOffset equals capacity). If no batch has this, the list of areas is incomplete.',
      resolve: ({ nextOffset, capacity }) => nextOffset === capacity,
    }),
    changeId: t.exposeString('changeId', {
      description:
        'The changeId of this state of the disk. Store it when complete is true: the next incremental backup starts from it. Source: `backing.changeId`.',
    }),
    sinceChangeId: t.exposeString('sinceChangeId', {
      description: 'The changeId of the starting point. Null if the areas are everything in use.',
    }),
  }),
})

builder.subscriptionField('changedAreas', (t) =>
  t.field({
    type: ChangedAreaBatch,
    nullable: false,
    args: {
      disk: t.arg.id({
        required: true,
        description: 'Global id of the disk, in a snapshot or in its current state.',
      }),
      since: t.arg({
        type: ChangedSince,
        description: 'The point since which to report changes. If omitted, reports everything in use.',
      }),
      startOffset: t.arg({
        type: 'BigInt',
        required: true,
        defaultValue: 0,
        description:
          'Offset at which to start, in bytes. To resume, pass nextOffset of the last batch that you processed. Must be 0 for a live disk, which may have changed in the meantime.',
      }),
      mergeGapsUpTo: t.arg({
        type: 'BigInt',
        required: true,
        defaultValue: 0,
        description:
          'Merges areas that are at most this many bytes apart, as in VirtualDisk.changedAreas. No batch ends within a merged area, so all batches together equal the result of that field, also after a resume.',
      }),
    },
    description:
      'Streams the areas of one disk as they are found, sorted: what changed since a point, or everything in use if none is given. The next batch is read after the client has taken the previous one. A live disk can be read only while its virtual machine is powered off, which is checked before each batch; after a CONFLICT, discard all batches. Completes when the whole disk is covered, or fails with the same error as changedAreas and allocatedAreas. Source: `QueryChangedDiskAreas`.',
    subscribe: (_root, { disk, ...args }, context) => subscribeToAreas(disk, args, context),
    resolve: (batch) => batch,
  }),
)

interface Args {
  readonly since?: ChangedSinceInput | null | undefined
  readonly startOffset: number
  readonly mergeGapsUpTo: number
}

async function subscribeToAreas(
  id: string,
  { since, startOffset, mergeGapsUpTo }: Args,
  context: Context,
): Promise<AsyncGenerator<AreaBatch, void>> {
  const decoded = await decodeIdAfterLogin(context, id, ['VirtualDisk'])
  const disk = await loadDisk(decoded, decoded.vcenter.reader, (node) => {
    planEndPoint(node)
    if (since) planStartingPoint(node)
  })
  if (!disk) throw notFoundError(`disk ${decoded.key} of ${decoded.ref.value}`)
  const changeId = endPointChangeId(disk)
  const start = since ? await startingPointChangeId(disk, changeId, since, context) : '*'
  const capacity = mappedCapacityOf(disk)
  if (startOffset < 0 || startOffset > capacity)
    throw badInput(
      `startOffset is ${startOffset}, but must be from 0 to the capacity of ${capacity} bytes`,
      'Pass the nextOffset of the last batch that you have received, or 0.',
    )
  // An offset does not identify the state of the disk that it belongs to.
  if (startOffset > 0 && !disk.snapshot)
    throw badInput(
      `startOffset is ${startOffset}, but a live disk may have changed since that offset was returned`,
      'Start at 0, or take a snapshot and query the disk in that snapshot.',
    )
  const scanInfo = { capacity, changeId, sinceChangeId: start === '*' ? null : start }
  return batches(
    startOffset,
    scanInfo,
    areaSource(disk, start, capacity, decoded.vcenter),
    mergeGap(mergeGapsUpTo),
  )
}

async function* batches(
  firstOffset: number,
  scanInfo: Pick<AreaBatch, 'capacity' | 'changeId' | 'sinceChangeId'>,
  source: WindowSource,
  gap: number,
): AsyncGenerator<AreaBatch, void> {
  const { capacity } = scanInfo
  let startOffset = firstOffset
  if (startOffset === capacity)
    yield { areas: [], startOffset, nextOffset: startOffset, scannedBytes: capacity, ...scanInfo }
  for await (const { areas, coveredUntil, scannedUntil } of mergeAcrossWindows(
    source.windows(startOffset, true),
    capacity,
    gap,
  )) {
    // The whole window belongs to an area whose end is not known yet.
    if (coveredUntil === startOffset) continue
    await source.confirm?.()
    yield {
      areas,
      startOffset,
      nextOffset: coveredUntil,
      scannedBytes: Math.min(scannedUntil, capacity),
      ...scanInfo,
    }
    startOffset = coveredUntil
  }
}
