// Tasks of the simulated vCenter: queued, running with progress, success or error, and gone ten minutes after their end.

import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import type { MethodTable } from './method-table.ts'
import { localizedFault } from './service/fault-text.ts'
import type { SimulatedInventory, SimulatedObject } from './simulated-inventory.ts'
import { VimFault } from './vim-fault.ts'

export interface TaskOptions {
  /** Such as `CreateSnapshot_Task`. */
  readonly name: string
  /** Such as `VirtualMachine.createSnapshot`. */
  readonly descriptionId: string
  readonly entity: ManagedObjectReference
  readonly userName: string | undefined
  readonly cancelable?: boolean
  /** How long it takes; the world's task settings say how long if this does not. */
  readonly durationMs?: number
}

/** How the tasks of a world run. Changes count for tasks that start later. */
export interface TaskSettings {
  /** How long a task is queued. */
  queuedMs: number
  /** How long it then runs, if it does not say itself. A snapshot with memory takes longer. */
  durationMs: number
}

/** Lets tasks fail. */
export interface TaskFaults {
  /** Makes the next tasks of the name end with the fault, their work undone; gives what takes that back. */
  fail(name: string, fault: VimFault, times: number): () => void
}

/** Ended tasks are told of for this long, then their references lead nowhere. */
const retentionMs = 10 * 60 * 1000

/** Progress is told in quarters, of a long task about as often as a vCenter does. */
const progressQuarters = 4
const progressEveryMs = 2_000

/** The tasks of one world. */
class TaskRegistry implements TaskFaults {
  readonly settings: TaskSettings = { queuedMs: 20, durationMs: 200 }
  readonly running = new Map<string, RunningTask>()
  readonly #objects: SimulatedInventory
  readonly #failures: { readonly name: string; readonly fault: VimFault; remaining: number }[] = []
  readonly #timers = new Set<() => void>()

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
  }

  fail(name: string, fault: VimFault, times: number): () => void {
    const failure = { name, fault, remaining: times }
    this.#failures.push(failure)
    return () => {
      failure.remaining = 0
    }
  }

  takeFailure(name: string): VimFault | undefined {
    const failure = this.#failures.find((each) => each.name === name && each.remaining > 0)
    if (failure) failure.remaining -= 1
    return failure?.fault
  }

  schedule(afterMs: number, callback: () => void): () => void {
    const cancel = this.#objects.clock.schedule(afterMs, () => {
      this.#timers.delete(cancel)
      callback()
    })
    this.#timers.add(cancel)
    return () => {
      this.#timers.delete(cancel)
      cancel()
    }
  }

  /** Lists a task, or no longer, with its entity and with the TaskManager. */
  list(task: SimulatedObject, entity: ManagedObjectReference, listed: boolean): void {
    for (const ref of [entity, { type: 'TaskManager', value: 'TaskManager' }]) {
      const owner = this.#objects.find(ref)
      if (!owner) continue
      const others = recentTasksOf(owner).filter((each) => each.value !== task.moid)
      owner.set('recentTask', listed ? [...others, task.ref] : others)
    }
  }

  stop(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.running.clear()
  }
}

const recentTasksOf = (object: SimulatedObject) =>
  (object.get('recentTask') as readonly ManagedObjectReference[] | undefined) ?? []

const books = new WeakMap<SimulatedInventory, TaskRegistry>()

function bookOf(objects: SimulatedInventory): TaskRegistry {
  let history = books.get(objects)
  if (!history) {
    history = new TaskRegistry(objects)
    books.set(objects, history)
  }
  return history
}

export const taskSettings = (objects: SimulatedInventory): TaskSettings => bookOf(objects).settings
export const taskFaults = (objects: SimulatedInventory): TaskFaults => bookOf(objects)

/** Ends all that the tasks of a world still wait for; those that run are never finished. */
export const stopTasks = (objects: SimulatedInventory): void => bookOf(objects).stop()

/** How many tasks are queued or running. */
export const countRunningTasks = (objects: SimulatedInventory): number => bookOf(objects).running.size

/** One task from queued to its end. */
class RunningTask {
  readonly object: SimulatedObject
  readonly cancelable: boolean
  readonly #objects: SimulatedInventory
  readonly #history: TaskRegistry
  readonly #entity: ManagedObjectReference
  readonly #name: string
  readonly #work: () => unknown
  #cancelTimer: () => void
  #cancelled = false

