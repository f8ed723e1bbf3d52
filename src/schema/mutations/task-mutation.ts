// What the mutations that start a task have in common: how long the answer may wait, the task from its call to its end,
// and what their payloads have of it.

import type { GraphQLResolveInfo } from 'graphql'
import type { ManagedObject } from '../../planner/managed-object.ts'
import type { Reader } from '../../planner/inventory-reader.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import { badInput } from '../errors/api-error.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { needsNothing } from '../core/field-requirements.ts'
import { loadNode } from '../core/load-node.ts'
import { awaitTask, type TaskCall, type TaskMethod } from '../tasks/run-task.ts'
import { sayWhatIsInTheWay, sendTask } from './send-change.ts'

builder.mutationType({
  description: 'What changes something. Each fails alone: the others of the operation stand.',
})

/** What a payload is read from: the task as it ended, or stands, and a reader that knows nothing from before. */
export interface TaskOutcome {
  readonly task: TaskInfo
  readonly reader: Reader
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

export function checkWaitSeconds(waitSeconds: number): void {
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
  ...needsNothing,
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
  { waitSeconds, ...change }: Omit<TaskCall<M>, 'deadline'> & { readonly waitSeconds: number },
  context: Context,
): Promise<TaskOutcome> {
  const deadline = performance.now() + waitSeconds * 1_000
  const ref = await sendTask({ ...change, deadline }, context)
  const reader = context.renewReader()
  const task = await awaitTask(ref, deadline - performance.now(), change.traces, reader, context)
  if (task.error) return sayWhatIsInTheWay(new TaskError(ref, task.error), context)
  return { task, reader }
}
