// Loads the disks of another snapshot of the tree, unless the request has already read them.

import { PlanNode } from '../../planner/plan-node.ts'
import type { Context } from '../context.ts'
import { diskDevices } from '../virtual-machine/disks/disk.ts'
import type { SnapshotNode } from '../virtual-machine/snapshots/snapshot-tree.ts'

/** Returns the snapshot with its disks loaded; undefined if it no longer exists. */
export async function loadFrozenDisks(
  snapshot: SnapshotNode,
  { vcenters }: Context,
): Promise<SnapshotNode | undefined> {
  if (snapshot.object.wasReturned(diskDevices)) return snapshot
  const plan = new PlanNode('VirtualMachineSnapshot', diskDevices)
  const { reader } = vcenters.of(snapshot.vm)
  const object = await reader.object(snapshot.tree.snapshot, plan)
  return object && { ...snapshot, object }
}
