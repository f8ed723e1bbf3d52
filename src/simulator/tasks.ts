// Tasks of the simulated vCenter: queued, running with progress, success or error, and gone ten minutes after their end.

import type { ManagedObjectReference } from '../soap/vim-types.ts'
import type { World } from './world.ts'

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

/**
 * Makes a task and runs it by the world's clock. `work` is called once, at the end of its time, and its result becomes
 * the task's; a VimFault that it throws becomes the task's error. While it has not ended the task is in its entity's recentTask.
 */
export declare function startTask(world: World, options: TaskOptions, work: () => unknown): ManagedObjectReference
