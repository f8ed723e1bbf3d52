// The renameSnapshot mutation, by RenameSnapshot, which starts no task: the change is complete when vSphere responds.

import { badInput, notFoundError } from '../errors/api-error.ts'
import { verifyRename } from '../tasks/effect-checks.ts'
import { snapshotByRef } from '../virtual-machine/snapshots/snapshot-tree.ts'
import { declareMutation } from './declare-mutation.ts'
import { callDescribingConflict } from './send-change.ts'
import { toVimSnapshotDescription, toVimSnapshotName } from './snapshot-details.ts'
import { snapshotOptions } from './snapshot-payload.ts'
import { requireId, snapshotArgOptions, virtualMachineOf } from './targets.ts'

declareMutation('renameSnapshot', {
  description:
    'Changes the name of a snapshot, its description, or both. Completes without a task. Needs the privilege VirtualMachine.State.RenameSnapshot. Source: `RenameSnapshot`.',
  input: {
    description:
      'The snapshot to rename, and its new name, its new description, or both. A value that is omitted stays unchanged.',
    argument: 'The snapshot to rename, and its new name and description.',
    fields: (t) => ({
      snapshot: t.id(snapshotArgOptions),
      name: t.string({
        description:
          'New display name of the snapshot. Need not be unique. The characters / \\ and % are escaped for vSphere.',
      }),
      description: t.string({ description: 'New description of the snapshot.' }),
    }),
  },
  resolve: async ({ snapshot: id, name, description }, requestContext) => {
    if (name == null && description == null)
      throw badInput('name or description is required', 'Pass the one that should change, or both.')
    const args = {
      ...(name != null && { name: toVimSnapshotName(name) }),
      ...(description != null && { description: toVimSnapshotDescription(description) }),
    }
    const { ref: snapshot, context } = await requireId(id, 'Snapshot', requestContext)
    // If the response is lost, the previous name shows whether the call was executed.
    const vm = await virtualMachineOf(snapshot, context, (node) => node.read('snapshot'))
    const before = snapshotByRef(vm, snapshot)
    if (!before) throw notFoundError(`Snapshot ${snapshot.value}`)
    const observe = () => verifyRename(before, args, context)
    await callDescribingConflict('RenameSnapshot', snapshot, args, observe, context)
    return { snapshot, reader: context.vcenter.resetReader() }
  },
  payload: {
    description: 'The renamed snapshot.',
    fields: (t) => ({
      snapshot: t.field(snapshotOptions('The snapshot, read after the change.', ({ snapshot }) => snapshot)),
    }),
  },
})
