// The renameSnapshot mutation, by RenameSnapshot, which starts no task: the change is complete when vSphere responds.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { badInput, notFoundError } from '../errors/api-error.ts'
import { verifyRename } from '../tasks/effect-checks.ts'
import { snapshotsOf } from '../virtual-machine/snapshots/snapshot-tree.ts'
import { callDescribingConflict } from './send-change.ts'
import { toVimSnapshotDescription, toVimSnapshotName } from './snapshot-details.ts'
import { snapshotOptions } from './snapshot-payload.ts'
import { requireId, virtualMachineOf } from './targets.ts'

interface RenamedSnapshot {
  readonly snapshot: ManagedObjectReference
  readonly reader: InventoryReader
}

const RenameSnapshotInput = builder.inputType('RenameSnapshotInput', {
  description:
    'The snapshot to rename, and its new name, its new description, or both. A value that is omitted stays unchanged.',
  fields: (t) => ({
    snapshot: t.id({ required: true, description: 'Global id of the snapshot.' }),
    name: t.string({
      description:
        'New display name of the snapshot. Need not be unique. The characters / \\ and % are escaped for vSphere.',
    }),
    description: t.string({ description: 'New description of the snapshot.' }),
  }),
})

const RenameSnapshotPayload = builder.objectRef<RenamedSnapshot>('RenameSnapshotPayload').implement({
  description: 'The renamed snapshot.',
  fields: (t) => ({
    snapshot: t.field(
      snapshotOptions('The snapshot, read after the change.', ({ snapshot }: RenamedSnapshot) => snapshot),
    ),
  }),
})

builder.mutationField('renameSnapshot', (t) =>
  t.field({
    type: RenameSnapshotPayload,
    args: {
      input: t.arg({
        type: RenameSnapshotInput,
        required: true,
        description: 'The snapshot to rename, and its new name and description.',
      }),
    },
    description:
      'Changes the name of a snapshot, its description, or both. Completes without a task. Needs the privilege VirtualMachine.State.RenameSnapshot. Source: `RenameSnapshot`.',
    resolve: async (_root, { input: { snapshot: id, name, description } }, context) => {
      if (name == null && description == null) throw badInput('name or description is required')
      const args = {
        ...(name != null && { name: toVimSnapshotName(name) }),
        ...(description != null && { description: toVimSnapshotDescription(description) }),
      }
      const snapshot = await requireId(id, 'Snapshot', context)
      // If the response is lost, the previous name shows whether the call was executed.
      const vm = await virtualMachineOf(snapshot, context, (node) => node.read('snapshot'))
      const before = snapshotsOf(vm).find(({ tree }) => tree.snapshot.value === snapshot.value)
      if (!before) throw notFoundError(`Snapshot ${snapshot.value}`)
      await callDescribingConflict(
        'RenameSnapshot',
        snapshot,
        args,
        () => verifyRename(before, args, context),
        context,
      )
      return { snapshot, reader: context.resetReader() }
    },
  }),
)
