// The changePower mutation: changes the power state of up to 100 virtual machines, with a result for each.
//
//   find, read states -> send what is needed -> wait, until the time is up -> read states -> results
//                                                      '-- client disconnect: the wait continues, for the audit

import type { GraphQLResolveInfo } from 'graphql'
import type { ManagedObject } from '../../../planner/managed-object.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { builder } from '../../builder.ts'
import type { Context } from '../../context.ts'
import { noRequirements } from '../../core/field-requirements.ts'
import type { FoundObject, LookupInput } from '../../core/lookup.ts'
import { loadNodes } from '../../core/nodes/load-node.ts'
import { nodeTypeOf } from '../../core/nodes/node-registry.ts'
import { ApiError } from '../../errors/api-error.ts'
import type { ClassifiedError } from '../../errors/classify-error.ts'
import { loadTask, type SourcedTask } from '../../tasks/load-task.ts'
import { PowerState, virtualMachines } from '../../virtual-machine/virtual-machine-connection.ts'
import type { MachineRecord } from '../audit-entry.ts'
import { declareMutation } from '../declare-mutation.ts'
import { assertWaitSeconds } from '../task-mutation.ts'
import { awaitChanges, followChanges } from './await-changes.ts'
import type { MachineChange } from './machine-change.ts'
import { PowerActionType, powerAction } from './power-action.ts'
import { maxMachines, prepareChanges } from './prepare-changes.ts'
import { sendChanges } from './send-changes.ts'

/** The source of a result: the state of a change at the time of the response. */
interface PowerResult {
  readonly found: FoundObject | undefined
  readonly task: TaskInfo | undefined
  readonly taskRef: ManagedObjectReference | undefined
  readonly error: ClassifiedError | undefined
  readonly loadMachine: MachineLoader
}

type MachineLoader = (
  found: FoundObject,
  context: Context,
  info: GraphQLResolveInfo,
) => Promise<object | Error | undefined>

const PowerResultType = builder.objectRef<PowerResult>('ChangePowerResult').implement({
  description: 'The result of changePower for one virtual machine.',
  fields: (t) => ({
    virtualMachine: t.field({
      ...noRequirements,
      type: 'VirtualMachine',
      description:
        'The virtual machine, read after the wait: its powerState is what was achieved. Null if it was not found.',
      resolve: async ({ found, loadMachine }, _args, context, info) => {
        const machine = found && (await loadMachine(found, context, info))
        if (machine instanceof Error) throw machine
        return (machine as ManagedObject<'VirtualMachine'> | undefined) ?? null
      },
    }),
    task: t.field({
      type: 'Task',
      description:
        'The task that changes it. Null if nothing was sent, and for SHUTDOWN_GUEST and REBOOT_GUEST. With POWER_ON, the task of the datacenter until vCenter has started one for the virtual machine.',
      resolve: async ({ found, task, taskRef }): Promise<SourcedTask | null> => {
        if (!found || !taskRef) return null
        const { source, reader } = found.vcenter
        return task ? { ...task, source } : ((await loadTask(taskRef, reader)) ?? null)
      },
    }),
    error: t.field({
      type: 'ErrorInfo',
      description:
        'Why it failed or was not sent. Null on success, and while it has not ended. CONFLICT if its state does not allow the action or is not ifPowerState, if another task runs, or if a question is pending. OVERLOADED if nothing was sent to it because the vCenter responded too slowly to the calls before. OUTCOME_UNKNOWN if the response was lost and nothing proves what became of the call: read the power state before you retry.',
      resolve: ({ error }) => (error ? { ...error, retryOnly: 'this virtual machine' } : null),
    }),
  }),
})

