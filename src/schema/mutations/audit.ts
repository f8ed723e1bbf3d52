// Tells of each mutation field once, when it is known what became of it: also when its client has hung up, and when its answer
// did not wait for the task. One place for all mutations: a plugin around their resolvers.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import { unescapeName } from '../../vim25/inventory-path.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import type { Context } from '../context.ts'
import type { ErrorCode } from '../errors/api-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import { type MutationCall, MutationRecord } from './mutation-record.ts'

const pluginName = 'audit'

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      audit: AuditPlugin<Types>
    }
  }
}

/**
 * Derived from the calls that it made, whatever its answer was. `partial`: some of what was asked for was done, and the rest was
 * not, or was not begun. `running`: its task has not ended as long as it was followed, or as the gateway ran. `unknown`: it may
 * have been carried out. `canceled`: its client disconnected before anything was sent.
 */
type MutationOutcome = 'success' | 'partial' | 'failed' | 'running' | 'unknown' | 'canceled'

/** What is told of a mutation field. */
export interface AuditEntry {
  /** Such as `createSnapshot`. */
  readonly mutation: string
  readonly outcome: MutationOutcome
  /** Of the error that it ended with; none with `success`. */
  readonly code?: ErrorCode
  /** The virtual machine, as far as it is known. */
  readonly virtualMachine?: { readonly moid: string; readonly name?: string }
  /** The calls that were sent: none if it came to nothing before. */
  readonly calls: readonly { readonly method: string; readonly object: string; readonly task?: string }[]
  /** Until the outcome was known. */
  readonly durationMs: number
}

/** How long a task is followed whose answer did not wait for it. */
const watchTaskTimeoutMs = 60 * 60_000

type Resolver = GraphQLFieldResolver<unknown, object, object>

class AuditPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver, { parentType, name }: PothosOutputFieldConfig<Types>): Resolver {
    if (parentType !== 'Mutation') return resolve
    return (source, args, contextObject, info) => {
      const context = contextObject as Context
      const startedAt = performance.now()
      const mutation = new MutationRecord(info.path.key)
      context.mutation = mutation
      context.changes.push(mutation)
      const result = Promise.resolve().then(() => resolve(source, args, contextObject, info))
      void awaitOutcome(result, mutation, context).then((outcome) =>
        context.audit({
          mutation: name,
          ...outcome,
          ...virtualMachineOf(mutation),
          calls: mutation.calls.map(({ method, object, task }) => ({
            method,
            object: object.value,
            ...(task && { task: task.value }),
          })),
          durationMs: Math.round(performance.now() - startedAt),
        }),
      )
      return result
    }
  }
}

/** Resolves when nothing more can become of it. */
async function awaitOutcome(
  result: Promise<unknown>,
  mutation: MutationRecord,
  context: Context,
): Promise<Pick<AuditEntry, 'outcome' | 'code'>> {
  const resolverError = await errorOf(result)
  const error = mutation.backgroundWork === undefined ? resolverError : await errorOf(mutation.backgroundWork)
  await Promise.all(mutation.calls.filter(({ state }) => state === 'running').map(follow))
  const outcome = outcomeOf(mutation, error, context)
  const code = outcome === 'success' || outcome === 'canceled' ? undefined : codeOf(mutation, error, context)
  return { outcome, ...(code && { code }) }

  async function follow(call: MutationCall): Promise<void> {
    // Until the gateway stops, at the latest.
    const info =
      call.task && (await context.vcenter.tasks.wait(call.task, watchTaskTimeoutMs).catch(() => undefined))
    if (info) mutation.recordTask(info)
    else call.state = 'sent'
  }
}

const errorOf = (work: Promise<unknown>): Promise<{ readonly error: unknown } | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )

type Failure = Awaited<ReturnType<typeof errorOf>>

function outcomeOf(mutation: MutationRecord, failure: Failure, context: Context): MutationOutcome {
  const { calls, isUnfinished } = mutation
  const states = new Set(calls.map(({ state }) => state))
  if (states.has('sent')) return 'unknown'
  if (states.has('running')) return 'running'
  if (!states.has('done')) {
    if (states.size > 0) return 'failed'
    if (!failure) return 'success'
    return isDisconnect(failure, context) ? 'canceled' : 'failed'
  }
  return isUnfinished || states.has('failed') || states.has('rejected') ? 'partial' : 'success'
}

function codeOf({ lastTask }: MutationRecord, failure: Failure, context: Context): ErrorCode | undefined {
  const outcomeOfTask = lastTask?.error && classifyError(new TaskError(lastTask.task, lastTask.error)).code
  if (!failure || isDisconnect(failure, context)) return outcomeOfTask
  return classifyError(failure.error).code
}

/** A client that disconnected ends its operation with an AbortError, which has no code. */
const isDisconnect = ({ error }: NonNullable<Failure>, { callOptions }: Context): boolean =>
  Boolean(callOptions.signal?.aborted) && classifyError(error).code === 'INTERNAL_SERVER_ERROR'

function virtualMachineOf({
  calls,
  subject,
  lastTask: task,
}: MutationRecord): Pick<AuditEntry, 'virtualMachine'> | undefined {
  const isVirtualMachine = (ref: MutationCall['entity'] | undefined) => ref?.type === 'VirtualMachine'
  const ref = calls.map(({ entity }) => entity).find(isVirtualMachine) ?? subject?.ref ?? task?.entity
  if (!ref || !isVirtualMachine(ref)) return undefined
  // The task has the name as it is stored, with its escapes.
  const outcomeOfTask = task?.entity?.value === ref.value ? task.entityName : undefined
  const name =
    (subject?.ref.value === ref.value ? subject.name : undefined) ??
    (outcomeOfTask && unescapeName(outcomeOfTask))
  return { virtualMachine: { moid: ref.value, ...(name !== undefined && { name }) } }
}

SchemaBuilder.registerPlugin(pluginName, AuditPlugin)
