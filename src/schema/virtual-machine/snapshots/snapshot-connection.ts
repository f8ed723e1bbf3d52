// The connection of the snapshots of all virtual machines. They are parts of their machines: a scan reads the snapshot trees.

import { snapshotTree } from '../../../planner/edges.ts'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import type { Parts } from '../../../planner/plan-node.ts'
import { builder } from '../../builder.ts'
import { inventoryPage } from '../../core/connections/connection-field.ts'
import { namedConnection } from '../../core/connections/named-connection.ts'
import { type SnapshotNode, snapshotsOf } from './snapshot-tree.ts'

const snapshotParts: Parts = {
  plan: (machine) => machine.follow(snapshotTree),
  of: (machine) => snapshotsOf(machine as ManagedObject<'VirtualMachine'>),
  moid: ({ tree }: SnapshotNode) => tree.snapshot.value,
}

const snapshots = namedConnection({
  type: 'Snapshot',
  label: 'snapshot',
  defaultOrder: { field: 'CREATED_AT' },
  hasStatistics: true,
})

const allSnapshots = snapshots.declarationOf({
  name: 'Snapshot',
  type: 'VirtualMachine',
  parts: snapshotParts,
})

builder.queryField('snapshots', (t) =>
  t.field({
    type: snapshots.type,
    args: snapshots.args(t.arg),
    description:
      'The snapshots of all virtual machines, page by page. The scan reads the snapshot tree of each machine. Machines whose snapshots cannot be read make the coverage incomplete.',
    resolve: (_root, args, context, info) => inventoryPage(allSnapshots, args, context, info),
  }),
)
