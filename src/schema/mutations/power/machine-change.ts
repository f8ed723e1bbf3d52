// The change of one virtual machine: what was read before it, what was sent, and how it ended.

import { isInstance } from '../../../soap/type-registry.ts'
import type { DataObject, ManagedObjectReference } from '../../../soap/vim-types.ts'
import { provesNotExecuted } from '../../../vim25/session/fault-evidence.ts'
import { hasEnded, type TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { TaskError, VimFaultError } from '../../../vim25/vim-fault-error.ts'
import type { FoundObject, LookupInput } from '../../core/lookup.ts'
import { withMoid } from '../../core/names.ts'
import { ApiError, type ErrorCode } from '../../errors/api-error.ts'
import { type ClassifiedError, classifyError } from '../../errors/classify-error.ts'
import { powerStateName } from '../../tasks/effect-checks.ts'
import type { MachineOutcome } from '../audit-entry.ts'
import type { PowerAction } from './power-action.ts'

/**
 * How far the change has come. `unsent`: nothing was sent, and nothing will be. `waiting`: the call was accepted, and its end is not
 * known yet. `ended`: the outcome is final.
 */
type Progress = 'pending' | 'unsent' | 'waiting' | 'ended'

export class MachineChange {
  readonly by: LookupInput
  readonly action: PowerAction
  /** Undefined if the lookup found none, or if it does not exist. */
  found: FoundObject | undefined
  name: string | undefined
  /** The datacenter whose call powers it on; undefined if it gets a call of its own. */
  datacenter: ManagedObjectReference | undefined
  /** The task of the call, or of the machine in the result of the call. */
  taskRef: ManagedObjectReference | undefined
  /** The last known state of the task. */
  task: TaskInfo | undefined
  /** Why it was not sent or has failed. */
  error: Error | undefined
  progress: Progress = 'pending'
  outcome: MachineOutcome = 'unchanged'
  /** Whether the wanted state was observed while the task still ran. */
  #isReached = false

  constructor(by: LookupInput, action: PowerAction) {
    this.by = by
    this.action = action
  }

  get moid(): string {
    return this.found?.ref.value ?? ''
  }

  /** For error messages: the name, if it was read, and the moid. */
  get label(): string {
    return this.name === undefined ? this.moid : withMoid(this.name, this.moid)
  }

  /** Nothing is sent, because of this error, or because the machine has the resulting state already. */
  skip(error?: Error): void {
    this.progress = 'unsent'
    this.error = error
    this.outcome = error ? 'failed' : 'unchanged'
  }

  /** Nothing was sent, because the client has disconnected. */
  cancel(error: Error): void {
    this.skip(error)
    this.outcome = 'canceled'
  }

  accept(): void {
    this.progress = 'waiting'
    this.outcome = 'running'
  }

  /** Records a failure of the call, or of the machine within the call. */
  fail(error: Error): void {
    this.error = error
    // Reaching the wanted state before the call did, or at the same time, is no failure. The state decides.
    const { wanted } = this.action
    this.progress = wanted !== undefined && existingState(error) === wanted ? 'waiting' : 'ended'
    this.outcome = outcomeOf(error)
  }

  /** The outcome of the call can no longer be learned from its task: the state of the machine decides. */
  lose(error: Error): void {
    if (this.progress !== 'waiting') return
    this.error = classifyError(error).code === 'OUTCOME_UNKNOWN' ? error : uncertainError(this, error)
    this.outcome = 'unknown'
  }

  /** The task can no longer be followed after the response. */
  loseTask(): void {
    if (this.progress === 'waiting') this.outcome = this.#isReached ? 'success' : 'unknown'
  }

  /** Records the state of the task. */
  recordTask(info: TaskInfo): void {
    this.task = info
    this.taskRef = info.task
  }

  /**
   * Concludes from the observed power state, if it is known, and from the task. The state prevails.
   * @param problem why the state could not be read
   */
  conclude(state: string | undefined, problem?: Error): void {
    if (this.progress !== 'waiting') return
    const { error, task } = this
    const { wanted } = this.action
    const taskError = task?.error && new TaskError(task.task, task.error, task.descriptionId)
    const isEnded = !this.taskRef || hasEnded(task) || error !== undefined
    if (wanted !== undefined && (state ?? existingState(taskError ?? error)) === wanted) {
      this.error = undefined
      // A task that still runs may fail, and is followed for the audit.
      if (isEnded) this.#end('success')
      else this.#isReached = true
    } else if (taskError) this.fail(taskError)
    else if (error) this.#end(outcomeOf(error))
    else if (!this.task && state === undefined && problem) this.#concludeUnobserved(problem)
    else if (isEnded) this.#concludeSuccess(state)
  }

  /** The call was accepted, and neither a task nor the state shows what became of it. */
  #concludeUnobserved(problem: Error): void {
    const isDeleted = classifyError(problem).code === 'NOT_FOUND'
    // No state shows a restart.
    const isDone = !isDeleted && this.action.wanted === undefined
    if (!isDone) this.error = isDeleted ? problem : uncertainError(this, problem)
    this.#end(isDone ? 'success' : 'unknown')
  }

  /** The call, or its task, has succeeded, and the machine is not in the wanted state. */
  #concludeSuccess(state: string | undefined): void {
    if (this.action.wanted === undefined) this.#end('success')
    // Without a task, the change may still come.
    else if (!this.task) return
    else if (state === undefined) this.#end('success')
    else {
      // The client learns that the state differs. For the audit, the action was executed: its task has succeeded.
      this.error = notReachedError(this, this.task, state)
      this.#end('success')
    }
  }

  /** The public error of the result. */
  get classifiedError(): ClassifiedError | undefined {
    const { error, action } = this
    if (!error) return undefined
    const classified = classifyError(error)
    if (error instanceof VimFaultError && error.is('ToolsUnavailable')) {
      const other = action.name === 'SHUTDOWN_GUEST' ? 'POWER_OFF' : 'RESET'
      const remedy = `VMware Tools is not running in the guest. Start or install it, or use ${other}, which does not shut down the guest first.`
      return { ...classified, remedy }
    }
    if (error instanceof VimFaultError && error.is('QuestionPending')) {
      const { text } = error.fault as DataObject<'QuestionPending'>
      return { ...classified, message: questionMessage(this.label, text) }
    }
    return classified
  }

  get code(): ErrorCode | undefined {
    return this.error && classifyError(this.error).code
  }

  #end(outcome: MachineOutcome): void {
    this.progress = 'ended'
    this.outcome = outcome
  }
}

