// A change whose answer was lost: what of it can be found out, and what its caller is told.
//
//   lost -> a task is it ----------------------------------------> adopted, as if it had been answered
//     |---> one may be it, and runs ---> it has ended, look again; or the time is up
//     |---> none, and nothing shows of it ------------------------> not carried out, may be sent again
//     '---> several, or something shows, or nobody tells ---------> OUTCOME_UNKNOWN

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import { TransportError } from '../transport/transport-error.ts'
import { claimTask, type Finding, findLostTask, lookAgain } from '../vim25/lost-change.ts'
import { hasEnded, type TaskInfo } from '../vim25/task-watcher.ts'
import { ApiError } from './api-error.ts'
import type { Context } from './context.ts'
import { encodeId } from './ids.ts'

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
  /** No task is it: what shows of it without one. */
  readonly none?: Extract<Finding, { kind: 'none' }>
}

/** How the call of a task is known again by what it has done, when its answer is lost. */
export interface Traces {
  /** The virtual machine that its task is about, where that is not the object that it is called on. */
  readonly entity?: ManagedObjectReference
  readonly look: (clues: Clues) => Promise<Sight>
  /** Whether the task is known by its result alone: while it runs it could be anybody's. @default false */
  readonly onlyByResult?: boolean
}

/** A call whose request may have arrived and whose answer did not. */
export class LostAnswer extends Error {
  override readonly cause: Error
  /** By performance.now(). */
  readonly sentAt: number

  constructor(method: string, self: ManagedObjectReference, sentAt: number, cause: Error) {
    super(`${method} on ${self.value} was sent, but its answer was lost: ${cause.message}`)
    this.cause = cause
    this.sentAt = sentAt
  }

  /** Whether it was given up on rather than broken off: the vCenter may still carry it out, however long one looks. */
  get mayBeUnderWay(): boolean {
    const { cause } = this
    return cause instanceof TransportError && (cause.code === 'TIMEOUT' || cause.status === 504)
  }
}

/**
 * The task that a lost call has begun. Waits for one that may be it, until the deadline, by performance.now().
 * @throws ApiError VCENTER_UNAVAILABLE when it was not carried out; OUTCOME_UNKNOWN when that cannot be told.
 */
export async function adoptTask(
  lost: LostAnswer,
  change: { readonly method: string; readonly entity: ManagedObjectReference; readonly deadline: number },
  { look, onlyByResult = false }: Traces,
  context: Context,
): Promise<ManagedObjectReference> {
  const { method, entity, deadline } = change
  const { session, tasks } = context.vcenter
  const { signal } = context.scope
  const { sentAt } = lost
  const isIt = async (task: TaskInfo) => (await look({ task })).isDone
  for (;;) {
    const found = await findLostTask(session, { method, entity, sentAt, isIt }).catch((failure) => {
      throw outcomeUnknown(lost, entity, { failure })
    })
    if (found.kind === 'none') throw await withoutTask(lost, entity, () => look({ none: found }))
    const { task, kind } = found
    if (kind === 'adopted') return task
    const unknown = (failure?: unknown) =>
      outcomeUnknown(lost, entity, { failure, task: { id: encodeId(context, task), moid: task.value } })
    const leftMs = deadline - performance.now()
    const wait = leftMs > 0 ? tasks.wait(task, leftMs, signal) : Promise.resolve(undefined)
    const info = await wait.catch((failure) => {
      throw signal?.aborted ? failure : unknown(failure)
    })
    if (hasEnded(info)) continue
    if (onlyByResult || !claimTask(session, task))
      throw unknown(new Error(`${task.value} may be it, and still runs`))
    return task
  }
}

/**
 * What a lost call that is no task has come to: nothing is thrown where what it asked for stands.
 * @throws ApiError as `adoptTask`.
 */
export async function seeChange(
  lost: LostAnswer,
  self: ManagedObjectReference,
  look: () => Promise<Sight>,
): Promise<void> {
  let last: Sight | undefined
  const done = await lookAgain(async () => {
    last = await look()
    return last.isDone ? last : undefined
  }).catch((failure) => {
    throw outcomeUnknown(lost, self, { failure })
  })
  if (!done) throw await withoutTask(lost, self, async () => last as Sight)
}

async function withoutTask(
  lost: LostAnswer,
  entity: ManagedObjectReference,
  look: () => Promise<Sight>,
): Promise<ApiError> {
  const sight = await look().catch((failure) => {
    throw outcomeUnknown(lost, entity, { failure })
  })
  const { seen, isDone } = sight
  if (isDone !== false || lost.mayBeUnderWay) {
    const late = lost.mayBeUnderWay ? ', but the vCenter may still carry it out' : ''
    return outcomeUnknown(lost, entity, { failure: new Error(`${seen}${late}`) })
  }
  return new ApiError(
    'VCENTER_UNAVAILABLE',
    `${lost.message}. The vCenter knows nothing of it, and ${seen}: it was not carried out.`,
    { retryable: true, remedy: 'Try again.' },
    { cause: lost.cause },
  )
}

function outcomeUnknown(
  lost: LostAnswer,
  entity: ManagedObjectReference,
  { failure, task }: { readonly failure?: unknown; readonly task?: { id: string; moid: string } },
): ApiError {
  const why = failure instanceof Error ? ` What came of it cannot be told: ${failure.message}.` : ''
  return new ApiError(
    'OUTCOME_UNKNOWN',
    `${lost.message}.${why}`,
    {
      ...(task && { task }),
      remedy: `It may have been carried out. Look at the recent tasks and the snapshots of ${entity.value} before you try again.`,
    },
    { cause: lost.cause },
  )
}
