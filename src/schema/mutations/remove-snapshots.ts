// removeSnapshot and removeAllSnapshots: RemoveSnapshot_Task and RemoveAllSnapshots_Task, and which snapshots are gone by them.

import { readOr } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { planSelection } from '../../planner/selection.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { requiresPaths } from '../core/field-requirements.ts'
import { encodeId } from '../core/ids.ts'
import { verifyRemove, verifyRemoveAll } from '../tasks/effect-checks.ts'
import { type SnapshotNode, snapshotsOf } from '../virtual-machine/snapshot-tree.ts'
import { requireId, requireVirtualMachine, virtualMachineArgOptions, virtualMachineOf } from './targets.ts'
import {
  assertWaitSeconds,
  runTask,
  type TaskPayload,
  taskOptions,
  virtualMachineOptions,
  waitSecondsOptions,
} from './task-mutation.ts'

export interface RemovedSnapshots extends TaskPayload {
  /** Those that were to go, as the tree was before. Asked only if it was read. */
  readonly targets: () => readonly SnapshotNode[]
}

const consolidateOptions = {
  defaultValue: true,
  description:
    'Whether the disk files are merged too. Without it the task is short, and the virtual machine is left with files that need consolidateDisks.',
} as const

const RemoveSnapshotInput = builder.inputType('RemoveSnapshotInput', {
  description: 'Which snapshot to remove, and how.',
  fields: (t) => ({
    snapshot: t.id({ required: true, description: 'The global id of the snapshot.' }),
    removeChildren: t.boolean({
      defaultValue: false,
      description: 'Whether all that were taken on it go too. Without it they move up to its parent.',
    }),
    consolidate: t.boolean(consolidateOptions),
    waitSeconds: t.int(waitSecondsOptions),
  }),
})

const RemoveAllSnapshotsInput = builder.inputType('RemoveAllSnapshotsInput', {
  description: 'Which virtual machine’s snapshots to remove, and how.',
  fields: (t) => ({
    virtualMachine: t.field(virtualMachineArgOptions),
    consolidate: t.boolean(consolidateOptions),
    waitSeconds: t.int(waitSecondsOptions),
  }),
})

/** Its plan stands at the virtual machine as it is before: the tree is read there only if this is selected. */
const removedSnapshotIdsOptions = {
  ...requiresPaths('snapshot'),
  nullable: { list: true, items: false },
  description:
    'The global ids of the snapshots that are gone by it: in the tree before, and not after. Null until the task has succeeded.',
  resolve: async ({ task, vm, reader, targets }: RemovedSnapshots, _: object, context: Context) => {
    if (task.state !== 'success') return null
    const after = await reader.object(vm, new PlanNode('VirtualMachine', 'snapshot'))
    const remaining = new Set(after && snapshotsOf(after).map(({ tree }) => tree.snapshot.value))
    return targets()
      .map(({ tree }) => tree.snapshot)
      .filter(({ value }) => !remaining.has(value))
      .map((ref) => encodeId(context, ref))
  },
} as const

builder.objectType('RemoveSnapshotPayload', {
  description: 'The task, and what is gone by it.',
  fields: (t) => ({
    task: t.field({ ...taskOptions, description: 'The task of RemoveSnapshot_Task.' }),
    removedSnapshotIds: t.idList(removedSnapshotIdsOptions),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.objectType('RemoveAllSnapshotsPayload', {
  description: 'The task, and what is gone by it.',
  fields: (t) => ({
    task: t.field({ ...taskOptions, description: 'The task of RemoveAllSnapshots_Task.' }),
    removedSnapshotIds: t.idList(removedSnapshotIdsOptions),
    virtualMachine: t.field(virtualMachineOptions),
  }),
})

builder.mutationField('removeSnapshot', (t) =>
  t.field({
    type: 'RemoveSnapshotPayload',
    args: { input: t.arg({ type: RemoveSnapshotInput, required: true, description: 'What to remove.' }) },
    description:
      'Removes a snapshot: RemoveSnapshot_Task. The virtual machine’s disks keep what they hold, and a stored changeId stays valid. Needs the privilege VirtualMachine.State.RemoveSnapshot.',
    resolve: async (_root, { input }, context, info) => {
      const { waitSeconds } = input
      assertWaitSeconds(waitSeconds)
      const snapshot = await requireId(input.snapshot, 'Snapshot', context)
      const removeChildren = input.removeChildren ?? false
      const before = await virtualMachineOf(snapshot, context, (node) => {
        planSelection(info, 'RemoveSnapshotPayload', node, context)
        if (removeChildren) node.read('snapshot')
      })
      const args = { removeChildren, consolidate: input.consolidate ?? true }
      const targets = () => {
        const target = snapshotsOf(before).filter(({ tree }) => tree.snapshot.value === snapshot.value)
        return removeChildren ? target.flatMap(subtreeOf) : target
      }
      const descendants = removeChildren ? readOr(targets, []).map(({ tree }) => tree.snapshot) : []
      const effectCheck = verifyRemove(before.ref, [snapshot, ...descendants], context)
      const outcome = await runTask(
        { method: 'RemoveSnapshot_Task', self: snapshot, args, effectCheck, waitSeconds },
        context,
      )
      return { vm: before.ref, ...outcome, targets }
    },
  }),
)

builder.mutationField('removeAllSnapshots', (t) =>
  t.field({
    type: 'RemoveAllSnapshotsPayload',
    args: { input: t.arg({ type: RemoveAllSnapshotsInput, required: true, description: 'Of what.' }) },
    description:
      'Removes all snapshots of a virtual machine: RemoveAllSnapshots_Task. Succeeds where there are none. Needs the privilege VirtualMachine.State.RemoveSnapshot.',
    resolve: async (_root, { input }, context, info) => {
      const { waitSeconds } = input
      assertWaitSeconds(waitSeconds)
      const vm = await requireVirtualMachine(input.virtualMachine, context)
      const node = new PlanNode('VirtualMachine')
      planSelection(info, 'RemoveAllSnapshotsPayload', node, context)
      const before = node.isNeeded ? await context.freshReader().object(vm, node) : undefined
      const args = { consolidate: input.consolidate ?? true }
      const effectCheck = verifyRemoveAll(vm, context)
      const outcome = await runTask(
        { method: 'RemoveAllSnapshots_Task', self: vm, args, effectCheck, waitSeconds },
        context,
      )
      return { vm, ...outcome, targets: () => (before ? snapshotsOf(before) : []) }
    },
  }),
)

const subtreeOf = (snapshot: SnapshotNode): SnapshotNode[] => [
  snapshot,
  ...snapshot.children.flatMap(subtreeOf),
]
