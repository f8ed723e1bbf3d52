// VirtualDisk.allocatedAreas and VirtualDisk.changedAreas: the way from a disk to its areas.

import type { PlanNode } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { nodeAt, requires } from '../core/field-requirements.ts'
import { badInput } from '../errors/api-error.ts'
import { virtualMachineNode } from '../virtual-machine/virtual-disk.ts'
import { areaConnection, defaultPageSize } from './area-connection.ts'
import { statePaths } from './area-source.ts'
import { endPointChangeId, startingPointChangeId } from './starting-point.ts'

export const ChangedSince = builder.inputType('ChangedSince', {
  description: 'A starting point.',
  isOneOf: true,
  fields: (t) => ({
    changeId: t.string({
      description:
        'A changeId as it was stored; its snapshot may be gone. "*" means everything in use, as allocatedAreas. Another epoch (the part before "/"), a later number, or a number that may be of a branch that a revert discarded is CHANGE_ID_STALE. After any revert, take everything: when the snapshots of the discarded branch are gone, only the vCenter can notice it.',
    }),
    snapshot: t.id({
      description:
        'A snapshot above this one in the same tree. Not one: BAD_USER_INPUT. Gone: NOT_FOUND; pass the changeId that was stored from it.',
    }),
  }),
})

const pageArgs = {
  first: {
    description: 'How many areas at most: up to 10,000. Whether there are more, hasNextPage says.',
    defaultValue: defaultPageSize,
  },
  after: { description: 'Only what comes behind this cursor, of the same map.' },
  mergeGapsUpTo: {
    type: 'BigInt',
    description:
      'Makes one area of those with at most so many bytes between them, for copying in large blocks: a shorter list, which holds bytes that did not change. Totals and density say what the list says; a cursor belongs to it.',
    defaultValue: 0,
  },
} as const

/** Whether the virtual machine can be tracked; and of a live disk whether it may be asked at all. */
const requiresAreas = requires((cursor, _args, context) => {
  assertAreasEnabled(context)
  planEndPoint(nodeAt(cursor))
  return undefined
})

function assertAreasEnabled({ changedAreasDisabledReason }: Context): void {
  if (changedAreasDisabledReason)
    throw badInput(changedAreasDisabledReason, 'Ask for them with the id of the disk: changedAreas.')
}

/** Plans what startingPointChangeId needs: it looks in the tree. */
export const planStartingPoint = (node: PlanNode) => virtualMachineNode(node).read('snapshot')

/** Plans what endPointChangeId needs. */
export function planEndPoint(node: PlanNode): void {
  virtualMachineNode(node).read('capability.changeTrackingSupported')
  if (node.type === 'VirtualMachine') node.read(...statePaths)
}

builder.objectFields('VirtualDisk', (t) => ({
  allocatedAreas: t.field({
    ...requiresAreas,
    type: 'ChangedAreaConnection',
    args: {
      first: t.arg.int(pageArgs.first),
      after: t.arg.string(pageArgs.after),
      mergeGapsUpTo: t.arg(pageArgs.mergeGapsUpTo),
    },
    description:
      'Every area in use, for a full backup: QueryChangedDiskAreas with "*". Asked only if selected. Needs change tracking, or it is CBT_NOT_ENABLED: setChangeTracking. On a live disk only while its virtual machine is powered off: else CONFLICT, take a snapshot. Needs the privilege VirtualMachine.Provisioning.DiskRandomRead.',
    resolve: (disk, args, context) => areaConnection(disk, '*', endPointChangeId(disk), args, context),
  }),
  changedAreas: t.field({
    ...requires((cursor, _args, context) => {
      assertAreasEnabled(context)
      const node = nodeAt(cursor)
      planEndPoint(node)
      planStartingPoint(node)
      return undefined
    }),
    type: 'ChangedAreaConnection',
    args: {
      since: t.arg({ type: ChangedSince, required: true, description: 'Since when.' }),
      first: t.arg.int(pageArgs.first),
      after: t.arg.string(pageArgs.after),
      mergeGapsUpTo: t.arg(pageArgs.mergeGapsUpTo),
    },
    description:
      'What changed since an earlier point, for an incremental backup: QueryChangedDiskAreas. Asked only if selected. Never falls back to everything: CHANGE_ID_STALE means that nothing can be told, so take allocatedAreas. Otherwise needs what that needs: change tracking, and a snapshot or a virtual machine that is off. Needs the privilege VirtualMachine.Provisioning.DiskRandomRead.',
    resolve: async (disk, { since, ...args }, context) => {
      const end = endPointChangeId(disk)
      return areaConnection(disk, await startingPointChangeId(disk, end, since, context), end, args, context)
    },
  }),
}))
