// Shared by the mutations that start a task: the waitSeconds argument, running the task, and the fields of their payloads.

import type { GraphQLResolveInfo } from 'graphql'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { loadReference } from '../core/nodes/load-node.ts'
import { badInput } from '../errors/api-error.ts'
import { awaitTask, type TaskCall, type TaskMethod } from '../tasks/run-task.ts'
import { describeConflict, startTaskDescribingConflict } from './send-change.ts'

builder.mutationType({
  description:
    'Operations that change the vCenter. If one mutation field fails, the other fields of the operation still take effect.',
})

/** The source of a payload: the last known state of the task, and a reader without data from before the change. */
export interface TaskOutcome {
  readonly task: TaskInfo
  readonly reader: InventoryReader
}

export interface TaskPayload extends TaskOutcome {
  readonly vm: ManagedObjectReference
}

/** The options of the `waitSeconds` field of inputs. */
export const waitSecondsOptions = {
  required: true,
  defaultValue: 30,
  description:
    'How long to wait for the task, in seconds, 0 to 600. If the task has not ended by then, the payload has its current state, without an error.',
} as const

/** @throws ApiError BAD_USER_INPUT if the value is out of range */
export function assertWaitSeconds(waitSeconds: number): void {
  if (waitSeconds < 0 || waitSeconds > 600)
    throw badInput(`waitSeconds is ${waitSeconds}, but must be from 0 to 600`)
}

/** The options of the `task` field of payloads, except its description. */
export const taskOptions = {
  type: 'Task',
  nullable: false,
  resolve: ({ task }: TaskOutcome) => task,
} as const

/** The options of the `virtualMachine` field of payloads. */
export const virtualMachineOptions = {
  ...noRequirements,
  type: 'VirtualMachine',
  description: 'The virtual machine, read after the task.',
  resolve: async (
    { vm, reader }: Pick<TaskPayload, 'vm' | 'reader'>,
    _: object,
    context: Context,
    info: GraphQLResolveInfo,
  ) => ((await loadReference(vm, context, info, reader)) ?? null) as ManagedObject<'VirtualMachine'> | null,
} as const

/**
 * Starts a task and waits until it has ended, but at most `waitSeconds`.
 * @throws TaskError if the task ends with an error
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
