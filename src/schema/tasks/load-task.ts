// Loads the current state of a task.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'

/** Loads the current state of a task; undefined if vCenter no longer has it. */
export async function loadTask(
  ref: ManagedObjectReference,
  reader: InventoryReader,
): Promise<TaskInfo | undefined> {
  const task = await reader.object(ref, new PlanNode('Task', 'info'))
  return task?.read('info')
}
