// The snapshot fields of VirtualMachine: lists of its snapshots, and the lookup of one.

import { snapshotTree } from '../../../planner/edges.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import { builder } from '../../builder.ts'
import { filterArg, filteredList, orderByArg } from '../../core/connections/filtered-list.ts'
import { nodeAt, requires } from '../../core/field-requirements.ts'
import { findSnapshot, SnapshotLookup } from './snapshot-lookup.ts'
import { currentSnapshotOf, rootSnapshotsOf, snapshotsOf } from './snapshot-tree.ts'

/** Plans the selection on the snapshot objects of the tree. The tree itself is in the property `snapshot`. */
const requiresSnapshots = requires((position) => nodeAt(position).follow(snapshotTree))

builder.objectFields('VirtualMachine', (t) => ({
  snapshots: t.field({
    ...filteredList({
      typeName: 'Snapshot',
      plan: (node) => node.follow(snapshotTree),
      newOwner: () => new PlanNode('VirtualMachine'),
      itemsOf: snapshotsOf,
    }),
    derives: { emptiness: 'rootSnapshot' },
    type: ['Snapshot'],
    nullable: { list: true, items: false },
    args: { filter: filterArg(t.arg, 'Snapshot'), orderBy: orderByArg(t.arg, 'Snapshot') },
    description:
      'All snapshots of the virtual machine, depth first unless `orderBy` says otherwise. Source: `snapshot.rootSnapshotList`.',
  }),
  rootSnapshots: t.field({
    ...requiresSnapshots,
    derives: { nothing: 'snapshots has them too' },
    type: ['Snapshot'],
    nullable: { list: true, items: false },
    description: 'The snapshots without a parent. Source: `snapshot.rootSnapshotList`.',
    resolve: rootSnapshotsOf,
  }),
  currentSnapshot: t.field({
    ...requiresSnapshots,
    derives: { only: 'filter' },
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
