// The removeSnapshot and removeAllSnapshots mutations, by RemoveSnapshot_Task and RemoveAllSnapshots_Task. Both report which
// snapshots were removed.

import { readOr } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import type { Context } from '../context.ts'
import { requiresPaths } from '../core/field-requirements.ts'
import { encodeId } from '../core/nodes/ids.ts'
import { verifyRemove, verifyRemoveAll } from '../tasks/effect-checks.ts'
import { type SnapshotNode, snapshotByRef, snapshotsOf } from '../virtual-machine/snapshots/snapshot-tree.ts'
import {
  requireId,
  requireVirtualMachine,
  snapshotArgOptions,
  virtualMachineArgOptions,
  virtualMachineOf,
} from './targets.ts'
import { type TaskPayload, taskMutation } from './task-mutation.ts'

interface RemovedSnapshots extends TaskPayload {
  /** Returns the snapshots to remove, from the tree before the change. Call it only if the tree was read. */
  readonly targets: () => readonly SnapshotNode[]
}

const consolidateOptions = {
  defaultValue: true,
  description:
    'Whether to merge the disk files of the removed snapshots. If false, the task is short, but the virtual machine keeps files that need consolidateDisks.',
} as const

/** Requires the snapshot tree of the virtual machine before the change, so the tree is read only if this field is selected. */
const removedSnapshotIdsOptions = {
  ...requiresPaths('snapshot'),
  nullable: { list: true, items: false },
  description:
    'Global ids of the snapshots that were removed: in the tree before the task, but not after it. Null until the task has succeeded.',
  resolve: async ({ task, vm, reader, targets }: RemovedSnapshots, _: object, { vcenters }: Context) => {
    if (task.state !== 'success') return null
    const after = await reader.object(vm, new PlanNode('VirtualMachine', 'snapshot'))
    const remaining = new Set(after && snapshotsOf(after).map(({ tree }) => tree.snapshot.value))
    return targets()
      .map(({ tree }) => tree.snapshot)
      .filter(({ value }) => !remaining.has(value))
      .map((ref) => encodeId(vcenters.of(reader), ref))
  },
} as const

taskMutation('removeSnapshot', {
  description:
    'Removes a snapshot. The current data of the disks is kept, and stored changeIds stay valid. Needs the privilege VirtualMachine.State.RemoveSnapshot. Source: `RemoveSnapshot_Task`.',
  input: {
    description: 'The snapshot to remove, and how.',
    argument: 'The snapshot to remove.',
    fields: (t) => ({
      snapshot: t.id(snapshotArgOptions),
      removeChildren: t.boolean({
        defaultValue: false,
        description:
          'Whether to remove all descendants of the snapshot too. If false, its children move up to its parent.',
      }),
      consolidate: t.boolean(consolidateOptions),
    }),
  },
  prepare: async (input, requestContext, info) => {
    const { ref: snapshot, context } = await requireId(input.snapshot, 'Snapshot', requestContext)
    const removeChildren = input.removeChildren ?? false
    const before = await virtualMachineOf(snapshot, context, (node) => {
      planSelection(info, 'RemoveSnapshotPayload', node, context)
      if (removeChildren) node.read('snapshot')
    })
    const args = { removeChildren, consolidate: input.consolidate ?? true }
    const targets = () => {
      const target = snapshotByRef(before, snapshot)
      if (!target) return []
      return removeChildren ? subtreeOf(target) : [target]
    }
    const descendants = removeChildren ? readOr(targets, []).map(({ tree }) => tree.snapshot) : []
    const effectCheck = verifyRemove(before.ref, [snapshot, ...descendants], context)
    const call = { method: 'RemoveSnapshot_Task', self: snapshot, args, effectCheck } as const
    return { vm: before.ref, context, call, targets }
  },
  payload: {
    description: 'The task, and the snapshots that it removed.',
    task: 'The task that removes the snapshot. Source: `RemoveSnapshot_Task`.',
    fields: (t) => ({ removedSnapshotIds: t.idList(removedSnapshotIdsOptions) }),
  },
})

taskMutation('removeAllSnapshots', {
  description:
    'Removes all snapshots of a virtual machine. Succeeds if there are none. Needs the privilege VirtualMachine.State.RemoveSnapshot. Source: `RemoveAllSnapshots_Task`.',
  input: {
    description: 'The virtual machine whose snapshots to remove, and how.',
    argument: 'The virtual machine whose snapshots to remove.',
    fields: (t) => ({
      virtualMachine: t.field(virtualMachineArgOptions),
      consolidate: t.boolean(consolidateOptions),
    }),
  },
  prepare: async ({ virtualMachine, consolidate }, requestContext, info) => {
    const { ref: vm, context } = await requireVirtualMachine(virtualMachine, requestContext)
    const node = new PlanNode('VirtualMachine')
    planSelection(info, 'RemoveAllSnapshotsPayload', node, context)
    const before = node.isNeeded ? await context.vcenter.freshReader().object(vm, node) : undefined
    const args = { consolidate: consolidate ?? true }
    const effectCheck = verifyRemoveAll(vm, context)
    const call = { method: 'RemoveAllSnapshots_Task', self: vm, args, effectCheck } as const
    return { vm, context, call, targets: () => (before ? snapshotsOf(before) : []) }
  },
  payload: {
    description: 'The task, and the snapshots that it removed.',
    task: 'The task that removes the snapshots. Source: `RemoveAllSnapshots_Task`.',
    fields: (t) => ({ removedSnapshotIds: t.idList(removedSnapshotIdsOptions) }),
  },
})

const subtreeOf = (snapshot: SnapshotNode): SnapshotNode[] => [
  snapshot,
  ...snapshot.children.flatMap(subtreeOf),
]
