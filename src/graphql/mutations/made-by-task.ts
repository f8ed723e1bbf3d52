// How a snapshot that was taken is known again when the answer that names its task was lost.

import { PlanNode } from '../../plan/plan-node.ts'
import { isReference } from '../../soap/codec.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/task-watcher.ts'
import type { Context } from '../context.ts'
import { snapshotsOf } from '../snapshot-tree.ts'

/** Whether a task made a snapshot of this name, as vSphere writes it; one that has not made any yet, or failed, can be the one. */
export async function isNamed(
  vm: ManagedObjectReference,
  { result }: TaskInfo,
  name: string,
  context: Context,
): Promise<boolean> {
  if (!isReference(result)) return true
  const machine = await context.freshReader().object(vm, new PlanNode('VirtualMachine', 'snapshot'))
  const made = machine && snapshotsOf(machine).find(({ tree }) => tree.snapshot.value === result.value)
  return made === undefined || made.tree.name === name
}
