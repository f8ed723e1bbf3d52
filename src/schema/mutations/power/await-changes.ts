// Waits for the machines of a power mutation, and concludes from their power states how each change ended. What the audit reports is
// followed further, after the response.

import type { InventoryReader } from '../../../planner/inventory-reader.ts'
import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { hasEnded } from '../../../vim25/tasks/task-watcher.ts'
import type { WatchedState } from '../../../vim25/updates/power-state-watcher.ts'
import type { VCenterContext } from '../../context.ts'
import { notFoundError } from '../../errors/api-error.ts'
import { classifyError } from '../../errors/classify-error.ts'
import { verifyPowerTask } from '../../tasks/effect-checks.ts'
import { awaitTask } from '../../tasks/run-task.ts'
import { describeConflict } from '../send-change.ts'
import { type MachineChange, questionError } from './machine-change.ts'
import { assignResult, type Placement, type SentChanges } from './send-changes.ts'

/** How long the power state may lag behind the task that has changed it. */
const lagMs = 2_000

/** How long a task is followed after the response. */
const followTimeoutMs = 60 * 60_000

/**
 * Waits until the changes have ended, but at most until the deadline, a `performance.now()` timestamp.
 * @throws the reason of the context's signal when it is aborted; what is known by then stays recorded
 */
export async function awaitChanges(
  { changes, placements }: SentChanges,
  deadline: number,
  context: VCenterContext,
): Promise<void> {
  const { vcenter, callOptions } = context
  try {
    const reader = vcenter.freshReader()
    await Promise.all(placements.map((each) => awaitPlacement(each, deadline, reader, context)))
    const waiting = changes.filter(isWaiting)
    const [watched] = await Promise.all([
      watchStates(
        waiting.filter(({ taskRef, error }) => !taskRef || error),
        deadline,
        context,
      ),
      ...waiting.map((change) => awaitOwnTask(change, deadline, reader, context)),
    ])
    await concludeAll(changes.filter(isWaiting), watched, deadline, context)
    await Promise.all(changes.map((change) => nameBlockingTask(change, context)))
    for (const { task, isAssigned, changes: placed } of placements)
      if (task && isAssigned && placed.every(({ outcome }) => outcome === 'failed'))
        context.mutation?.recordNoEffect(task)
  } catch (error) {
    if (callOptions.signal?.aborted) throw error
    if (classifyError(error).message === undefined)
      vcenter.backgroundJobs.warn(`changePower: unexpected error: ${error}`)
    for (const change of changes.filter(isWaiting)) change.lose(error as Error)
  }
}

const isWaiting = ({ progress }: MachineChange): boolean => progress === 'waiting'

/** Waits for the task of a placement, and gives its machines their own tasks. */
async function awaitPlacement(
  placement: Placement,
  deadline: number,
  reader: InventoryReader,
  context: VCenterContext,
): Promise<void> {
  const { task, changes } = placement
  if (!task || placement.isAssigned) return
  try {
    const info = await awaitTask(task, deadline - performance.now(), nothingToObserve, reader, context)
    if (hasEnded(info)) assignResult(placement, info)
    else for (const change of changes) change.recordTask(info)
  } catch (error) {
    if (context.callOptions.signal?.aborted) throw error
    for (const change of changes) change.lose(error as Error)
  }
}

/** The states of the machines are read anyway, and named by machine. */
const nothingToObserve = { observe: () => Promise.reject(new Error('not observed')) }

async function awaitOwnTask(
  change: MachineChange,
  deadline: number,
  reader: InventoryReader,
  context: VCenterContext,
): Promise<void> {
  const { taskRef, found } = change
  if (!taskRef || !found || change.error || hasEnded(change.task)) return
  try {
    const effectCheck = verifyPowerTask(found.ref, context)
    change.recordTask(await awaitTask(taskRef, deadline - performance.now(), effectCheck, reader, context))
  } catch (error) {
    if (context.callOptions.signal?.aborted) throw error
    change.lose(error as Error)
  }
}

