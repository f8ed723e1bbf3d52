// Task: an operation that vCenter runs, or that ended within about the last ten minutes. Declares the type, its query and its
// subscription.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import { isReference } from '../../soap/codec.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'
import { operationLabels } from '../../vim25/tasks/operation-labels.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError, VimFaultError } from '../../vim25/vim-fault-error.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { decodeIdAfterLogin, encodeId } from '../core/nodes/ids.ts'
import { loadReference } from '../core/nodes/load-node.ts'
import { registerNode } from '../core/nodes/node-registry.ts'
import { nonNegativeInt } from '../core/units.ts'
import { ApiError } from '../errors/api-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import { loadTask, type SourcedTask } from '../tasks/load-task.ts'
import { initiatorOf } from '../tasks/task-initiator.ts'
import { TaskState } from '../tasks/task-state.ts'
import type { RequestVCenter } from '../vcenters.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    Task: SourcedTask
  }
}

registerNode<SourcedTask>({
  name: 'Task',
  managedTypes: ['Task'],
  isTypeOf: (value) => 'task' in value && 'state' in value,
  load: (ids, _context, _info, reader) =>
    Promise.all(ids.map(({ ref }) => loadTask(ref, reader).catch((error: Error) => error))),
})

builder.objectType('Task', {
  description: 'A long-running operation of the vCenter. vim25: `TaskInfo`.',
  interfaces: ['Node'],
  fields: (t) => ({
    id: t.id({
      nullable: false,
      description: 'Global id.',
      resolve: (info, _, { vcenters }) => encodeId(vcenters.of(info), info.task),
    }),
    moid: t.string({
      nullable: false,
      description: 'Managed object id, such as `task-73`.',
      resolve: ({ task }) => task.value,
    }),
    operation: t.exposeString('descriptionId', {
      nullable: false,
      description: 'The operation, such as `VirtualMachine.createSnapshot`. Source: `descriptionId`.',
    }),
    label: t.string({
      description:
        'Name of the operation in the language of the vCenter, such as "Create virtual machine snapshot". Null if the vCenter has none. The names are read once per session. Source: `TaskManager.description.methodInfo`.',
      resolve: async (task, _, { vcenters, callOptions }) => {
        const { session } = vcenters.of(task)
        return (await operationLabels(session, callOptions)).get(task.descriptionId) ?? null
      },
    }),
    description: t.string({
      description:
        'What the task reports about itself, in the language of the vCenter. Most tasks report nothing. Source: `description.message`.',
      resolve: ({ description }) => description?.message ?? null,
    }),
    state: t.field({
      type: TaskState.type,
      nullable: false,
      description: 'State of the task. Source: `state`.',
      resolve: ({ state }) => {
        const known = TaskState.decode(state)
        if (known) return known
        throw new ApiError('VSPHERE_FAULT', `the vCenter reported an unknown task state: ${state}`)
      },
    }),
    progress: t.int({
      description:
        'Progress in percent while the task runs, if vCenter reports it. 100 when it has succeeded. Source: `progress`.',
      resolve: ({ state, progress }) => (state === 'success' ? 100 : nonNegativeInt(progress ?? -1)),
    }),
    queuedAt: t.field({
      type: 'DateTime',
      nullable: false,
      description: 'When the task was created. Source: `queueTime`.',
      resolve: ({ queueTime }) => queueTime,
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When the task started. Null while it is queued. Source: `startTime`.',
      resolve: ({ startTime }) => startTime ?? null,
    }),
    completedAt: t.field({
      type: 'DateTime',
      description: 'When the task ended. Null until then. Source: `completeTime`.',
      resolve: ({ completeTime }) => completeTime ?? null,
    }),
    cancelable: t.exposeBoolean('cancelable', {
      nullable: false,
      description: 'Whether the task can be canceled. Source: `cancelable`.',
    }),
    canceled: t.exposeBoolean('cancelled', {
      nullable: false,
      description: 'Whether cancellation was requested. Source: `cancelled`.',
    }),
    entity: t.field({
      ...noRequirements,
      type: 'Node',
      description:
        'The object that the task operates on. Null if it no longer exists, or the schema does not have its type. Source: `entity`.',
      resolve: async (task, _, context, info) =>
        (task.entity && (await loadReference(task.entity, readerOf(task, context), context, info))) ?? null,
    }),
    entityName: t.string({
      description:
        'Name that the object had when the task was created, also if the object no longer exists. Source: `entityName`.',
      resolve: ({ entityName }) => (entityName === undefined ? null : unescapeName(entityName)),
    }),
    startedBy: t.field({
      type: 'TaskInitiator',
      description: 'Who or what started the task. Null if the vCenter does not say. Source: `reason`.',
      resolve: ({ reason }) => initiatorOf(reason),
    }),
    chainId: t.int({
      description:
        'Number that the task shares with its events: their `Event.chainId`. Null if the server numbers no events. Source: `eventChainId`.',
      resolve: ({ eventChainId }) => nonNegativeInt(eventChainId || -1),
    }),
    vcenter: t.field({
      ...noRequirements,
      type: 'VCenter',
      nullable: false,
      description: 'The vCenter that runs the task.',
      resolve: (task, _, { vcenters }) => vcenters.of(task),
    }),
    result: t.field({
      ...noRequirements,
      type: 'Node',
      description:
        'The object that the task returned, such as the snapshot of createSnapshot. Null until the task succeeds, and for a result that is not an object. Source: `result`.',
      resolve: async (task, _, context, info) =>
        (isReference(task.result)
          ? await loadReference(task.result, readerOf(task, context), context, info)
          : undefined) ?? null,
    }),
    error: t.field({
      type: 'ErrorInfo',
      description: 'Why the task failed. Null unless it failed. Source: `error`.',
      resolve: ({ task, error, descriptionId }) =>
        error ? classifyError(new TaskError(task, error, descriptionId)) : null,
    }),
  }),
})

