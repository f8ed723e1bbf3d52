// Declares the mutations that start one task: their argument waitSeconds, how the task is run, and the fields of their payloads.

import type { InputFieldMap, InputShapeFromFields } from '@pothos/core'
import type { GraphQLResolveInfo } from 'graphql'
import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import type { Context, VCenterContext } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { loadReference } from '../core/nodes/load-node.ts'
import { badInput } from '../errors/api-error.ts'
import { awaitTask, type TaskCall, type TaskMethod } from '../tasks/run-task.ts'
import { declareMutation, type InputOptions, type PayloadFields } from './declare-mutation.ts'
import { describeConflict, startTaskDescribingConflict } from './send-change.ts'

/** The last known state of a task, and a reader without data from before the change. */
interface TaskOutcome {
  readonly task: TaskInfo
  readonly reader: InventoryReader
}

/** The source of a payload. */
export interface TaskPayload extends TaskOutcome {
  readonly vm: ManagedObjectReference
}

/** What a mutation has prepared: the virtual machine that it changes, the call, and the context of its vCenter. */
interface Change<M extends TaskMethod> {
  readonly vm: ManagedObjectReference
  readonly call: Omit<TaskCall<M>, 'deadline'>
  readonly context: VCenterContext
}

interface TaskMutationOptions<
  Fields extends InputFieldMap,
  M extends TaskMethod,
  Prepared extends Change<M>,
> {
  readonly description: string
  readonly input: InputOptions<Fields>
  /** Checks the input and finds the target, before anything is changed. Its result is part of the payload's source. */
  readonly prepare: (
    input: InputShapeFromFields<Fields>,
    context: Context,
    info: GraphQLResolveInfo,
  ) => Promise<Prepared>
  readonly payload: {
    readonly description: string
    /** The description of the field `task`. */
    readonly task: string
    /** Fields beside the task and the virtual machine. */
    readonly fields?: PayloadFields<Prepared & TaskPayload>
  }
}

/** Declares a mutation that starts one task and waits for it, at most `waitSeconds`. */
export function taskMutation<Fields extends InputFieldMap, M extends TaskMethod, Prepared extends Change<M>>(
  name: string,
  { description, input, prepare, payload }: TaskMutationOptions<Fields, M, Prepared>,
): void {
  declareMutation(name, {
    description,
    input: {
      ...input,
      fields: (t) => ({ ...input.fields(t), waitSeconds: t.int(waitSecondsOptions) }),
    },
    resolve: async (values, context, info) => {
      const { waitSeconds } = values as { readonly waitSeconds: number }
      assertWaitSeconds(waitSeconds)
      const prepared = await prepare(values as never, context, info)
      return { ...prepared, ...(await runTask({ ...prepared.call, waitSeconds }, prepared.context)) }
    },
    payload: {
      description: payload.description,
      fields: (t) => ({
        task: t.field({
          type: 'Task',
          nullable: false,
          description: payload.task,
          resolve: ({ task, reader }) => ({ ...task, source: reader.source }),
        }),
        ...payload.fields?.(t),
        virtualMachine: t.field(virtualMachineOptions),
      }),
    },
  })
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
    throw badInput(
      `waitSeconds is ${waitSeconds}, but must be from 0 to 600`,
      'A change that takes longer continues after the response, so a shorter wait is no problem. Omit waitSeconds for the default.',
    )
}

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
  ) => ((await loadReference(vm, reader, context, info)) ?? null) as ManagedObject<'VirtualMachine'> | null,
} as const

/**
 * Starts a task and waits until it has ended, but at most `waitSeconds`.
 * @throws TaskError if the task ends with an error
 */
export async function runTask<M extends TaskMethod>(
  { waitSeconds, ...call }: Omit<TaskCall<M>, 'deadline'> & { readonly waitSeconds: number },
  context: VCenterContext,
): Promise<TaskOutcome> {
  const deadline = performance.now() + waitSeconds * 1_000
  const ref = await startTaskDescribingConflict({ ...call, deadline }, context)
  const reader = context.vcenter.resetReader()
  const task = await awaitTask(ref, deadline - performance.now(), call.effectCheck, reader, context)
  if (task.error) return describeConflict(new TaskError(ref, task.error, task.descriptionId), context)
  return { task, reader }
}
