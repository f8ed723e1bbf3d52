// What one mutation field does to the vCenter, noted while it does it: the calls that it sent, their tasks, and the work that
// goes on when its answer is out. audit.ts tells of it once nothing more can become of it.

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { TaskInfo } from '../vim25/task-watcher.ts'

/** A call that changes something. */
export interface ChangeCall {
  readonly method: string
  /** What it is called on. */
  readonly object: ManagedObjectReference
  /** What its task is about. */
  readonly entity: ManagedObjectReference
  /** Whether it has left; what was refused before, or could not log in, has not. */
  isSent: boolean
  /** The task that it began. */
  task?: ManagedObjectReference
}

/** The virtual machine that a change is about. */
interface Subject {
  readonly ref: ManagedObjectReference
  /** As people read it, where it was named so or read. */
  readonly name: string | undefined
}

export class Change {
  readonly #calls: ChangeCall[] = []
  #subject: Subject | undefined
  #work: Promise<TaskInfo> | undefined

  /** The calls that were sent, in their order. */
  get calls(): readonly ChangeCall[] {
    return this.#calls.filter(({ isSent }) => isSent)
  }

  /** Undefined before it was found, and where it is about none. */
  get subject(): Subject | undefined {
    return this.#subject
  }

  /** Notes what was found, whatever becomes of the change. */
  isAbout(subject: Subject): void {
    this.#subject = subject
  }

  /** The work that goes on by itself, if there is any; it ends with the last task. */
  get work(): Promise<TaskInfo> | undefined {
    return this.#work
  }

  /** Notes a call that is about to be made. */
  call(method: string, object: ManagedObjectReference, entity = object): ChangeCall {
    const call: ChangeCall = { method, object, entity, isSent: false }
    this.#calls.push(call)
    return call
  }

  /** Its outcome is that of the change, whatever the answer says meanwhile. */
  goesOn(work: Promise<TaskInfo>): void {
    // Whoever asks what became of it may come later than its failure.
    work.catch(() => {})
    this.#work = work
  }
}