const readerOf = (task: SourcedTask, { vcenters }: Context): InventoryReader => vcenters.of(task).reader

builder.queryField('task', (t) =>
  t.field({
    type: 'Task',
    args: { id: t.arg.id({ required: true, description: 'Global id of the task.' }) },
    description:
      'The current state of a task. Null if vCenter no longer has it: vCenter removes a task about ten minutes after its end. `tasks` has its record.',
    resolve: async (_root, { id }, context) => {
      const { ref, vcenter } = await decodeIdAfterLogin(context, id, ['Task'])
      return (await loadTask(ref, vcenter.reader)) ?? null
    },
  }),
)

builder.subscriptionField('task', (t) =>
  t.field({
    type: 'Task',
    nullable: false,
    args: { id: t.arg.id({ required: true, description: 'Global id of the task.' }) },
    description:
      'Sends the current state of a task, then each change until the task ends. A slow client receives only the latest state. NOT_FOUND if vCenter no longer has the task.',
    subscribe: async (_root, { id }, context) => {
      const { ref, vcenter } = await decodeIdAfterLogin(context, id, ['Task'])
      return followTask(ref, vcenter)
    },
    resolve: (task) => task,
  }),
)

async function* followTask(
  task: ManagedObjectReference,
  vcenter: RequestVCenter,
): AsyncGenerator<SourcedTask> {
  const { tasks, source, callOptions } = vcenter
  let last: TaskInfo | undefined
  try {
    for await (const state of tasks.follow(task, callOptions.signal)) {
      last = state
      yield { ...state, source }
    }
  } catch (error) {
    const isForgotten = error instanceof VimFaultError && error.is('ManagedObjectNotFound')
    if (!isForgotten || !last) throw error
    throw new ApiError(
      'OUTCOME_UNKNOWN',
      `the vCenter no longer has ${task.value}; its last known state was ${last.state}`,
      {
        task: { id: encodeId(vcenter, task), moid: task.value },
        remedy: 'Check the object that the task changes before you retry.',
      },
      { cause: error },
    )
  }
}
