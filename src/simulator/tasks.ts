// Simulated tasks: queued, running with progress, success or error, and deleted ten minutes after completion.

import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import { type EventCause, eventLogOf, withEventCause } from './history/event-log.ts'
import { taskLogOf } from './history/task-log.ts'
import type { MethodTable } from './method-table.ts'
import { localizedFault } from './service/fault-message.ts'
import type { SimulatedInventory, SimulatedObject } from './simulated-inventory.ts'
import { recentTasksOf, registryOf, type TaskRegistry } from './task-registry.ts'
import { VimFault } from './vim-fault.ts'

export interface TaskOptions {
  /** Such as `CreateSnapshot_Task`. */
  readonly name: string
  /** Such as `VirtualMachine.createSnapshot`. */
  readonly descriptionId: string
  readonly entity: ManagedObjectReference
  /** The user who started it; undefined if the server did. */
  readonly userName: string | undefined
  /** Who or what started it, if it is neither a user nor the server. */
  readonly reason?: DataObject<'TaskReason'>
  /** What the task reports about itself. */
  readonly description?: DataObject<'LocalizableMessage'>
  readonly cancelable?: boolean
  /** Run time; by default the one from the task settings. */
  readonly durationMs?: number
}

const reasonOf = ({ userName, reason }: TaskOptions): DataObject<'TaskReason'> =>
  reason ??
  (userName === undefined
    ? ({ _typeName: 'TaskReasonSystem' } as DataObject<'TaskReasonSystem'>)
    : ({ _typeName: 'TaskReasonUser', userName } as DataObject<'TaskReasonUser'>))

/** Completed tasks are kept for this time; afterwards their references are invalid. */
const retentionMs = 10 * 60 * 1000

/** Progress is reported in quarters, for long tasks about as often as a vCenter does. */
const progressQuarters = 4
const progressEveryMs = 2_000

/** Returns a fault as it appears in the error or the result of a task. */
export const faultInData = ({ detail, message }: VimFault) => localizedFault(detail, message)

/** One task from queued to completion. */
class RunningTask {
  readonly object: SimulatedObject
  readonly cancelable: boolean
  readonly #objects: SimulatedInventory
  readonly #registry: TaskRegistry
  readonly #entity: ManagedObjectReference
  readonly #name: string
  readonly #work: () => unknown
  readonly #cause: EventCause
  #cancelTimer: () => void = () => {}
  #cancelled = false

  constructor(
    objects: SimulatedInventory,
    registry: TaskRegistry,
    options: TaskOptions,
    work: () => unknown,
  ) {
    this.#objects = objects
    this.#registry = registry
    this.#entity = options.entity
    this.#name = options.name
    this.#work = work
    this.cancelable = options.cancelable ?? false
    const moid = objects.nextMoid('task')
    const entityName = objects.find(options.entity)?.get('name') as string | undefined
    // The chain has the key of its first event, which is that of the task.
    const eventChainId = eventLogOf(objects).nextKey
    this.#cause = { userName: options.userName, chainId: eventChainId }
    this.object = objects.add('Task', moid, {
      info: {
        _typeName: 'TaskInfo',
        key: moid,
        task: { type: 'Task', value: moid },
        ...(options.description && { description: options.description }),
        name: options.name,
        descriptionId: options.descriptionId,
        entity: options.entity,
        ...(entityName !== undefined && { entityName }),
        state: 'queued',
        cancelled: false,
        cancelable: this.cancelable,
        reason: reasonOf(options),
        queueTime: objects.clock.now(),
        eventChainId,
      } satisfies DataObject<'TaskInfo'>,
    })
    taskLogOf(objects).add(this.#info)
    const { queuedMs, durationMs } = registry.settings
    const start = () => this.#start(options.durationMs ?? durationMs)
    // Without a delay, the task runs before its reference is returned, so no client can read it as queued.
    if (queuedMs === 0) start()
    else this.#cancelTimer = registry.schedule(queuedMs, start)
  }

  get #info(): DataObject<'TaskInfo'> {
    return this.object.get('info') as DataObject<'TaskInfo'>
  }

