// Task: what vSphere is doing, or did within the last ten minutes or so.

import type { GraphQLResolveInfo } from 'graphql'
import { isReference } from '../../soap/codec.ts'
import { knownValue, type ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError, VimFaultError } from '../../vim25/vim-fault-error.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { decodeId, encodeId, typeNameOf } from '../core/ids.ts'
import { loadNode, loadTask } from '../core/load-node.ts'
import { count } from '../core/units.ts'
import { ApiError, type ErrorCode, errorCodes } from '../errors/api-error.ts'
import { classifyError } from '../errors/classify-error.ts'

const TaskState = builder.enumType('TaskState', {
  description: 'TaskInfoState.',
  values: {
    QUEUED: { value: 'queued', description: 'It waits to begin.' },
    RUNNING: { value: 'running', description: 'It runs.' },
    SUCCESS: { value: 'success', description: 'It ended well.' },
    ERROR: { value: 'error', description: 'It ended with an error, or was cancelled.' },
  } as const,
})

const ErrorCodeType = builder.enumType('ErrorCode', {
  description: 'The codes of errors[].extensions.code. Clients tolerate new ones.',
  values: Object.fromEntries(
    Object.entries(errorCodes).map(([code, description]) => [code, { description }]),
  ) as Record<ErrorCode, { description: string }>,
})

builder.objectType('Task', {
  description: 'A task of the vCenter. vim25: TaskInfo.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'The global id.',
      resolve: ({ task }, _, context) => encodeId(context, task),
    }),
    moid: t.string({
      nullable: false,
      description: 'The managed object id, such as task-73.',
      resolve: ({ task }) => task.value,
    }),
    operation: t.exposeString('descriptionId', {
      nullable: false,
      description: 'descriptionId, such as VirtualMachine.createSnapshot.',
    }),
    state: t.field({
      type: TaskState,
      nullable: false,
      description: 'state.',
      resolve: ({ state }) => {
        const known = knownValue('TaskInfoState', state)
        if (known) return known
        throw new ApiError('VSPHERE_FAULT', `the vCenter tells a task state that is not known here: ${state}`)
      },
    }),
    progress: t.int({
      description: 'progress in percent, while it runs and if it is reported; 100 when it has succeeded.',
      resolve: ({ state, progress }) => (state === 'success' ? 100 : count(progress ?? -1)),
    }),
    queuedAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'queueTime.',
      resolve: ({ queueTime }) => queueTime,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'startTime.',
      resolve: ({ startTime }) => startTime ?? null,
    }),
    completedAt: t.field({
      type: 'DateTime',
      description: 'completeTime.',
      resolve: ({ completeTime }) => completeTime ?? null,
    }),
    cancelable: t.exposeBoolean('cancelable', {
      nullable: false,
      description: 'cancelable: whether it can be cancelled.',
    }),
    canceled: t.exposeBoolean('cancelled', {
      nullable: false,
      description: 'cancelled: whether someone asked for it to be.',
    }),
    entity: t.field({
      ...noRequirements,
      type: 'Node',
      description: 'entity: what it works on. Null where the schema has no such type.',
      resolve: ({ entity }, _, context, info) => loadReference(entity, context, info),
    }),
    result: t.field({
      ...noRequirements,
      type: 'Node',
      description:
        'result, where it is an object: the snapshot that a createSnapshot made. Null before it has succeeded.',
      resolve: ({ result }, _, context, info) =>
        loadReference(isReference(result) ? result : undefined, context, info),
    }),
    error: t.field({
      type: 'TaskError',
      description: 'error: why it failed.',
      resolve: (info) => (info.error ? info : null),
    }),
  }),
})

builder.objectType('TaskError', {
  description: 'Why a task failed, in the same terms as errors[].extensions. vim25: LocalizedMethodFault.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCodeType,
      nullable: false,
      description: 'For programs.',
      resolve: (info) => classifiedError(info).code,
    }),
    fault: t.string({
      description: 'The vim25 type of the fault.',
      resolve: (info) => classifiedError(info).fault ?? null,
    }),
    message: t.string({
      nullable: false,
      description: 'localizedMessage, in the language of the vCenter.',
      resolve: (info) => classifiedError(info).message ?? 'the task failed',
    }),
    retryable: t.boolean({
      nullable: false,
      description: 'Whether the same may succeed if it is asked again.',
      resolve: (info) => classifiedError(info).retryable ?? false,
    }),
    remedy: t.string({
      description: 'What to do about it.',
      resolve: (info) => classifiedError(info).remedy ?? null,
    }),
  }),
})

const classifiedError = ({ task, error }: TaskInfo) => classifyError(error && new TaskError(task, error))

const loadReference = async (
  ref: ManagedObjectReference | undefined,
  context: Context,
  info: GraphQLResolveInfo,
) => (ref && typeNameOf({ ref }) ? ((await loadNode({ ref }, context, info)) ?? null) : null)

builder.queryField('task', (t) =>
  t.field({
    type: 'Task',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    description:
      'A task as it is now. Null when the vCenter has forgotten it, about ten minutes after its end.',
    resolve: async (_root, { id }, context) => {
      await context.vcenter.session.ensureLogin(context.callOptions)
      const { ref } = decodeId(context, id, ['Task'])
      return (await loadTask(ref, context.reader)) ?? null
    },
  }),
)

builder.subscriptionField('task', (t) =>
  t.field({
    type: 'Task',
    nullable: false,
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    description:
      'The task now, then at each change, until it has ended. Whoever is slow is told the newest state alone. NOT_FOUND when the vCenter has forgotten it.',
    subscribe: async (_root, { id }, context) => {
      await context.vcenter.session.ensureLogin(context.callOptions)
      const { ref } = decodeId(context, id, ['Task'])
      return followTask(ref, context)
    },
    resolve: (task) => task,
  }),
)

async function* followTask(task: ManagedObjectReference, context: Context): AsyncGenerator<TaskInfo> {
  const { vcenter, callOptions } = context
  let last: TaskInfo | undefined
  try {
    for await (const state of vcenter.tasks.follow(task, callOptions.signal)) {
      last = state
      yield state
    }
  } catch (error) {
    const isForgotten = error instanceof VimFaultError && error.is('ManagedObjectNotFound')
    if (!isForgotten || !last) throw error
    throw new ApiError(
      'OUTCOME_UNKNOWN',
      `the vCenter does not know ${task.value} any more: it was ${last.state} when it was last seen`,
      {
        task: { id: encodeId(context, task), moid: task.value },
        remedy: 'Look at what it worked on before you try again.',
      },
      { cause: error },
    )
  }
}
