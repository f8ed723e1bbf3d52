// The tasks that run on inventory objects or ended recently: one retrieval for the tasks of all objects of a page.

import { type BatchLoader, createBatchLoader } from '../../planner/batch-loader.ts'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { comparePositions } from '../../vim25/history/history-search.ts'
import { positionOf } from '../../vim25/history/task-search.ts'
import { builder } from '../builder.ts'
import { requiresPaths } from '../core/field-requirements.ts'
import { type SourcedTask, sourcedTask } from './load-task.ts'

builder.interfaceField('ManagedEntity', 'recentTasks', (t) =>
  t.field({
    ...requiresPaths('recentTask'),
    derives: { nothing: 'they are read with one retrieval more' },
    type: ['Task'],
    description:
      'Tasks that run on the object itself, and those that ended in about the last ten minutes, the last queued first. Only those that the account may see. One retrieval more for all objects of a page. Source: `recentTask`.',
    resolve: (object, _args, { vcenters }) => recentTasksOf(object, vcenters.of(object).reader),
  }),
)

/** By reader, so that tasks which are read after a change are as new as the change. */
const loaders = new WeakMap<InventoryReader, BatchLoader<'Task'>>()

/** Reads tasks, the last queued first. A task that the vCenter has removed in between is left out. */
export async function readRecentTasks(
  refs: readonly ManagedObjectReference[],
  reader: InventoryReader,
): Promise<SourcedTask[]> {
  const load = loaders.get(reader) ?? createBatchLoader(reader, new PlanNode('Task', 'info'))
  loaders.set(reader, load)
  const tasks = (await load(refs)).flatMap((task) => sourcedTask(task, reader) ?? [])
  return tasks.sort((a, b) => comparePositions(positionOf(a), positionOf(b)))
}

/** Returns the recent tasks of an object, the last queued first. Needs the path `recentTask`. */
export const recentTasksOf = (object: ManagedObject, reader: InventoryReader): Promise<SourcedTask[]> =>
  readRecentTasks((object as ManagedObject<'VirtualMachine'>).read('recentTask') ?? [], reader)
