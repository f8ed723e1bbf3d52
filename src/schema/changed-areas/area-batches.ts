// Subscription.changedAreas: the areas of one disk as they are found, window by window. The next window is asked for when the
// client has taken the one before, and nothing is kept of what was told: a map of any size takes the same memory. A live disk is
// looked at again before each batch is given out.

import type { Area } from '../../vim25/changed-disk-areas/changed-disk-areas.ts'
import { badInput, noLongerThere } from '../errors/api-error.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { decodeId } from '../core/ids.ts'
import { loadDisk } from '../core/load-node.ts'
import { gapOf, mappedCapacityOf } from './area-connection.ts'
import { type WindowSource, wholeAreas } from './area-scans.ts'
import { areaSource } from './area-source.ts'
import { ChangedSince, readForEndPoint, readForStartingPoint } from './changed-area-fields.ts'
import { endPoint, type Since, startingPoint } from './starting-point.ts'

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
      resolve: ({ areas }, _args, { plainLists }, info) => plainLists.give(areas, (area) => area, info),
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
    subscribe: (_root, { disk, ...args }, context) => follow(disk, args, context),
    resolve: (batch) => batch,
  }),
)

interface Args {
  readonly since?: Since | null | undefined
  readonly startOffset: number
  readonly mergeGapsUpTo: number
}

async function follow(
  id: string,
  { since, startOffset, mergeGapsUpTo }: Args,
  context: Context,
): Promise<AsyncGenerator<AreaBatch, void>> {
  await context.vcenter.session.loggedIn(context.scope)
  const identified = decodeId(context, id, ['VirtualDisk'])
  const disk = await loadDisk(identified, context.reader, (node) => {
    readForEndPoint(node)
    if (since) readForStartingPoint(node)
  })
  if (!disk) throw noLongerThere(`disk ${identified.diskKey} of ${identified.ref.value}`)
  const changeId = endPoint(disk)
  const start = since ? await startingPoint(disk, changeId, since, context) : '*'
  const capacity = mappedCapacityOf(disk)
  if (startOffset < 0 || startOffset > capacity)
    throw badInput(`startOffset is ${startOffset}, but the disk has the bytes from 0 to ${capacity}`)
  // Nothing in an offset tells of which state it is.
  if (startOffset > 0 && !disk.snapshot)
    throw badInput(
      `startOffset is ${startOffset}, but a live disk may have changed since that was told`,
      'Begin at 0, or take a snapshot and ask the disk in it.',
    )
  const facts = { capacity, changeId, sinceChangeId: start === '*' ? null : start }
  return batches(startOffset, facts, areaSource(disk, start, capacity, context), gapOf(mergeGapsUpTo))
}

async function* batches(
  from: number,
  facts: Pick<AreaBatch, 'capacity' | 'changeId' | 'sinceChangeId'>,
  source: WindowSource,
  gap: number,
): AsyncGenerator<AreaBatch, void> {
  const { capacity } = facts
  let startOffset = from
  if (startOffset === capacity) yield { areas: [], startOffset, nextOffset: startOffset, ...facts }
  for await (const { areas, covered } of wholeAreas(source.windows(startOffset, true), capacity, gap)) {
    // All of the window belongs to an area whose end is not known yet.
    if (covered === startOffset) continue
    await source.confirm?.()
    yield { areas, startOffset, nextOffset: covered, ...facts }
    startOffset = covered
  }
}