const existingState = (error: Error | undefined): string | undefined =>
  error instanceof VimFaultError && isInstance(error.fault, 'InvalidPowerState')
    ? error.fault.existingState
    : undefined

/** What an error means for the machine: whether it proves that nothing was done. */
function outcomeOf(error: Error): MachineOutcome {
  if (error instanceof TaskError) return provesNotExecuted(error, 'task') ? 'failed' : 'unknown'
  return classifyError(error).code === 'OUTCOME_UNKNOWN' ? 'unknown' : 'failed'
}

/** The error for a call that was sent, and whose outcome cannot be learned. */
const uncertainError = ({ action, label }: MachineChange, cause: Error): ApiError =>
  new ApiError(
    'OUTCOME_UNKNOWN',
    `${action.name} was sent to ${label}, but its outcome is unknown: ${classifyError(cause).message ?? 'an internal error'}`,
    { remedy: 'Read the power state of the virtual machine before you retry.' },
    { cause },
  )

const notReachedError = (
  { label }: MachineChange,
  { task, descriptionId }: TaskInfo,
  state: string | undefined,
): ApiError =>
  new ApiError(
    'CONFLICT',
    `${descriptionId} (${task.value}) succeeded, but ${label} is ${powerStateName(state)}`,
    {
      state,
      remedy:
        'Another client may have changed the power state since then, or the guest did so itself. Check the events of the virtual machine.',
    },
  )

const questionMessage = (label: string, text: string): string =>
  `${label} is blocked by a pending question: ${text}`

/** The error for a machine that waits for the answer to a question. */
export const questionError = ({ label }: MachineChange, text: string): ApiError =>
  new ApiError('CONFLICT', questionMessage(label, text), {
    remedy: 'Answer the question in the vSphere Client, then send this virtual machine again.',
  })
