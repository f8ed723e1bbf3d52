// renameSnapshot: RenameSnapshot, the one change that is no task: it is done when vSphere answers.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { badInput, goneError } from '../errors/api-error.ts'
import { verifyRename } from '../tasks/effect-checks.ts'
import { snapshotsOf } from '../virtual-machine/snapshot-tree.ts'
import { callDescribingConflict } from './send-change.ts'
import { snapshotOptions } from './snapshot-payload.ts'
import { toVimSnapshotDescription, toVimSnapshotName } from './snapshot-text.ts'
import { requireId, virtualMachineOf } from './targets.ts'

export interface RenamedSnapshot {
  readonly snapshot: ManagedObjectReference
  readonly reader: InventoryReader
}

const RenameSnapshotInput = builder.inputType('RenameSnapshotInput', {
  description: 'Which snapshot to call what. A name or a description is needed; what is not given stays.',
  fields: (t) => ({
    snapshot: t.id({ required: true, description: 'The global id of the snapshot.' }),
    name: t.string({
      description: 'The new name, as people read it; / \\ and % are escaped for vSphere. Need not be unique.',
    }),
    description: t.string({ description: 'The new description.' }),
  }),
})

builder.objectType('RenameSnapshotPayload', {
  description: 'What was renamed.',
  fields: (t) => ({
    snapshot: t.field(
      snapshotOptions('The snapshot, as it is called now.', ({ snapshot }: RenamedSnapshot) => snapshot),
    ),
  }),
})

builder.mutationField('renameSnapshot', (t) =>
  t.field({
    type: 'RenameSnapshotPayload',
    args: { input: t.arg({ type: RenameSnapshotInput, required: true, description: 'What, and how.' }) },
    description:
      'Gives a snapshot another name, another description, or both: RenameSnapshot. Not a task. Needs the privilege VirtualMachine.State.RenameSnapshot.',
    resolve: async (_root, { input: { snapshot: id, name, description } }, context) => {
      if (name == null && description == null) throw badInput('neither a name nor a description is given')
      const args = {
        ...(name != null && { name: toVimSnapshotName(name) }),
        ...(description != null && { description: toVimSnapshotDescription(description) }),
      }
      const snapshot = await requireId(id, 'Snapshot', context)
      // Should the answer be lost, how it was called before tells whether it arrived.
      const vm = await virtualMachineOf(snapshot, context, (node) => node.read('snapshot'))
      const before = snapshotsOf(vm).find(({ tree }) => tree.snapshot.value === snapshot.value)
      if (!before) throw goneError(`Snapshot ${snapshot.value}`)
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
