// Subscription.changedAreas: the areas of one disk as they are found, window by window. The next window is asked for when the
// client has taken the one before, and nothing is kept of what was told: a map of any size takes the same memory. A live disk is
// looked at again before each batch is given out.

import type { Area } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { decodeId } from '../core/ids.ts'
import { loadDisk } from '../core/load-node.ts'
import { badInput, goneError } from '../errors/api-error.ts'
import { mappedCapacityOf, mergeGap } from './area-connection.ts'
import { mergeAcrossWindows, type WindowSource } from './area-scans.ts'
import { areaSource } from './area-source.ts'
import { ChangedSince, planEndPoint, planStartingPoint } from './changed-area-fields.ts'
import { type ChangedSinceInput, endPointChangeId, startingPointChangeId } from './starting-point.ts'

export interface AreaBatch {
  readonly areas: readonly Area[]
  readonly startOffset: number
  readonly nextOffset: number
  readonly capacity: number
  readonly changeId: string
  readonly sinceChangeId: string | null
}

builder.objectType('ChangedAreaBatch', {
  description:
    'All areas that begin in [startOffset, nextOffset), and end there too: in order, disjoint, merged and clipped to the capacity. The batches follow each other without a gap.',
  fields: (t) => ({
    areas: t.field({
      type: ['ChangedArea'],
      nullable: { list: false, items: false },
      description: 'The areas, in order. None is legal: nothing is in use there, or has changed.',
      resolve: ({ areas }, _args, { bulkLists }, info) => bulkLists.defer(areas, (area) => area, info),
    }),
    startOffset: t.expose('startOffset', {
      type: 'BigInt',
      nullable: false,
      description: 'Where it begins: nextOffset of the batch before.',
    }),
    nextOffset: t.expose('nextOffset', {
      type: 'BigInt',
      nullable: false,
      description:
        'How far the disk is covered. As startOffset it resumes from here, on a disk in a snapshot.',
    }),
    capacity: t.expose('capacity', {
      type: 'BigInt',
      nullable: false,
      description: 'Size of the disk in bytes: the end of the map.',
    }),
    complete: t.boolean({
      nullable: false,
      description: 'nextOffset is the capacity: the map is whole. Without such a batch it is not.',
      resolve: ({ nextOffset, capacity }) => nextOffset === capacity,
    }),
    changeId: t.exposeString('changeId', {
      description: 'The changeId of the end point: store it when the map is complete.',
    }),
    sinceChangeId: t.exposeString('sinceChangeId', {
      description: 'The changeId of the starting point; null for everything in use.',
    }),
  }),
})

builder.subscriptionField('changedAreas', (t) =>
  t.field({
    type: 'ChangedAreaBatch',
    nullable: false,
    args: {
      disk: t.arg.id({
        required: true,
        description: 'The global id of the disk, in a snapshot or as it is now.',
      }),
      since: t.arg({ type: ChangedSince, description: 'Since when; everything in use if it is not given.' }),
      startOffset: t.arg({
        type: 'BigInt',
        required: true,
        defaultValue: 0,
        description:
          'Where to begin: nextOffset of the last batch that was taken. Only 0 on a live disk, which may have changed meanwhile.',
      }),
      mergeGapsUpTo: t.arg({
        type: 'BigInt',
        required: true,
        defaultValue: 0,
        description:
          'As in VirtualDisk.changedAreas: makes one area of those with at most so many bytes between them. No batch ends within such an area or such a gap, so all batches together are what the field tells, resumed or not.',
      }),
    },
    description:
      'The areas of one disk as they are found, in order: changed since a point, or in use if none is given. QueryChangedDiskAreas, asked again when the client has taken the batch before. On a live disk only while its virtual machine is powered off, which is looked at before each batch: all up to a CONFLICT is worthless. Ends when the map is complete, or with the error that changedAreas and allocatedAreas would give.',
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
  await context.vcenter.session.ensureLogin(context.callOptions)
  const decoded = decodeId(context, id, ['VirtualDisk'])
  const disk = await loadDisk(decoded, context.reader, (node) => {
    planEndPoint(node)
    if (since) planStartingPoint(node)
  })
  if (!disk) throw goneError(`disk ${decoded.diskKey} of ${decoded.ref.value}`)
  const changeId = endPointChangeId(disk)
  const start = since ? await startingPointChangeId(disk, changeId, since, context) : '*'
  const capacity = mappedCapacityOf(disk)
  if (startOffset < 0 || startOffset > capacity)
    throw badInput(`startOffset is ${startOffset}, but the disk has the bytes from 0 to ${capacity}`)
  // Nothing in an offset tells of which state it is.
  if (startOffset > 0 && !disk.snapshot)
    throw badInput(
      `startOffset is ${startOffset}, but a live disk may have changed since that was told`,
      'Begin at 0, or take a snapshot and ask the disk in it.',
    )
  const scanInfo = { capacity, changeId, sinceChangeId: start === '*' ? null : start }
  return batches(startOffset, scanInfo, areaSource(disk, start, capacity, context), mergeGap(mergeGapsUpTo))
}

async function* batches(
  firstOffset: number,
  scanInfo: Pick<AreaBatch, 'capacity' | 'changeId' | 'sinceChangeId'>,
  source: WindowSource,
  gap: number,
): AsyncGenerator<AreaBatch, void> {
  const { capacity } = scanInfo
  let startOffset = firstOffset
  if (startOffset === capacity) yield { areas: [], startOffset, nextOffset: startOffset, ...scanInfo }
  for await (const { areas, coveredUntil } of mergeAcrossWindows(
    source.windows(startOffset, true),
    capacity,
    gap,
  )) {
    // All of the window belongs to an area whose end is not known yet.
    if (coveredUntil === startOffset) continue
    await source.confirm?.()
    yield { areas, startOffset, nextOffset: coveredUntil, ...scanInfo }
    startOffset = coveredUntil
  }
}
