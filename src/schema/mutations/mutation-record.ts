// Records what one mutation field does to the vCenter: the calls that it sends, the state of each, and the work that continues
// after the response. audit.ts reports the record once the outcome is final; use-errors.ts uses it to decide whether the operation
// may be retried.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { provesNotExecuted } from '../../vim25/session/fault-evidence.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'
import type { VCenter } from '../vcenters.ts'
import type { MachineRecord } from './audit-entry.ts'

/**
 * The state of a call. `unsent`: no byte left the gateway. `rejected`: the server reports that it did not execute the call.
 * `sent`: it may have been executed. `running`: its task exists. `done`: it took effect. `failed`: its task ended with a fault
 * that proves that it did not take effect, or the tasks that it started did.
 */
type CallState = 'unsent' | 'rejected' | 'sent' | 'running' | 'done' | 'failed'

/** A write call. */
export interface MutationCall {
  readonly vcenter: Pick<VCenter, 'tasks'>
  readonly method: string
  /** The object that the method is called on. */
  readonly object: ManagedObjectReference
  /** The object that the task reports as its entity. */
  readonly entity: ManagedObjectReference
  /** The tag that is attached or detached: its category and its name. */
  readonly tag?: string
  state: CallState
  /** The task that the call started. */
  task?: ManagedObjectReference
}

/** The object that a mutation changes. */
interface Subject {
  readonly ref: ManagedObjectReference
  /** The display name, if the request contained it or it was read. */
  readonly name: string | undefined
}

export class MutationRecord {
  /** The key of the mutation field in the response. */
  readonly key: string | number
  /** Set while further calls are needed for the mutation to take full effect. */
  isUnfinished = false
  readonly #calls: MutationCall[] = []
  /** Returns the outcomes of a mutation that changes several virtual machines. They decide its own outcome. */
  machines: (() => readonly MachineRecord[]) | undefined
  /** The definition of the alarm that the mutation acknowledges. */
  alarm: Subject | undefined
  #subject: Subject | undefined
  #backgroundWork: Promise<unknown> | undefined
  #lastTask: TaskInfo | undefined

  constructor(key: string | number) {
    this.key = key
  }

  /** The calls that were sent, in order. */
  get calls(): readonly MutationCall[] {
    return this.#calls.filter(({ state }) => state !== 'unsent')
  }

  /** Whether the mutation has changed something, or may have: a retry could apply the change twice. */
  get mayHaveBeenApplied(): boolean {
    return this.#calls.some(({ state }) => !['unsent', 'rejected', 'failed'].includes(state))
  }

  /** Undefined until it is found, and for a mutation that concerns no single object. */
  get subject(): Subject | undefined {
    return this.#subject
  }

  /** The most recently recorded task of its calls. */
  get lastTask(): TaskInfo | undefined {
    return this.#lastTask
  }

  /** Records the object that the mutation concerns. */
  setSubject(subject: Subject): void {
    this.#subject = subject
  }

  /** The work that continues after the response, if any. It settles when the last task has ended. */
  get backgroundWork(): Promise<unknown> | undefined {
    return this.#backgroundWork
  }

  /** Records a call that is about to be sent. */
  recordCall(
    vcenter: Pick<VCenter, 'tasks'>,
    method: string,
    object: ManagedObjectReference,
    entity = object,
  ): MutationCall {
    const call: MutationCall = { vcenter, method, object, entity, state: 'unsent' }
    this.#calls.push(call)
    return call
  }

  /** Records the state of a task. Ignores tasks of other mutations. */
  recordTask(info: TaskInfo): void {
    const call = this.#calls.find(({ task }) => task?.value === info.task.value)
    if (!call) return
    this.#lastTask = info
    if (!hasEnded(info)) return
    if (info.state === 'success') call.state = 'done'
    // A host that lost its connection to the vCenter may still have executed it.
    else
      call.state =
        info.error && provesNotExecuted(new TaskError(info.task, info.error, info.descriptionId), 'task')
          ? 'failed'
          : 'sent'
  }

  /** Records that the call of a task had no effect, although the task has succeeded: it only starts other tasks, which have all failed. */
  recordNoEffect(task: ManagedObjectReference): void {
    const call = this.#calls.find((each) => each.task?.value === task.value)
    if (call) call.state = 'failed'
  }

  /** Records work that continues after the response. */
  continuesInBackground(work: Promise<unknown>): void {
    // Prevents an unhandled rejection if the work fails before the audit awaits it.
    work.catch(() => {})
    this.#backgroundWork = work
  }
}
