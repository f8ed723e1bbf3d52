// Finds one snapshot of a virtual machine by id or by path.

import type { ManagedObject } from '../../../planner/managed-object.ts'
import { isSamePath } from '../../../vim25/inventory-path.ts'
import { builder } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { decodeId, encodeId } from '../../core/nodes/ids.ts'
import { refersTo } from '../../core/nodes/node-registry.ts'
import { onlyMatch } from '../../core/only-match.ts'
import { type SnapshotNode, snapshotsOf } from './snapshot-tree.ts'

export const SnapshotLookup = builder.inputType('SnapshotBy', {
  description: 'Identifies a snapshot by exactly one of these keys.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'Global id.' }),
    path: t.string({
      description:
        'The names from the root of the snapshot tree down to the snapshot, such as "base/after-patch". A `/`, `\\` or `%` in a name is escaped (%2f, %5c, %25), once or as often as `Snapshot.path` has it. Paths are not unique.',
    }),
  }),
})

/**
 * Finds a snapshot by id or path. A path that is equal to `Snapshot.path` takes precedence over one that differs in its escapes.
 *
 * @returns undefined if no snapshot matches
 * @throws ApiError AMBIGUOUS if several snapshots have the path
 */
export function findSnapshot(
  vm: ManagedObject<'VirtualMachine'>,
  { id, path }: typeof SnapshotLookup.$inferInput,
  context: Context,
): SnapshotNode | undefined {
  if (id != null) {
    const decoded = decodeId(context, id, ['Snapshot'])
    return snapshotsOf(vm).find(({ object }) => refersTo(decoded, object))
  }
  if (path == null) return undefined
  const same = snapshotsOf(vm).filter((snapshot) => isSamePath(snapshot.path, path))
  const exact = same.filter((snapshot) => snapshot.path === path)
  const matching = exact.length > 0 ? exact : same
  return onlyMatch(
    matching,
    (count) => `the path ${JSON.stringify(path)} matches ${count} snapshots`,
    ({ tree, path }) => ({
      id: encodeId(context.vcenters.of(vm), tree.snapshot),
      path,
    }),
  )
}
