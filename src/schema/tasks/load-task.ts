// Loads the current state of a task.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'

/** A task with the inventory source of its vCenter. */
export interface SourcedTask extends TaskInfo {
  readonly source: object
}

/** Loads the current state of a task; undefined if vCenter no longer has it. */
export async function loadTask(
  ref: ManagedObjectReference,
  reader: InventoryReader,
): Promise<SourcedTask | undefined> {
  const task = await reader.object(ref, new PlanNode('Task', 'info'))
  return task && sourcedTask(task, reader)
}

/** Returns the task of a managed object whose `info` was read. */
export function sourcedTask(task: ManagedObject<'Task'>, reader: InventoryReader): SourcedTask | undefined {
  const info = task.read('info')
  return info && { ...info, source: reader.source }
}
