// Removes a temporary snapshot, found by its marker: immediately, or by bounded retries in the background, because a snapshot whose
// creation has an unknown outcome may appear late. setChangeTracking also removes leftovers of earlier calls of any gateway.

import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { hasEnded, type TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { TaskError, VimFaultError } from '../../../vim25/vim-fault-error.ts'
import type { VCenterContext } from '../../context.ts'
import { ApiError } from '../../errors/api-error.ts'
import { verifyRemove } from '../../tasks/effect-checks.ts'
import { loadTask } from '../../tasks/load-task.ts'
import type { EffectCheck } from '../../tasks/recover-task.ts'
import { awaitTask, type TaskCall, type TaskMethod } from '../../tasks/run-task.ts'
import { snapshotsOf } from '../../virtual-machine/snapshots/snapshot-tree.ts'
import { startTaskDescribingConflict } from '../send-change.ts'
import { findMarker, hasMarker, type SnapshotMarker } from './snapshot-marker.ts'

/** About a day with the default delays. */
const maxAttempts = 150

/** How long one wait for a task lasts before its state is checked again. */
const taskTimeoutMs = 600_000

/** Marker ids of the snapshots that this process has just taken and is about to remove. */
const reservedIds = new Set<string>()

export interface StartedTask {
  readonly task: ManagedObjectReference
  readonly effectCheck: EffectCheck
}

export class SnapshotRemoval {
  readonly vm: ManagedObjectReference
  readonly marker: SnapshotMarker
  readonly #context: VCenterContext
  /** Whether the snapshot has been in the tree. Once it was seen and is no longer there, the removal is complete. */
  #wasSeen: boolean

  /** @param context a background context, so that a client that disconnects does not abort the work */
  constructor(vm: ManagedObjectReference, marker: SnapshotMarker, context: VCenterContext, wasSeen = false) {
    this.vm = vm
    this.marker = marker
    this.#context = context
    this.#wasSeen = wasSeen
  }

  /** Prevents other removals in this process from removing the snapshot while `work` runs. */
  async reserve<T>(work: () => Promise<T>): Promise<T> {
    reservedIds.add(this.marker.id)
    try {
      return await work()
    } finally {
      reservedIds.delete(this.marker.id)
    }
  }

  /**
   * Removes the snapshot. Checks its marker before each call: a user may have renamed the snapshot to keep it, and a reference
   * from a response alone is not trusted.
   * @param machine the virtual machine as it was just read, with the path `snapshot`
   * @returns the task; undefined if the snapshot does not exist
   */
  async remove(
    onStart?: (started: StartedTask) => void,
    machine?: ManagedObject<'VirtualMachine'>,
  ): Promise<TaskInfo | undefined> {
    const ref = (machine && readOr(() => this.#in(machine), undefined)) ?? (await this.#find())
    if (!ref) return undefined
    this.#wasSeen = true
    try {
      const args = { removeChildren: false, consolidate: true }
      const effectCheck = verifyRemove(this.vm, [ref], this.#context)
      const call = { method: 'RemoveSnapshot_Task', self: ref, args, effectCheck } as const
      return await runToCompletion(call, this.#context, onStart)
    } catch (error) {
      if (error instanceof VimFaultError && error.is('ManagedObjectNotFound')) return undefined
      throw error
    }
  }

  /** Removes the snapshot. If that fails, retries in the background. */
  async removeOrWatch(): Promise<void> {
    await this.remove().catch((error) => {
      this.warn(`has not been removed yet: ${String(error)}`)
      void this.#context.vcenter.backgroundJobs.run(() => this.retryRemoval())
    })
  }

  /**
   * Retries until the snapshot is removed. If it never appears, stops after the configured delays. Logs a warning if the snapshot
   * may be left behind.
   * @param mayAppear whether the snapshot may still be created
   */
  async retryRemoval(mayAppear = true): Promise<void> {
    const { backgroundJobs, recovery } = this.#context.vcenter
    const delays = recovery.leftSnapshot
    let problem: unknown
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      await backgroundJobs.delay(delays[attempt] ?? (delays.at(-1) as number))
      try {
        await this.remove()
        if (this.#wasSeen) return
        problem = 'it has not appeared'
        if (attempt >= delays.length - 1) break
      } catch (error) {
        problem = error
      }
      // The gateway is closing: the delay ended early, and this was the last attempt.
      if (backgroundJobs.isClosing) break
    }
    if (this.#wasSeen || mayAppear)
      this.warn(
        `may be left behind: ${String(problem)}. The next setChangeTracking on the virtual machine removes it`,
      )
  }

  warn(problem: string): void {
    const { name, backgroundJobs } = this.#context.vcenter
    backgroundJobs.warn(
      `${name}: the temporary snapshot ${JSON.stringify(this.marker.name)} of ${this.vm.value} ${problem}`,
    )
  }

  /** @throws ApiError CONFLICT while a running task may still create the snapshot */
  async #find(): Promise<ManagedObjectReference | undefined> {
    const found = await this.#inTree()
    if (found || this.#wasSeen) return found
    // A task that has ended when it is read here has its snapshot in the tree when the tree is read again.
    const reader = this.#context.vcenter.freshReader()
    const machine = await reader.object(this.vm, new PlanNode('VirtualMachine', 'recentTask'))
    const tasks = machine?.read('recentTask') ?? []
    const infos = await Promise.all(tasks.map((task) => loadTask(task, reader)))
    const foundLater = await this.#inTree()
    const running = infos.find((info) => info && !hasEnded(info))
    if (!foundLater && running) throw new ApiError('CONFLICT', `${running.key} is still running`)
    return foundLater
  }

  async #inTree(): Promise<ManagedObjectReference | undefined> {
    const vm = await this.#context.vcenter
      .freshReader()
      .object(this.vm, new PlanNode('VirtualMachine', 'snapshot'))
    return vm && this.#in(vm)
  }

  #in(machine: ManagedObject<'VirtualMachine'>): ManagedObjectReference | undefined {
    return snapshotsOf(machine).find((snapshot) => hasMarker(snapshot, this.marker))?.tree.snapshot
  }
}

/** Returns removals of all temporary snapshots left on a virtual machine. Needs the path `snapshot` and a background context. */
export const leftoverRemovals = (
  machine: ManagedObject<'VirtualMachine'>,
  context: VCenterContext,
): SnapshotRemoval[] =>
  snapshotsOf(machine).flatMap((snapshot) => {
    const marker = findMarker(snapshot)
    if (!marker || reservedIds.has(marker.id)) return []
    return [new SnapshotRemoval(machine.ref, marker, context, true)]
  })

/**
 * Starts a task and waits until it has ended.
 * @param onStart called as soon as the task exists
 * @throws TaskError if the task ends with an error; ApiError OUTCOME_UNKNOWN if the gateway stops first
 */
export async function runToCompletion<M extends TaskMethod>(
  call: Omit<TaskCall<M>, 'deadline'>,
  context: VCenterContext,
  onStart: (started: StartedTask) => void = () => {},
): Promise<TaskInfo> {
  const task = await startTaskDescribingConflict(
    { ...call, deadline: performance.now() + taskTimeoutMs },
    context,
  )
  onStart({ task, effectCheck: call.effectCheck })
  for (;;) {
    const info = await awaitTask(
      task,
      taskTimeoutMs,
      call.effectCheck,
      context.vcenter.freshReader(),
      context,
    )
    if (info.error) throw new TaskError(task, info.error, info.descriptionId)
    if (hasEnded(info)) return info
    if (context.vcenter.backgroundJobs.isClosing) {
      throw new ApiError(
        'OUTCOME_UNKNOWN',
        `${task.value} was still ${info.state} when the gateway shut down`,
      )
    }
  }
}
