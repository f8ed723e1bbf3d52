// The tasks of one inventory: settings, injected failures, timers, and the tasks that are queued or running.

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { SimulatedInventory, SimulatedObject } from './simulated-inventory.ts'
import type { VimFault } from './vim-fault.ts'

/** How the tasks of an inventory run. Changes apply to tasks that start later. */
export interface TaskSettings {
  /** How long a task is queued. */
  queuedMs: number
  /** How long it then runs by default. A snapshot with memory takes longer. */
  durationMs: number
}

/** How a task fails. */
interface TaskFailure {
  readonly fault: VimFault
  /** Whether the task has done its work before it fails. */
  readonly hasEffect: boolean
}

/** Injects task failures. */
export interface TaskFaults {
  /**
   * Makes the next `times` tasks of this name fail with the fault: without effect, or after it.
   * @returns a function that undoes it.
   */
  fail(name: string, failure: TaskFailure, times: number): () => void
}

/** A task that is queued or running. */
interface Cancelable {
  readonly cancelable: boolean
  cancel(): void
}

/** The tasks of one inventory. */
export class TaskRegistry implements TaskFaults {
  readonly settings: TaskSettings = { queuedMs: 20, durationMs: 200 }
  readonly running = new Map<string, Cancelable>()
  readonly #objects: SimulatedInventory
  readonly #failures: (TaskFailure & { readonly name: string; remaining: number })[] = []
  readonly #timers = new Set<() => void>()

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
  }

  fail(name: string, { fault, hasEffect }: TaskFailure, times: number): () => void {
    const failure = { name, fault, hasEffect, remaining: times }
    this.#failures.push(failure)
    return () => {
      failure.remaining = 0
    }
  }

  takeFailure(name: string): TaskFailure | undefined {
    const failure = this.#failures.find((each) => each.name === name && each.remaining > 0)
    if (failure) failure.remaining -= 1
    return failure
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

  /** Adds a task to the recentTask of its entity and of the TaskManager, or removes it. */
  setListed(task: SimulatedObject, entity: ManagedObjectReference, listed: boolean): void {
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

export const recentTasksOf = (object: SimulatedObject) =>
  (object.get('recentTask') as readonly ManagedObjectReference[] | undefined) ?? []

const registries = new WeakMap<SimulatedInventory, TaskRegistry>()

export function registryOf(objects: SimulatedInventory): TaskRegistry {
  let registry = registries.get(objects)
  if (!registry) {
    registry = new TaskRegistry(objects)
    registries.set(objects, registry)
  }
  return registry
}

export const taskSettings = (objects: SimulatedInventory): TaskSettings => registryOf(objects).settings
export const taskFaults = (objects: SimulatedInventory): TaskFaults => registryOf(objects)

/** Cancels all timers of an inventory's tasks. Running tasks never complete. */
export const stopTasks = (objects: SimulatedInventory): void => registryOf(objects).stop()

/** Returns the number of tasks that are queued or running. */
export const countRunningTasks = (objects: SimulatedInventory): number => registryOf(objects).running.size
