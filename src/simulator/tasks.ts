// Tasks of the simulated vCenter: queued, running with progress, success or error, and gone ten minutes after their end.

import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import type { MethodTable } from './method-table.ts'
import { localizedFault } from './service/fault-text.ts'
import { VimFault } from './vim-fault.ts'
import type { SimulatedObject, World } from './simulated-inventory.ts'

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
export interface TaskTrouble {
  /** Makes the next tasks of the name end with the fault, their work undone; gives what takes that back. */
  fail(name: string, fault: VimFault, times: number): () => void
}

/** Ended tasks are told of for this long, then their references lead nowhere. */
const rememberedMs = 10 * 60 * 1000

/** Progress is told in quarters, of a long task about as often as a vCenter does. */
const progressQuarters = 4
const progressEveryMs = 2_000

/** The tasks of one world. */
class TaskBook implements TaskTrouble {
  readonly settings: TaskSettings = { queuedMs: 20, durationMs: 200 }
  readonly running = new Map<string, RunningTask>()
  readonly #world: World
  readonly #failures: { readonly name: string; readonly fault: VimFault; left: number }[] = []
  readonly #timers = new Set<() => void>()

  constructor(world: World) {
    this.#world = world
  }

  fail(name: string, fault: VimFault, times: number): () => void {
    const failure = { name, fault, left: times }
    this.#failures.push(failure)
    return () => {
      failure.left = 0
    }
  }

  takeFailure(name: string): VimFault | undefined {
    const failure = this.#failures.find((each) => each.name === name && each.left > 0)
    if (failure) failure.left -= 1
    return failure?.fault
  }

  schedule(afterMs: number, callback: () => void): () => void {
    const cancel = this.#world.clock.schedule(afterMs, () => {
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
      const owner = this.#world.find(ref)
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

const books = new WeakMap<World, TaskBook>()

function bookOf(world: World): TaskBook {
  let book = books.get(world)
  if (!book) {
    book = new TaskBook(world)
    books.set(world, book)
  }
  return book
}

export const taskSettings = (world: World): TaskSettings => bookOf(world).settings
export const taskTrouble = (world: World): TaskTrouble => bookOf(world)

/** Ends all that the tasks of a world still wait for; those that run are never finished. */
export const stopTasks = (world: World): void => bookOf(world).stop()

/** How many tasks are queued or running. */
export const countRunningTasks = (world: World): number => bookOf(world).running.size

/** One task from queued to its end. */
class RunningTask {
  readonly object: SimulatedObject
  readonly cancelable: boolean
  readonly #world: World
  readonly #book: TaskBook
  readonly #entity: ManagedObjectReference
  readonly #name: string
  readonly #work: () => unknown
  #cancelTimer: () => void
  #cancelled = false

  constructor(world: World, book: TaskBook, options: TaskOptions, work: () => unknown) {
    this.#world = world
    this.#book = book
    this.#entity = options.entity
    this.#name = options.name
    this.#work = work
    this.cancelable = options.cancelable ?? false
    const moid = world.nextMoid('task')
    const entityName = world.find(options.entity)?.get('name') as string | undefined
    const reason =
      options.userName === undefined
        ? { _typeName: 'TaskReasonSystem' }
        : { _typeName: 'TaskReasonUser', userName: options.userName }
    this.object = world.add('Task', moid, {
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
        queueTime: world.clock.now(),
        eventChainId: Number(moid.replace(/\D/g, '')),
      } satisfies DataObject<'TaskInfo'>,
    })
    const { queuedMs, durationMs } = book.settings
    this.#cancelTimer = book.schedule(queuedMs, () => this.#start(options.durationMs ?? durationMs))
  }

  #start(durationMs: number): void {
    this.#change({ state: 'running', startTime: this.#world.clock.now() })
    this.#step(1, Math.max(progressQuarters, Math.ceil(durationMs / progressEveryMs)), durationMs)
  }

  #step(step: number, steps: number, durationMs: number): void {
    this.#cancelTimer = this.#book.schedule(durationMs / steps, () => {
      if (this.#cancelled) this.#fail(new VimFault({ _typeName: 'RequestCanceled' }))
      else if (step === steps) this.#finish()
      else {
        this.#change({ progress: Math.floor((100 * step) / steps) })
        this.#step(step + 1, steps, durationMs)
      }
    })
  }

  #finish(): void {
    const failure = this.#book.takeFailure(this.#name)
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
    this.#book.running.delete(this.object.moid)
    this.#change({ ...change, completeTime: this.#world.clock.now() })
    this.#book.schedule(rememberedMs, () => {
      this.#book.list(this.object, this.#entity, false)
      this.#world.remove(this.object.ref)
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
export function startTask(world: World, options: TaskOptions, work: () => unknown): ManagedObjectReference {
  const book = bookOf(world)
  const task = new RunningTask(world, book, options, work)
  book.running.set(task.object.moid, task)
  book.list(task.object, options.entity, true)
  return task.object.ref
}

/** The task of an entity that has not ended, for a method that cannot run beside it. */
export function runningTaskOf(
  world: World,
  entity: ManagedObjectReference,
): ManagedObjectReference | undefined {
  const owner = world.find(entity)
  return owner && recentTasksOf(owner).find((ref) => bookOf(world).running.has(ref.value))
}

export const taskMethods: MethodTable = {
  CancelTask({ world, self }) {
    const task = bookOf(world).running.get(self.moid)
    if (!task) throw new VimFault({ _typeName: 'InvalidState' })
    if (!task.cancelable) throw new VimFault({ _typeName: 'NotSupported' })
    task.cancel()
    return undefined
  },
}
