// What the mutations that start a task have in common: how long the answer may wait, the task from its call to its end,
// and what their payloads have of it.

import type { GraphQLResolveInfo } from 'graphql'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { loadNode } from '../core/load-node.ts'
import { badInput } from '../errors/api-error.ts'
import { awaitTask, type TaskCall, type TaskMethod } from '../tasks/run-task.ts'
import { describeConflict, startTaskDescribingConflict } from './send-change.ts'

builder.mutationType({
  description: 'What changes something. Each fails alone: the others of the operation stand.',
})

/** What a payload is read from: the task as it ended, or stands, and a reader that knows nothing from before. */
export interface TaskOutcome {
  readonly task: TaskInfo
  readonly reader: InventoryReader
}

export interface TaskPayload extends TaskOutcome {
  readonly vm: ManagedObjectReference
}

/** The options of an input's `waitSeconds`. */
export const waitSecondsOptions = {
  required: true,
  defaultValue: 30,
  description:
    'How long the answer may wait for the task, 0 to 600. When the time is up first, the payload has the task as it stands, and no error.',
} as const

export function assertWaitSeconds(waitSeconds: number): void {
  if (waitSeconds < 0 || waitSeconds > 600)
    throw badInput(`waitSeconds is ${waitSeconds}, but can be 0 to 600`)
}

/** The options of a payload's `task`, all but its description. */
export const taskOptions = {
  type: 'Task',
  nullable: false,
  resolve: ({ task }: TaskOutcome) => task,
} as const

/** The options of a payload's `virtualMachine`. */
export const virtualMachineOptions = {
  ...noRequirements,
  type: 'VirtualMachine',
  description: 'The virtual machine, read after the task.',
  resolve: async (
    { vm, reader }: Pick<TaskPayload, 'vm' | 'reader'>,
    _: object,
    context: Context,
    info: GraphQLResolveInfo,
  ) =>
    ((await loadNode({ ref: vm }, context, info, reader)) ?? null) as ManagedObject<'VirtualMachine'> | null,
} as const

/**
 * Starts a task and waits until it has ended, or as long as the caller wants to.
 * @throws TaskError when it ends with an error.
 */
export async function runTask<M extends TaskMethod>(
  { waitSeconds, ...call }: Omit<TaskCall<M>, 'deadline'> & { readonly waitSeconds: number },
  context: Context,
): Promise<TaskOutcome> {
  const deadline = performance.now() + waitSeconds * 1_000
  const ref = await startTaskDescribingConflict({ ...call, deadline }, context)
  const reader = context.resetReader()
  const task = await awaitTask(ref, deadline - performance.now(), call.effectCheck, reader, context)
  if (task.error) return describeConflict(new TaskError(ref, task.error), context)
  return { task, reader }
}
