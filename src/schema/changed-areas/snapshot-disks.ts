// Reads the frozen configuration of another snapshot of the tree, where the request has not read it yet.

import { PlanNode } from '../../planner/plan-node.ts'
import type { Context } from '../context.ts'
import { devicePath } from '../virtual-machine/disk.ts'
import type { SnapshotOnVm } from '../virtual-machine/snapshot-tree.ts'

/** Returns the snapshot with its disks loaded; undefined if it no longer exists. */
export async function withDisks(
  snapshot: SnapshotOnVm,
  { reader }: Context,
): Promise<SnapshotOnVm | undefined> {
  if (snapshot.object.wasTold(devicePath)) return snapshot
  const plan = new PlanNode('VirtualMachineSnapshot', devicePath)
  const object = await reader.object(snapshot.tree.snapshot, plan)
  return object && { ...snapshot, object }
}
