// Reports one audit entry for each mutation field once its outcome is known, even if the client has disconnected or the response
// did not wait for the task. A plugin that wraps the resolvers of all mutations.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { unescapeName } from '../../vim25/inventory-path.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import type { Context } from '../context.ts'
import type { ErrorCode } from '../errors/api-error.ts'
import { classifyError } from '../errors/classify-error.ts'
import type { AuditEntry, MachineRecord, MutationOutcome } from './audit-entry.ts'
import { type MutationCall, MutationRecord } from './mutation-record.ts'

const pluginName = 'audit'

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      audit: AuditPlugin<Types>
    }
  }
}

/** How long a task is watched after the response was sent. */
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
      context.mutationRecords.push(mutation)
      const result = Promise.resolve().then(() => resolve(source, args, contextObject, info))
      void awaitOutcome(result, mutation, context).then((outcome) =>
        context.audit({
          mutation: name,
          ...outcome,
          ...objectOf(mutation),
          ...(mutation.alarm && { alarm: named(mutation.alarm.ref, mutation.alarm.name) }),
          ...(mutation.machines && { virtualMachines: mutation.machines() }),
          calls: mutation.calls.map(({ method, object, task, tag }) => ({
            method,
            object: object.value,
            ...(task && { task: task.value }),
            ...(tag !== undefined && { tag }),
          })),
          durationMs: Math.round(performance.now() - startedAt),
        }),
      )
      return result
    }
  }
}

/** Resolves when the outcome can no longer change. */
async function awaitOutcome(
  result: Promise<unknown>,
  mutation: MutationRecord,
  context: Context,
): Promise<Pick<AuditEntry, 'outcome' | 'code'>> {
  const resolverError = await errorOf(result)
  const error = mutation.backgroundWork === undefined ? resolverError : await errorOf(mutation.backgroundWork)
  const machines = mutation.machines?.()
  if (machines) return outcomeOfMachines(machines)
  await Promise.all(mutation.calls.filter(({ state }) => state === 'running').map(follow))
  const outcome = outcomeOf(mutation, error, context)
  const code = outcome === 'success' || outcome === 'canceled' ? undefined : codeOf(mutation, error, context)
  return { outcome, ...(code && { code }) }

  async function follow(call: MutationCall): Promise<void> {
    // The wait ends early when the gateway stops.
    const info =
      call.task && (await call.vcenter.tasks.wait(call.task, watchTaskTimeoutMs).catch(() => undefined))
    if (info) mutation.recordTask(info)
    else call.state = 'sent'
  }
}

function outcomeOfMachines(machines: readonly MachineRecord[]): Pick<AuditEntry, 'outcome' | 'code'> {
  const outcomes = new Set(machines.map(({ outcome }) => outcome))
  const isDone = outcomes.delete('success')
  const isUnchanged = outcomes.delete('unchanged')
  const code = machines.find((each) => each.code !== undefined)?.code
  const details = code && { code }
  if (outcomes.size === 0) return { outcome: 'success' }
  if (outcomes.has('unknown')) return { outcome: 'unknown', ...details }
  if (outcomes.has('running')) return { outcome: 'running', ...details }
  if (isDone || isUnchanged) return { outcome: 'partial', ...details }
  return outcomes.has('failed') ? { outcome: 'failed', ...details } : { outcome: 'canceled' }
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
  const taskErrorCode =
    lastTask?.error &&
    classifyError(new TaskError(lastTask.task, lastTask.error, lastTask.descriptionId)).code
  if (!failure || isDisconnect(failure, context)) return taskErrorCode
  return classifyError(failure.error).code
}

/** Whether the client disconnected: its operation then ends with an AbortError, which has no code. */
const isDisconnect = ({ error }: NonNullable<Failure>, { callOptions }: Context): boolean =>
  Boolean(callOptions.signal?.aborted) && classifyError(error).code === 'INTERNAL_SERVER_ERROR'

/** Returns the object that a mutation concerns: the virtual machine, if it is one. */
function objectOf({
  calls,
  subject,
  lastTask: task,
  machines,
}: MutationRecord): Pick<AuditEntry, 'virtualMachine' | 'object'> | undefined {
  if (machines) return virtualMachineOnly(machines())
  const isVirtualMachine = (ref: MutationCall['entity'] | undefined) => ref?.type === 'VirtualMachine'
  const ref = calls.map(({ entity }) => entity).find(isVirtualMachine) ?? subject?.ref ?? task?.entity
  if (!ref) return undefined
  // The task has the stored name, in which some characters are escaped.
  const storedName = task?.entity?.value === ref.value ? task.entityName : undefined
  const name =
    (subject?.ref.value === ref.value ? subject.name : undefined) ?? (storedName && unescapeName(storedName))
  const object = named(ref, name)
  return isVirtualMachine(ref) ? { virtualMachine: object } : { object: { type: ref.type, ...object } }
}

const named = ({ value: moid }: ManagedObjectReference, name: string | undefined) => ({
  moid,
  ...(name !== undefined && { name }),
})

/** Returns the virtual machine of a mutation that could have named several. */
function virtualMachineOnly([machine, ...others]: readonly MachineRecord[]):
  | Pick<AuditEntry, 'virtualMachine'>
  | undefined {
  if (machine?.moid === undefined || others.length > 0) return undefined
  const { moid, name } = machine
  return { virtualMachine: { moid, ...(name !== undefined && { name }) } }
}

SchemaBuilder.registerPlugin(pluginName, AuditPlugin)
