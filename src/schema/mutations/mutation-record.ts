// What one mutation field does to the vCenter, noted while it does it: the calls that it sent, what became of each, and the work
// that goes on when its answer is out. audit.ts reports it once nothing more can become of it; use-errors.ts decides by it
// whether the operation may be sent again.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { provesNotExecuted } from '../../vim25/session/fault-evidence.ts'
import { hasEnded, type TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../vim25/vim-fault-error.ts'

/**
 * What became of a call. `unsent`: no byte of it left. `rejected`: the server says that it did not execute it. `sent`: it may
 * have been executed. `running`: its task exists. `done`: it has its effect. `failed`: its task ended with a fault that proves
 * that it has not.
 */
type CallState = 'unsent' | 'rejected' | 'sent' | 'running' | 'done' | 'failed'

/** A call that changes something. */
export interface MutationCall {
  readonly method: string
  /** What it is called on. */
  readonly object: ManagedObjectReference
  /** What its task is about. */
  readonly entity: ManagedObjectReference
  state: CallState
  /** The task that it began. */
  task?: ManagedObjectReference
}

/** The virtual machine that a change is about. */
interface Subject {
  readonly ref: ManagedObjectReference
  /** As people read it, where it was named so or read. */
  readonly name: string | undefined
}

export class MutationRecord {
  /** The key of the mutation field in the response. */
  readonly key: string | number
  /** Set while more calls must follow those that were made, for the mutation to have its whole effect. */
  isUnfinished = false
  readonly #calls: MutationCall[] = []
  #subject: Subject | undefined
  #backgroundWork: Promise<unknown> | undefined
  #lastTask: TaskInfo | undefined

  constructor(key: string | number) {
    this.key = key
  }

  /** The calls that were sent, in their order. */
  get calls(): readonly MutationCall[] {
    return this.#calls.filter(({ state }) => state !== 'unsent')
  }

  /** Whether it has changed something, or may have: sent again, it could do so twice. */
  get mayHaveBeenApplied(): boolean {
    return this.#calls.some(({ state }) => !['unsent', 'rejected', 'failed'].includes(state))
  }

  /** Undefined before it was found, and where it is about none. */
  get subject(): Subject | undefined {
    return this.#subject
  }

  /** The last state of a task of its calls. */
  get lastTask(): TaskInfo | undefined {
    return this.#lastTask
  }

  /** Notes what was found, whatever becomes of the change. */
  setSubject(subject: Subject): void {
    this.#subject = subject
  }

  /** The work that goes on by itself, if there is any; it ends with the last task. */
  get backgroundWork(): Promise<unknown> | undefined {
    return this.#backgroundWork
  }

  /** Notes a call that is about to be made. */
  recordCall(method: string, object: ManagedObjectReference, entity = object): MutationCall {
    const call: MutationCall = { method, object, entity, state: 'unsent' }
    this.#calls.push(call)
    return call
  }

  /** Notes the state of a task of one of its calls. */
  recordTask(info: TaskInfo): void {
    const call = this.#calls.find(({ task }) => task?.value === info.task.value)
    if (!call) return
    this.#lastTask = info
    if (!hasEnded(info)) return
    if (info.state === 'success') call.state = 'done'
    // A host that the vCenter lost may have carried it out all the same.
    else
      call.state =
        info.error && provesNotExecuted(new TaskError(info.task, info.error), 'task') ? 'failed' : 'sent'
  }

  /** Notes work that goes on when the answer is out. */
  continuesInBackground(work: Promise<unknown>): void {
    // Whoever asks what became of it may come later than its failure.
    work.catch(() => {})
    this.#backgroundWork = work
  }
}
