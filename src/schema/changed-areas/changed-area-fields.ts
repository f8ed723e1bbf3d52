// The fields VirtualDisk.allocatedAreas and VirtualDisk.changedAreas.

import type { PlanNode } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import type { ArgBuilder } from '../core/connections/pagination-args.ts'
import { nodeAt, requires } from '../core/field-requirements.ts'
import { badInput } from '../errors/api-error.ts'
import { virtualMachineNode } from '../virtual-machine/disks/virtual-disk.ts'
import { areaConnection, defaultPageSize } from './area-page.ts'
import { statePaths } from './area-source.ts'
import { endPointChangeId, startingPointChangeId } from './starting-point.ts'

export const ChangedSince = builder.inputType('ChangedSince', {
  description: 'The point in time since which to report changes.',
  isOneOf: true,
  fields: (t) => ({
    changeId: t.string({
      description:
        'A stored changeId. Its snapshot may have been removed. "*" means everything in use, as in allocatedAreas. Fails with CHANGE_ID_STALE if its epoch (the part before "/") differs, its number is later, or it may belong to a branch of snapshots that a revert discarded. After any revert, read allocatedAreas instead: once the snapshots of the discarded branch are removed, only the vCenter can detect this.',
    }),
    snapshot: t.id({
      description:
        'Global id of an earlier snapshot that this state of the disk descends from. Fails with BAD_USER_INPUT if it is not an ancestor, and with NOT_FOUND if it was removed: then pass the changeId that you stored from it.',
    }),
  }),
})

export const pageArgs = (arg: ArgBuilder) => ({
  first: arg.int({
    description:
      'Maximum number of areas to return, up to 10,000. See hasNextPage for whether there are more.',
    defaultValue: defaultPageSize,
  }),
  after: arg.string({
    description:
      'Returns only the areas that follow this cursor. The cursor must belong to the same disk, starting point and mergeGapsUpTo.',
  }),
  mergeGapsUpTo: arg({
    type: 'BigInt',
    description:
      'Merges areas that are at most this many bytes apart, for copying in large blocks. The list gets shorter, but includes bytes that did not change. Also applies to the totals and to density; cursors are valid only for the same value.',
    defaultValue: 0,
  }),
})

/** Plans whether the virtual machine can be tracked, and for a live disk, whether it may be queried. */
const requiresAreas = requires((position, _args, context) => {
  assertAreasEnabled(context)
  planEndPoint(nodeAt(position))
  return undefined
})

/** @throws ApiError BAD_USER_INPUT if changed areas cannot be selected in the operation */
export function assertAreasEnabled({ changedAreasDisabledReason }: Context): void {
  if (changedAreasDisabledReason)
    throw badInput(changedAreasDisabledReason, 'Request them with the id of the disk: changedAreas.')
}

/** Plans the paths that startingPointChangeId needs: it searches the snapshot tree. */
export const planStartingPoint = (node: PlanNode) => virtualMachineNode(node).read('snapshot')

/** Plans the paths that endPointChangeId needs. */
export function planEndPoint(node: PlanNode): void {
  virtualMachineNode(node).read('capability.changeTrackingSupported')
  if (node.type === 'VirtualMachine') node.read(...statePaths)
}

builder.objectFields('VirtualDisk', (t) => ({
  allocatedAreas: t.field({
    derives: { nothing: 'it costs calls of its own for each disk' },
    ...requiresAreas,
    type: 'ChangedAreaConnection',
    args: pageArgs(t.arg),
    description:
      'Every area of the disk that is in use, for a full backup. Fails with CBT_NOT_ENABLED if change tracking is off (see setChangeTracking). A live disk can be read only while its virtual machine is powered off; otherwise it fails with CONFLICT: take a snapshot and read the disk in it. Needs the privilege VirtualMachine.Provisioning.DiskRandomRead. Source: `QueryChangedDiskAreas` with changeId "*", called only if selected.',
    resolve: (disk, args, context) => areaConnection(disk, '*', endPointChangeId(disk), args, context),
  }),
  changedAreas: t.field({
    derives: { nothing: 'it costs calls of its own for each disk' },
    ...requires((position, _args, context) => {
      assertAreasEnabled(context)
      const node = nodeAt(position)
      planEndPoint(node)
      planStartingPoint(node)
      return undefined
    }),
    type: 'ChangedAreaConnection',
    args: {
      since: t.arg({
        type: ChangedSince,
        required: true,
        description: 'The point since which to report changes.',
      }),
      ...pageArgs(t.arg),
    },
    description:
      'The areas that changed since an earlier point, for an incremental backup. Never falls back to everything in use: CHANGE_ID_STALE means that the changes cannot be determined, so read allocatedAreas. Like allocatedAreas, it needs change tracking, a disk in a snapshot or a powered-off virtual machine, and the privilege VirtualMachine.Provisioning.DiskRandomRead. Source: `QueryChangedDiskAreas`, called only if selected.',
    resolve: async (disk, { since, ...args }, context) => {
      const end = endPointChangeId(disk)
      return areaConnection(disk, await startingPointChangeId(disk, end, since, context), end, args, context)
    },
  }),
}))
