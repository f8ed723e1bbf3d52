// Tells of each mutation field once, when it is known what became of it: also when its client has hung up, and when its answer
// did not wait for the task. One place for all mutations: a plugin around their resolvers.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import { hasEnded, type TaskInfo } from '../vim25/task-watcher.ts'
import { TaskError } from '../vim25/vim-fault-error.ts'
import type { ErrorCode } from './api-error.ts'
import { Change, type ChangeCall } from './change.ts'
import { classifyError } from './classify-error.ts'
import type { Context } from './context.ts'

const pluginName = 'audit'

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      audit: Audit<Types>
    }
  }
}

/**
 * `running`: its task has not ended as long as it was followed, or as the gateway ran. `unknown`: it cannot be told.
 * `canceled`: its client hung up before anything was sent.
 */
type ChangeOutcome = 'success' | 'failed' | 'running' | 'unknown' | 'canceled'

/** What is told of a mutation field. */
export interface AuditEntry {
  /** Such as `createSnapshot`. */
  readonly mutation: string
  readonly outcome: ChangeOutcome
  /** Of the error that it ended with. */
  readonly code?: ErrorCode
  /** The virtual machine, as far as it is known. */
  readonly virtualMachine?: { readonly moid: string; readonly name?: string }
  /** The calls that were sent: none if it came to nothing before. */
  readonly calls: readonly { readonly method: string; readonly object: string; readonly task?: string }[]
  /** Until the outcome was known. */
  readonly durationMs: number
}

/** How long a task is followed whose answer did not wait for it. */
const followMs = 60 * 60_000

type Resolver = GraphQLFieldResolver<unknown, object, object>

class Audit<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver, { parentType, name }: PothosOutputFieldConfig<Types>): Resolver {
    if (parentType !== 'Mutation') return resolve
    return (source, args, given, info) => {
      const context = given as Context
      const startedAt = performance.now()
      const change = new Change()
      context.change = change
      const answer = Promise.resolve().then(() => resolve(source, args, given, info))
      void known(answer, change, context).then(({ task, ...outcome }) =>
        context.audit({
          mutation: name,
          ...outcome,
          ...virtualMachineOf(change, task),
          calls: change.calls.map(({ method, object, task }) => ({
            method,
            object: object.value,
            ...(task && { task: task.value }),
          })),
          durationMs: Math.round(performance.now() - startedAt),
        }),
      )
      return answer
    }
  }
}

interface Known extends Pick<AuditEntry, 'outcome' | 'code'> {
  /** As it was last seen. */
  readonly task?: TaskInfo | undefined
}

/** Resolves when nothing more can become of it. */
async function known(answer: Promise<unknown>, change: Change, context: Context): Promise<Known> {
  const answered = await answer.then(ofPayload, (error: unknown) => ofError(error, change, context))
  if (change.work) return change.work.then(ofTask, (error: unknown) => ofError(error, change, context))
  const last = change.calls.at(-1)?.task
  if (!last || isEndOf(last, answered.task) || isVSpheresWord(answered)) return answered
  // Until the gateway stops, at the latest.
  return context.vcenter.tasks.wait(last, followMs).then(
    (task) => (task ? ofTask(task) : { ...answered, outcome: 'unknown' }),
    () => ({ ...answered, outcome: 'unknown' }),
  )
}

const isEndOf = (last: NonNullable<ChangeCall['task']>, task: TaskInfo | undefined): boolean =>
  task?.task.value === last.value && hasEnded(task)

/** What it failed with is final, but for a bug of ours: what was begun goes on all the same. */
const isVSpheresWord = ({ outcome, code }: Known): boolean => outcome === 'failed' && code !== 'INTERNAL'

const ofPayload = (payload: unknown): Known => ({
  outcome: 'success',
  task: (payload as { readonly task?: TaskInfo } | null)?.task,
})

function ofTask(task: TaskInfo): Known {
  if (task.state === 'success') return { outcome: 'success', task }
  if (!hasEnded(task)) return { outcome: 'running', task }
  const code = task.error && classifyError(new TaskError(task.task, task.error)).code
  return { outcome: 'failed', ...(code && { code }), task }
}

function ofError(error: unknown, { calls }: Change, { scope }: Context): Known {
  const { code } = classifyError(error)
  if (code === 'OUTCOME_UNKNOWN') return { outcome: 'unknown', code }
  const hungUp = code === 'INTERNAL' && scope.signal?.aborted
  if (hungUp) return { outcome: calls.length > 0 ? 'unknown' : 'canceled' }
  return { outcome: 'failed', code }
}

function virtualMachineOf(
  { calls, subject }: Change,
  task: TaskInfo | undefined,
): Pick<AuditEntry, 'virtualMachine'> | undefined {
  const isMachine = (ref: ChangeCall['entity'] | undefined) => ref?.type === 'VirtualMachine'
  const ref = calls.map(({ entity }) => entity).find(isMachine) ?? subject?.ref ?? task?.entity
  if (!ref || !isMachine(ref)) return undefined
  const found = subject?.ref.value === ref.value ? subject.name : undefined
  const name = task?.entity?.value === ref.value ? task.entityName : found
  return { virtualMachine: { moid: ref.value, ...(name !== undefined && { name }) } }
}

SchemaBuilder.registerPlugin(pluginName, Audit)
