// A change that was sent, and whose response does not prove what became of it: a lost or unreadable response, or a fault that
// proves nothing (fault-evidence.ts). Its outcome is found by its task and its effect, or it is OUTCOME_UNKNOWN: that nothing
// of it is found proves nothing, for it may be executed late, or have been and the vCenter forgot its task.
//
//   lost -> one task is proved to be it by its effect -----> adopted, as if it had been in the response
//     |---> one may be it, and runs -----------------------> it has ended, look again; or the time is up
//     '---> several, none, one that failed, no answer -----> OUTCOME_UNKNOWN, never retryable

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { adopt, findLostTask, poll } from '../../vim25/tasks/task-recovery.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { VimFaultError } from '../../vim25/vim-fault-error.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../core/ids.ts'
import { ApiError, type ErrorDetails } from '../errors/api-error.ts'

/** What is seen of a change where no answer tells of it. */
export interface Observation {
  /** Whether what was asked for stands; undefined when that cannot be told from what is seen. */
  readonly applied: boolean | undefined
  /** A sentence of what is there, without its stop. */
  readonly description: string
}

/** What else is known when somebody looks for a change of a task. */
interface ObservationHints {
  /** One that may be it, and has succeeded. */
  readonly task?: TaskInfo
}

/** How the call of a task is known again by what it has done, when its answer is lost. */
export interface EffectCheck {
  /** The virtual machine that its task is about, where that is not the object that it is called on. */
  readonly entity?: ManagedObjectReference
  readonly observe: (clues: ObservationHints) => Promise<Observation>
  /**
   * Whether any task of the method does what was asked, so that one which still runs may be taken for it. All others are known
   * by what they have done alone. @default false
   */
  readonly anyTaskSatisfies?: boolean
}

/** A call whose request may have arrived, and whose response does not prove whether it was executed. */
export class LostResponseError extends Error {
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
export async function recoverTask(
  lostResponse: LostResponseError,
  call: { readonly method: string; readonly entity: ManagedObjectReference; readonly deadline: number },
  { observe, anyTaskSatisfies = false }: EffectCheck,
  context: Context,
): Promise<ManagedObjectReference> {
  const { method, entity, deadline } = call
  const { session, tasks, recovery } = context.vcenter
  const { signal } = context.callOptions
  const { sentAt } = lostResponse
  const delays = recovery.lostResponse
  const unknownOutcome = (problem: unknown, task?: ManagedObjectReference, fault?: string) => {
    const details = {
      ...(fault && { fault }),
      ...(task && { task: { id: encodeId(context, task), moid: task.value } }),
    }
    return outcomeUnknownError(lostResponse, entity, problem, details)
  }
  // One that failed has left no effect to know it by: it may be another client's, and ours still to come.
  const matches = async (task: TaskInfo) =>
    task.state === 'success' ? (await observe({ task })).applied : undefined
  for (;;) {
    const found = await findLostTask(session, { method, entity, sentAt, matches, delays }).catch(
      (failure) => {
        throw unknownOutcome(failure)
      },
    )
    if (found.kind === 'adopted') return found.task
    if (found.kind === 'none') {
      const { description } = await observe({}).catch((failure) => {
        throw unknownOutcome(failure)
      })
      throw unknownOutcome(
        `no task of it was found, and ${description}, but the vCenter may still carry it out`,
      )
    }
    if (found.kind === 'ambiguous') {
      const [task, ...others] = found.tasks
      if (others.length > 0 || !task)
        throw unknownOutcome(`${found.tasks.map(({ task }) => task.value).join(', ')} could each be it`)
      const fault = task.error?.fault._typeName
      const failed = `failed with ${fault}: ${task.error?.localizedMessage ?? ''}`
      throw unknownOutcome(
        `${task.task.value} may be it, or that of another client, and ${fault ? failed : 'has left no effect to know it by'}`,
        task.task,
        fault,
      )
    }
    const { task } = found
    const remainingMs = deadline - performance.now()
    const wait = remainingMs > 0 ? tasks.wait(task, remainingMs, signal) : Promise.resolve(undefined)
    const info = await wait.catch((failure) => {
      // As in awaitTask: whose time is up must know that there may be a task.
      const isClientAbort = signal?.aborted && !context.budget.exceededError
      throw isClientAbort ? failure : unknownOutcome(failure, task)
    })
    if (hasEnded(info)) continue
    if (!anyTaskSatisfies || !adopt(session, task))
      throw unknownOutcome(`${task.value} may be it, and still runs`, task)
    return task
  }
}

/**
 * Finds the outcome of a lost call that starts no task: returns once what it was to do is done.
 * @throws ApiError OUTCOME_UNKNOWN when that is not seen.
 */
export async function verifyChange(
  lostResponse: LostResponseError,
  self: ManagedObjectReference,
  observe: () => Promise<Observation>,
  { vcenter: { recovery } }: Context,
): Promise<void> {
  let last: Observation | undefined
  const applied = await poll(recovery.lostResponse, async () => {
    last = await observe()
    return last.applied ? last : undefined
  }).catch((failure) => {
    throw outcomeUnknownError(lostResponse, self, failure)
  })
  if (!applied)
    throw outcomeUnknownError(
      lostResponse,
      self,
      `${last?.description}, but the vCenter may still carry it out`,
    )
}

function outcomeUnknownError(
  lostResponse: LostResponseError,
  entity: ManagedObjectReference,
  problem: unknown,
  details: ErrorDetails = {},
): ApiError {
  const { cause } = lostResponse
  const reason = problem instanceof Error ? problem.message : String(problem)
  return new ApiError(
    'OUTCOME_UNKNOWN',
    `${lostResponse.message.replace(/\.$/, '')}. Its outcome is unknown: ${reason}.`,
    {
      ...(cause instanceof VimFaultError && { fault: cause.faultName }),
      ...details,
      remedy: `It may have been carried out, or may still be. Look at the recent tasks and the snapshots of ${entity.value} before you try again.`,
    },
    { cause },
  )
}
