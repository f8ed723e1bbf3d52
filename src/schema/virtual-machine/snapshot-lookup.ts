// Choosing among the snapshots of a virtual machine.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { isSamePath } from '../../vim25/inventory-path.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { decodeId, encodeId } from '../core/ids.ts'
import { ApiError } from '../errors/api-error.ts'
import { type SnapshotNode, snapshotsOf } from './snapshot-tree.ts'

export const SnapshotLookup = builder.inputType('SnapshotBy', {
  description: 'One way to tell a snapshot.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Its global id.' }),
    path: t.string({
      description:
        'The names from the root of the tree down to it, "base/after-patch". A / \\ or % in a name is escaped (%2f %5c %25), once or as often as Snapshot.path has it. Names are not unique.',
    }),
  }),
})

/** The snapshot that is told; undefined when there is none. A path that fits several is AMBIGUOUS. */
export function findSnapshot(
  vm: ManagedObject<'VirtualMachine'>,
  { id, path }: typeof SnapshotLookup.$inferInput,
  context: Context,
): SnapshotNode | undefined {
  if (id != null) {
    const { ref } = decodeId(context, id, ['Snapshot'])
    return snapshotsOf(vm).find(({ tree }) => tree.snapshot.value === ref.value)
  }
  if (path == null) return undefined
  const same = snapshotsOf(vm).filter((snapshot) => isSamePath(snapshot.path, path))
  const exact = same.filter((snapshot) => snapshot.path === path)
  const matching = exact.length > 0 ? exact : same
  if (matching.length > 1) {
    throw new ApiError('AMBIGUOUS', `the path ${JSON.stringify(path)} fits ${matching.length} snapshots`, {
      candidates: matching
        .slice(0, 20)
        .map((snapshot) => ({ id: encodeId(context, snapshot.tree.snapshot), path: snapshot.path })),
      remedy: 'Ask for one of the candidates by its id.',
    })
  }
  return matching[0]
}