  constructor(objects: SimulatedInventory, history: TaskRegistry, options: TaskOptions, work: () => unknown) {
    this.#objects = objects
    this.#history = history
    this.#entity = options.entity
    this.#name = options.name
    this.#work = work
    this.cancelable = options.cancelable ?? false
    const moid = objects.nextMoid('task')
    const entityName = objects.find(options.entity)?.get('name') as string | undefined
    const reason =
      options.userName === undefined
        ? { _typeName: 'TaskReasonSystem' }
        : { _typeName: 'TaskReasonUser', userName: options.userName }
    this.object = objects.add('Task', moid, {
      info: {
        _typeName: 'TaskInfo',
        key: moid,
        task: { type: 'Task', value: moid },
        name: options.name,
        descriptionId: options.descriptionId,
        entity: options.entity,
        ...(entityName !== undefined && { entityName }),
        state: 'queued',
        cancelled: false,
        cancelable: this.cancelable,
        reason,
        queueTime: objects.clock.now(),
        eventChainId: Number(moid.replace(/\D/g, '')),
      } satisfies DataObject<'TaskInfo'>,
    })
    const { queuedMs, durationMs } = history.settings
    this.#cancelTimer = history.schedule(queuedMs, () => this.#start(options.durationMs ?? durationMs))
  }

  #start(durationMs: number): void {
    this.#change({ state: 'running', startTime: this.#objects.clock.now() })
    this.#step(1, Math.max(progressQuarters, Math.ceil(durationMs / progressEveryMs)), durationMs)
  }

  #step(step: number, steps: number, durationMs: number): void {
    this.#cancelTimer = this.#history.schedule(durationMs / steps, () => {
      if (this.#cancelled) this.#fail(new VimFault({ _typeName: 'RequestCanceled' }))
      else if (step === steps) this.#finish()
      else {
        this.#change({ progress: Math.floor((100 * step) / steps) })
        this.#step(step + 1, steps, durationMs)
      }
    })
  }

  #finish(): void {
    const failure = this.#history.takeFailure(this.#name)
    try {
      if (failure) throw failure
      const result = this.#work()
      this.#end({ state: 'success', ...(result !== undefined && { result }) })
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    const { detail, message } =
      error instanceof VimFault
        ? error
        : new VimFault({ _typeName: 'SystemError', reason: String((error as Error)?.message) })
    this.#end({ state: 'error', error: localizedFault(detail, message) })
  }

  #end(change: Partial<DataObject<'TaskInfo'>>): void {
    this.#history.running.delete(this.object.moid)
    this.#change({ ...change, completeTime: this.#objects.clock.now() })
    this.#history.schedule(retentionMs, () => {
      this.#history.list(this.object, this.#entity, false)
      this.#objects.remove(this.object.ref)
    })
  }

  /** Progress stands only in a change that gives it: a vCenter tells it of running tasks alone. */
  #change(change: Partial<DataObject<'TaskInfo'>>): void {
    const { progress: _, ...info } = this.object.get('info') as DataObject<'TaskInfo'>
    this.object.set('info', { ...info, ...change })
  }

  /** The task ends at its next step; one that is still queued ends at once. */
  cancel(): void {
    this.#cancelled = true
    const info = this.object.get('info') as DataObject<'TaskInfo'>
    this.#change({ cancelled: true, ...(info.progress !== undefined && { progress: info.progress }) })
    if (info.state !== 'queued') return
    this.#cancelTimer()
    this.#fail(new VimFault({ _typeName: 'RequestCanceled' }))
  }
}

/**
 * Makes a task and runs it by the world's clock. `work` is called once, at the end of its time, and its result becomes
 * the task's; a VimFault that it throws becomes the task's error. The task is in its entity's recentTask until it is forgotten.
 */
export function startTask(
  objects: SimulatedInventory,
  options: TaskOptions,
  work: () => unknown,
): ManagedObjectReference {
  const history = bookOf(objects)
  const task = new RunningTask(objects, history, options, work)
  history.running.set(task.object.moid, task)
  history.list(task.object, options.entity, true)
  return task.object.ref
}

/** The task of an entity that has not ended, for a method that cannot run beside it. */
export function runningTaskOf(
  objects: SimulatedInventory,
  entity: ManagedObjectReference,
): ManagedObjectReference | undefined {
  const owner = objects.find(entity)
  return owner && recentTasksOf(owner).find((ref) => bookOf(objects).running.has(ref.value))
}

export const taskMethods: MethodTable = {
  CancelTask({ objects, self }) {
    const task = bookOf(objects).running.get(self.moid)
    if (!task) throw new VimFault({ _typeName: 'InvalidState' })
    if (!task.cancelable) throw new VimFault({ _typeName: 'NotSupported' })
    task.cancel()
    return undefined
  },
}