/** Waits until machines without a task have the wanted state, or a question blocks them. */
async function watchStates(
  changes: readonly MachineChange[],
  deadline: number,
  context: VCenterContext,
): Promise<ReadonlyMap<string, WatchedState>> {
  const [first] = changes
  const wanted = first?.action.wanted
  if (wanted === undefined) return new Map()
  const { vcenter, callOptions } = context
  const isSettled = ({
    powerState,
    question,
  }: {
    readonly powerState?: string | undefined
    readonly question?: unknown
  }) => powerState === wanted || question !== undefined
  return vcenter.powerStates
    .wait(changes.map(refOf), isSettled, deadline - performance.now(), callOptions.signal)
    .catch((error) => {
      if (callOptions.signal?.aborted) throw error
      return new Map()
    })
}

async function concludeAll(
  changes: readonly MachineChange[],
  watched: ReadonlyMap<string, WatchedState>,
  deadline: number,
  context: VCenterContext,
): Promise<void> {
  if (changes.length === 0) return
  let states = await readStates(changes, context)
  const late = changes.filter((change) => {
    const { action, task } = change
    const state = states.get(change.moid)?.powerState
    return task?.state === 'success' && state !== undefined && action.wanted && state !== action.wanted
  })
  const remainingMs = Math.min(lagMs, deadline - performance.now())
  if (late.length > 0 && remainingMs > 0) {
    await watchStates(late, performance.now() + remainingMs, context)
    states = await readStates(changes, context)
  }
  for (const change of changes) {
    const { powerState, question, problem } = states.get(change.moid) ?? {}
    // The read may fail although the watch has seen the state.
    change.conclude(powerState ?? watched.get(change.moid)?.powerState, problem)
    if (isWaiting(change) && !change.taskRef && !change.error && question !== undefined)
      change.error = questionError(change, question)
  }
}

interface MachineState {
  readonly powerState?: string | undefined
  readonly question?: string | undefined
  /** Why the power state was not read: such as NOT_FOUND, if the machine no longer exists. */
  readonly problem?: Error
}

/** Reads the states with the reader of the payload, which must not have data from before the change. */
async function readStates(
  changes: readonly MachineChange[],
  { vcenter, callOptions }: VCenterContext,
): Promise<ReadonlyMap<string, MachineState>> {
  const node = new PlanNode('VirtualMachine', 'runtime.powerState', 'runtime.question.text')
  const reader = vcenter.resetReader()
  const objects = await reader.objects(changes.map(refOf), node).catch((error: Error) => {
    if (callOptions.signal?.aborted) throw error
    return error
  })
  return new Map(
    changes.map(({ moid }, index) => [
      moid,
      objects instanceof Error ? { problem: objects } : stateOf(moid, objects[index]),
    ]),
  )
}

function stateOf(moid: string, machine: ManagedObject<'VirtualMachine'> | undefined): MachineState {
  if (!machine) return { problem: notFoundError(`VirtualMachine ${moid}`) }
  const question = readOr(() => machine.read('runtime.question.text'), undefined)
  try {
    return { powerState: machine.read('runtime.powerState'), question }
  } catch (error) {
    return { question, problem: error as Error }
  }
}

async function nameBlockingTask(change: MachineChange, context: VCenterContext): Promise<void> {
  if (change.error)
    await describeConflict(change.error, context).catch((error: Error) => {
      change.error = error
    })
}

/** Follows the tasks that still ran at the time of the response, for the audit. */
export async function followChanges({ changes, placements, context }: SentChanges): Promise<void> {
  const { tasks } = context.vcenter
  // The wait ends early when the gateway stops.
  const end = (task: ManagedObjectReference) => tasks.wait(task, followTimeoutMs).catch(() => undefined)
  await Promise.all(
    placements.map(async (placement) => {
      const { task, changes: placed } = placement
      if (!task || placement.isAssigned || !placed.some(isWaiting)) return
      const info = await end(task)
      if (info && hasEnded(info)) assignResult(placement, info)
      else if (!info) for (const change of placed) change.loseTask()
    }),
  )
  const running = changes.filter(
    (each) => isWaiting(each) && each.taskRef && !each.error && !hasEnded(each.task),
  )
  await Promise.all(
    running.map(async (change) => {
      const info = await end(change.taskRef as ManagedObjectReference)
      if (!info) return change.loseTask()
      change.recordTask(info)
      change.conclude(undefined)
    }),
  )
}

const refOf = ({ found }: MachineChange): ManagedObjectReference => found?.ref as ManagedObjectReference