declareMutation('changePower', {
  description:
    'Changes the power state of one virtual machine or of up to 100, with a result for each; at most 8 calls run at the same time in each vCenter. Each call is sent once and never retried. Success is what the power state of the virtual machine shows, not the end of a task. The mutation itself fails only if nothing was sent: because of bad input or a missing role. Needs the privilege VirtualMachine.Interact.PowerOn, VirtualMachine.Interact.PowerOff, VirtualMachine.Interact.Reset or VirtualMachine.Interact.Suspend, as PowerAction states for each action.',
  input: {
    description: 'A power action on one or several virtual machines.',
    fields: (t) => ({
      virtualMachines: t.field({
        type: [virtualMachines.lookup.Input],
        required: true,
        description:
          'The virtual machines, 1 to 100, each once. A single one needs no list brackets. BAD_USER_INPUT if one occurs twice, also by different keys.',
      }),
      action: t.field({ type: PowerActionType, required: true, description: 'What to do.' }),
      ifPowerState: t.field({
        type: PowerState.type,
        description:
          'Changes a virtual machine only if its power state is this one. Otherwise its result is CONFLICT, also if it already has the state that the action leads to, and nothing is sent to it.',
      }),
      waitSeconds: t.int({
        required: true,
        defaultValue: 30,
        description:
          'How long to wait for all of them, in seconds, 0 to 600. When the time is up, the payload has the state so far, without an error. Calls that were not sent within this time, or within 10 seconds if it is shorter, are not sent: OVERLOADED.',
      }),
    }),
  },
  resolve: async ({ virtualMachines: machines, action, ifPowerState, waitSeconds }, context) => {
    assertWaitSeconds(waitSeconds)
    const changes = await prepareChanges(
      machines as readonly LookupInput[],
      powerAction(action),
      ifPowerState ?? undefined,
      context,
    )
    const { mutation, budget, callOptions } = context
    if (mutation) mutation.machines = () => changes.map(recordOf)
    const deadline = performance.now() + waitSeconds * 1_000
    const sent = await sendChanges(changes, deadline, context)
    const waited = Promise.all(sent.map((each) => awaitChanges(each, deadline, each.context)))
    const results = waited.then(
      () => {
        assertNotInterrupted(changes, budget.exceededError)
        return resultsOf(changes)
      },
      (error) => {
        assertNotInterrupted(changes, budget.exceededError)
        throw error
      },
    )
    const waitInBackground = async () => {
      if (callOptions.signal?.aborted)
        await Promise.all(sent.map((each) => awaitChanges(each, deadline, each.context.forBackground())))
      await Promise.all(sent.map(followChanges))
    }
    // After the results, which must not change any more.
    mutation?.continuesInBackground(results.then(waitInBackground, waitInBackground))
    return { results: await results }
  },
  payload: {
    description: 'A result for each virtual machine, in the order of the input.',
    extensions: {
      size: {
        pageSize: ({ input }: { readonly input?: { readonly virtualMachines?: readonly unknown[] } }) =>
          Math.min(input?.virtualMachines?.length ?? maxMachines, maxMachines),
      },
    },
    fields: (t) => ({
      results: t.field({
        ...noRequirements,
        type: [PowerResultType],
        nullable: { list: false, items: false },
        description: 'The results, in the order of the input.',
        resolve: ({ results }) => results,
      }),
    }),
  },
})

function resultsOf(changes: readonly MachineChange[]): readonly PowerResult[] {
  const loadMachine = createMachineLoader(changes.flatMap(({ found }) => found ?? []))
  return changes.map(({ found, task, taskRef, classifiedError }) => ({
    found,
    task,
    taskRef,
    loadMachine,
    error: classifiedError,
  }))
}

/**
 * A client whose operation exceeds a limit must learn what was sent: the limit also fails every field of the payload.
 *
 * @throws ApiError OUTCOME_UNKNOWN if a limit is exceeded, and a call may have been executed
 */
function assertNotInterrupted(changes: readonly MachineChange[], limit: ApiError | undefined): void {
  const sent = changes.filter(({ outcome }) => ['running', 'unknown', 'success'].includes(outcome))
  if (!limit || !sent[0]) return
  throw new ApiError(
    'OUTCOME_UNKNOWN',
    `${sent[0].action.name} was sent to ${sent.map(({ label }) => label).join(', ')}, and the wait ended early: ${limit.message}`,
    { remedy: 'Read the power states of the virtual machines before you retry.' },
    { cause: limit },
  )
}

/** Loads all machines together when the first one is selected, once for each field that selects them. */
function createMachineLoader(machines: readonly FoundObject[]): MachineLoader {
  const loadedByField = new Map<string, Promise<(object | Error | undefined)[]>>()
  return async (found, context, info) => {
    const field = fieldOf(info.path)
    let loaded = loadedByField.get(field)
    if (!loaded) {
      const ids = machines.flatMap(({ ref, vcenter }) => {
        const nodeType = nodeTypeOf(ref)
        return nodeType ? { ref, vcenter, nodeType } : []
      })
      loaded = loadNodes(ids, context, info)
      loadedByField.set(field, loaded)
    }
    return (await loaded)[machines.indexOf(found)]
  }
}

/** Returns the keys of a path without the indexes of lists. */
function fieldOf(path: GraphQLResolveInfo['path']): string {
  const keys: string[] = []
  for (let each: GraphQLResolveInfo['path'] | undefined = path; each; each = each.prev)
    if (typeof each.key === 'string') keys.push(each.key)
  return keys.join()
}

const recordOf = ({ by, found, name, outcome, code }: MachineChange): MachineRecord => ({
  ...(found ? { moid: found.ref.value } : { requested: requestedBy(by) }),
  ...(name !== undefined && { name }),
  outcome,
  ...(code && outcome !== 'success' && { code }),
})

/** Describes a lookup for the audit: `name web-01`. */
const requestedBy = (by: LookupInput): string =>
  Object.entries(by)
    .filter(([, value]) => value != null)
    .map(([key, value]) => `${key} ${value}`)
    .join()
