// A change that was sent, and whose response does not prove what became of it: a lost or unreadable response, or a fault that
// proves nothing (fault-evidence.ts). Its outcome is found by its task and its effect, or it is OUTCOME_UNKNOWN: that nothing
// of it is found proves nothing, for it may be executed late, or have been and the vCenter forgot its task.
//
//   lost -> one task is proved to be it by its effect -----> adopted, as if it had been in the response
//     |---> one may be it, and runs -----------------------> it has ended, look again; or the time is up
//     '---> several, none, one that failed, no answer -----> OUTCOME_UNKNOWN, never retryable

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { claimTask, findLostTask, lookAgain } from '../../vim25/tasks/task-recovery.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import { ApiError, type ErrorDetails } from '../errors/api-error.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../core/ids.ts'

/** What is seen of a change where no answer tells of it. */
export interface Sight {
  /** Whether what was asked for stands; undefined when that cannot be told from what is seen. */
  readonly isDone: boolean | undefined
  /** A sentence of what is there, without its stop. */
  readonly seen: string
}

/** What else is known when somebody looks for a change of a task. */
interface Clues {
  /** One that may be it, and has succeeded. */
  readonly task?: TaskInfo
}

/** How the call of a task is known again by what it has done, when its answer is lost. */
export interface Traces {
  /** The virtual machine that its task is about, where that is not the object that it is called on. */
  readonly entity?: ManagedObjectReference
  readonly look: (clues: Clues) => Promise<Sight>
  /**
   * Whether any task of the method does what was asked, so that one which still runs may be taken for it. All others are known
   * by what they have done alone. @default false
   */
  readonly byAnyTask?: boolean
}

/** A call whose request may have arrived, and whose response does not prove whether it was executed. */
export class LostAnswer extends Error {
  override readonly cause: Error
  /** By performance.now(). */
  readonly sentAt: number

  constructor(method: string, self: ManagedObjectReference, sentAt: number, cause: Error) {
    const problem =
      cause instanceof VimFaultError
        ? `failed with ${cause.faultName}, which does not prove that it was not executed`
        : 'was sent, but its response was lost'
    super(`${method} on ${self.value} ${problem}: ${cause.message}`)
    this.cause = cause
    this.sentAt = sentAt
  }
}

/**
 * The task that a lost call has begun. Waits for one that may be it, until the deadline, by performance.now().
 * @throws ApiError OUTCOME_UNKNOWN when no task is proved to be it.
 */
export async function adoptTask(
  lost: LostAnswer,
  change: { readonly method: string; readonly entity: ManagedObjectReference; readonly deadline: number },
  { look, byAnyTask = false }: Traces,
  context: Context,
): Promise<ManagedObjectReference> {
  const { method, entity, deadline } = change
  const { session, tasks, recovery } = context.vcenter
  const { signal } = context.scope
  const { sentAt } = lost
  const delays = recovery.lostResponse
  const unknown = (problem: unknown, task?: ManagedObjectReference, fault?: string) => {
    const details = {
      ...(fault && { fault }),
      ...(task && { task: { id: encodeId(context, task), moid: task.value } }),
    }
    return outcomeUnknown(lost, entity, problem, details)
  }
  // One that failed has left no effect to know it by: it may be another client's, and ours still to come.
  const isIt = async (task: TaskInfo) =>
    task.state === 'success' ? (await look({ task })).isDone : undefined
  for (;;) {
    const found = await findLostTask(session, { method, entity, sentAt, isIt, delays }).catch((failure) => {
      throw unknown(failure)
    })
    if (found.kind === 'adopted') return found.task
    if (found.kind === 'none') {
      const { seen } = await look({}).catch((failure) => {
        throw unknown(failure)
      })
      throw unknown(`no task of it was found, and ${seen}, but the vCenter may still carry it out`)
    }
    if (found.kind === 'ambiguous') {
      const [task, ...others] = found.tasks
      if (others.length > 0 || !task)
        throw unknown(`${found.tasks.map(({ task }) => task.value).join(', ')} could each be it`)
      const fault = task.error?.fault._typeName
      const failed = `failed with ${fault}: ${task.error?.localizedMessage ?? ''}`
      throw unknown(
        `${task.task.value} may be it, or that of another client, and ${fault ? failed : 'has left no effect to know it by'}`,
        task.task,
        fault,
      )
    }
    const { task } = found
    const leftMs = deadline - performance.now()
    const wait = leftMs > 0 ? tasks.wait(task, leftMs, signal) : Promise.resolve(undefined)
    const info = await wait.catch((failure) => {
      // As in awaitTask: whose time is up must know that there may be a task.
      const hungUp = signal?.aborted && !context.allowance.exceeded
      throw hungUp ? failure : unknown(failure, task)
    })
    if (hasEnded(info)) continue
    if (!byAnyTask || !claimTask(session, task))
      throw unknown(`${task.value} may be it, and still runs`, task)
    return task
  }
}

/**
 * Finds the outcome of a lost call that starts no task: returns once what it was to do is done.
 * @throws ApiError OUTCOME_UNKNOWN when that is not seen.
 */
export async function seeChange(
  lost: LostAnswer,
  self: ManagedObjectReference,
  look: () => Promise<Sight>,
  { vcenter: { recovery } }: Context,
): Promise<void> {
  let last: Sight | undefined
  const done = await lookAgain(recovery.lostResponse, async () => {
    last = await look()
    return last.isDone ? last : undefined
  }).catch((failure) => {
    throw outcomeUnknown(lost, self, failure)
  })
  if (!done) throw outcomeUnknown(lost, self, `${last?.seen}, but the vCenter may still carry it out`)
}

function outcomeUnknown(
  lost: LostAnswer,
  entity: ManagedObjectReference,
  problem: unknown,
  details: ErrorDetails = {},
): ApiError {
  const { cause } = lost
  const why = problem instanceof Error ? problem.message : String(problem)
  return new ApiError(
    'OUTCOME_UNKNOWN',
    `${lost.message.replace(/\.$/, '')}. Its outcome is unknown: ${why}.`,
    {
      ...(cause instanceof VimFaultError && { fault: cause.faultName }),
      ...details,
      remedy: `It may have been carried out, or may still be. Look at the recent tasks and the snapshots of ${entity.value} before you try again.`,
    },
    { cause },
  )
}
