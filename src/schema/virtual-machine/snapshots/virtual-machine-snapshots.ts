// The snapshot fields of VirtualMachine: lists of its snapshots, and the lookup of one.

import { snapshotTree } from '../../../planner/edges.ts'
import { builder } from '../../builder.ts'
import { nodeAt, requires } from '../../core/field-requirements.ts'
import { globMatcher, nameGlobDescription } from '../../core/glob.ts'
import { findSnapshot, SnapshotLookup } from './snapshot-lookup.ts'
import { currentSnapshotOf, rootSnapshotsOf, snapshotsOf } from './snapshot-tree.ts'

/** Plans the selection on the snapshot objects of the tree. The tree itself is in the property `snapshot`. */
const requiresSnapshots = requires((position) => nodeAt(position).follow(snapshotTree))

builder.objectFields('VirtualMachine', (t) => ({
  snapshots: t.field({
    ...requiresSnapshots,
    type: ['Snapshot'],
    nullable: { list: true, items: false },
    args: {
      name: t.arg.string({ description: nameGlobDescription }),
      olderThan: t.arg({
        type: 'DateTime',
        description: 'Returns only snapshots that were created before this time.',
      }),
    },
    description: 'All snapshots of the virtual machine, depth first. Source: `snapshot.rootSnapshotList`.',
    resolve: (vm, { name, olderThan }) => {
      const matches = name == null ? () => true : globMatcher(name)
      return snapshotsOf(vm).filter(
        (snapshot) => matches(snapshot.name) && (!olderThan || snapshot.tree.createTime < olderThan),
      )
    },
  }),
  rootSnapshots: t.field({
    ...requiresSnapshots,
    type: ['Snapshot'],
    nullable: { list: true, items: false },
    description: 'The snapshots without a parent. Source: `snapshot.rootSnapshotList`.',
    resolve: rootSnapshotsOf,
  }),
  currentSnapshot: t.field({
    ...requiresSnapshots,
    type: 'Snapshot',
    description:
      'The snapshot that the current state of the virtual machine is based on. Null without snapshots. Source: `snapshot.currentSnapshot`.',
    resolve: (vm) => currentSnapshotOf(vm) ?? null,
  }),
  snapshot: t.field({
    ...requiresSnapshots,
    type: 'Snapshot',
    args: { by: t.arg({ type: SnapshotLookup, required: true, description: 'The snapshot to look up.' }) },
    description:
      'Finds one snapshot. Returns null if no snapshot matches, and the error AMBIGUOUS with the candidates if several have the path.',
    resolve: (vm, { by }, context) => findSnapshot(vm, by, context) ?? null,
  }),
}))
