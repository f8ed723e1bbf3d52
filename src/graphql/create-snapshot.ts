// createSnapshot: CreateSnapshot_Task, waited for, and what it made.

import type { ManagedObject } from '../plan/managed-object.ts'
import { PlanNode } from '../plan/plan-node.ts'
import type { Reader } from '../plan/reader.ts'
import { isReference } from '../soap/codec.ts'
import type { ManagedObjectReference } from '../soap/vim-types.ts'
import { isXmlText } from '../soap/xml.ts'
import { escapeName } from '../vim25/inventory-path.ts'
import type { TaskInfo } from '../vim25/task-watcher.ts'
import { TaskError } from '../vim25/vim-fault-error.ts'
import { ApiError, badInput } from './api-error.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { needsNothing } from './field-plan.ts'
import { loadNode } from './load-node.ts'
import { awaitTask, beginTask } from './run-task.ts'
import { type SnapshotOnVm, snapshotsOf } from './snapshot-tree.ts'
import { findVirtualMachine, VirtualMachineBy } from './virtual-machine-by.ts'

/** What the payload is read from, after the task has ended. */
export interface CreatedSnapshot {
  readonly task: TaskInfo
  readonly vm: ManagedObjectReference
  readonly reader: Reader
}

const CreateSnapshotInput = builder.inputType('CreateSnapshotInput', {
  description: 'Which virtual machine to take a snapshot of, and how.',
  fields: (t) => ({
    virtualMachine: t.field({
      type: VirtualMachineBy,
      required: true,
      description: 'Of which virtual machine.',
    }),
    name: t.string({
      required: true,
      description: 'The name, as people read it; / \\ and % are escaped for vSphere. Need not be unique.',
    }),
    description: t.string({ defaultValue: '', description: 'A description.' }),
    memory: t.boolean({
      defaultValue: false,
      description:
        'Whether the memory of a running virtual machine is kept too: slow, and a revert then goes on running.',
    }),
    quiesce: t.boolean({
      defaultValue: false,
      description:
        'Whether VMware Tools bring the file systems to rest first. Fails, or stalls the guest, where Tools do not work.',
    }),
    waitSeconds: t.int({
      required: true,
      defaultValue: 30,
      description:
        'How long the answer may wait for the task, 0 to 600. When the time is up first, the payload has the task as it stands, and no error.',
    }),
  }),
})

builder.objectType('CreateSnapshotPayload', {
  description: 'The task, and what it made once it has succeeded.',
  fields: (t) => ({
    task: t.field({
      type: 'Task',
      nullable: false,
      description: 'The task of CreateSnapshot_Task.',
      resolve: ({ task }) => task,
    }),
    snapshot: t.field({
      ...needsNothing,
      type: 'Snapshot',
      description: 'The new snapshot; null until the task has succeeded.',
      resolve: async ({ task, reader }, _, context, info) =>
        isReference(task.result)
          ? (((await loadNode({ ref: task.result }, context, info, reader)) ?? null) as SnapshotOnVm | null)
          : null,
    }),
    virtualMachine: t.field({
      ...needsNothing,
      type: 'VirtualMachine',
      description: 'The virtual machine, read after the task.',
      resolve: async ({ vm, reader }, _, context, info) =>
        ((await loadNode({ ref: vm }, context, info, reader)) ??
          null) as ManagedObject<'VirtualMachine'> | null,
    }),
  }),
})

builder.mutationType({
  description: 'What changes something. Each fails alone: the others of the operation stand.',
})

builder.mutationField('createSnapshot', (t) =>
  t.field({
    type: 'CreateSnapshotPayload',
    args: { input: t.arg({ type: CreateSnapshotInput, required: true, description: 'What to take.' }) },
    description:
      'Takes a snapshot: CreateSnapshot_Task. Waits for the task unless told otherwise. Needs the privilege VirtualMachine.State.CreateSnapshot.',
    resolve: (_root, { input }, context) => createSnapshot(input, context),
  }),
)

async function createSnapshot(
  input: typeof CreateSnapshotInput.$inferInput,
  context: Context,
): Promise<CreatedSnapshot> {
  const { name, waitSeconds } = input
  const description = input.description ?? ''
  if (waitSeconds < 0 || waitSeconds > 600)
    throw badInput(`waitSeconds is ${waitSeconds}, but can be 0 to 600`)
  if (name.trim() === '') throw badInput('name is empty')
  if (!isXmlText(name) || !isXmlText(description))
    throw badInput('name or description has control characters, which vSphere does not take')
  const vm = await findVirtualMachine(input.virtualMachine, context)
  if (!vm)
    throw new ApiError('NOT_FOUND', `no virtual machine fits ${JSON.stringify(input.virtualMachine)}`, {
      remedy:
        'Names and paths are exact, and case matters. virtualMachines(filter: { name: "*part*" }) lists similar ones.',
    })
  const args = {
    name: escapeName(name),
    description,
    memory: input.memory ?? false,
    quiesce: input.quiesce ?? false,
  }
  const taskRef = await beginTask('CreateSnapshot_Task', vm, args, context, {
    isIt: (task) => isNamed(vm, task, args.name, context),
  })
  const reader = context.freshReader()
  const task = await awaitTask(taskRef, waitSeconds, reader, context)
  if (task.error) throw new TaskError(taskRef, task.error)
  return { task, vm, reader }
}

/** Whether a task made a snapshot of this name; one that has not made any yet, or failed, can be the one. */
async function isNamed(
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