  #start(durationMs: number): void {
    this.#change({ state: 'running', startTime: this.#objects.clock.now() })
    this.#step(1, Math.max(progressQuarters, Math.ceil(durationMs / progressEveryMs)), durationMs)
  }

  #step(step: number, steps: number, durationMs: number): void {
    this.#cancelTimer = this.#registry.schedule(durationMs / steps, () => {
      if (this.#cancelled) this.#fail(new VimFault({ _typeName: 'RequestCanceled' }))
      else if (step === steps) this.#finish()
      else {
        this.#change({ progress: Math.floor((100 * step) / steps) })
        this.#step(step + 1, steps, durationMs)
      }
    })
  }

  #finish(): void {
    const failure = this.#registry.takeFailure(this.#name)
    try {
      if (failure && !failure.hasEffect) throw failure.fault
      const result = withEventCause(this.#objects, this.#cause, this.#work)
      if (failure) throw failure.fault
      this.#end({ state: 'success', ...(result !== undefined && { result }) })
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    const fault =
      error instanceof VimFault
        ? error
        : new VimFault({ _typeName: 'SystemError', reason: String((error as Error)?.message) })
    this.#end({ state: 'error', error: faultInData(fault) })
  }

  #end(change: Partial<DataObject<'TaskInfo'>>): void {
    this.#registry.running.delete(this.object.moid)
    this.#change({ ...change, completeTime: this.#objects.clock.now() })
    this.#registry.schedule(retentionMs, () => {
      this.#registry.setListed(this.object, this.#entity, false)
      this.#objects.remove(this.object.ref)
    })
  }

  /**
   * Updates the info. Keeps progress only if the change sets it: a vCenter reports progress only for running
   * tasks.
   */
  #change(change: Partial<DataObject<'TaskInfo'>>): void {
    const { progress: _, ...info } = this.#info
    this.object.set('info', { ...info, ...change })
    taskLogOf(this.#objects).update(this.#info)
  }

  /** Cancels the task at its next step; a queued task ends immediately. */
  cancel(): void {
    this.#cancelled = true
    const info = this.#info
    this.#change({ cancelled: true, ...(info.progress !== undefined && { progress: info.progress }) })
    if (info.state !== 'queued') return
    this.#cancelTimer()
    this.#fail(new VimFault({ _typeName: 'RequestCanceled' }))
  }
}

/**
 * Creates a task and runs it on the inventory's clock. The task is in its entity's recentTask until it is
 * deleted.
 * @param work is called once, at the end of the run time. Its result becomes the task's result, and a
 * VimFault that it throws becomes the task's error.
 */
export function startTask(
  objects: SimulatedInventory,
  options: TaskOptions,
  work: () => unknown,
): ManagedObjectReference {
  const registry = registryOf(objects)
  const task = new RunningTask(objects, registry, options, work)
  registry.running.set(task.object.moid, task)
  registry.setListed(task.object, options.entity, true)
  return task.object.ref
}

/** Returns the entity's task that has not completed, for methods that cannot run concurrently. */
export function runningTaskOf(
  objects: SimulatedInventory,
  entity: ManagedObjectReference,
): ManagedObjectReference | undefined {
  const owner = objects.find(entity)
  return owner && recentTasksOf(owner).find((ref) => registryOf(objects).running.has(ref.value))
}

export const taskMethods: MethodTable = {
  CancelTask({ objects, self }) {
    const task = registryOf(objects).running.get(self.moid)
    if (!task) throw new VimFault({ _typeName: 'InvalidState' })
    if (!task.cancelable) throw new VimFault({ _typeName: 'NotSupported' })
    task.cancel()
    return undefined
  },
}
