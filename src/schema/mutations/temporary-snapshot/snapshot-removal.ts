// Removes a temporary snapshot: found by its marker, at once or by a bounded watch in the background, since one whose creation has
// an unknown outcome may appear late. setChangeTracking also removes those that earlier ones left behind, of any gateway.

import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { hasEnded, type TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { TaskError, VimFaultError } from '../../../vim25/vim-fault-error.ts'
import type { Context } from '../../context.ts'
import { loadTask } from '../../core/load-node.ts'
import { ApiError } from '../../errors/api-error.ts'
import { verifyRemove } from '../../tasks/effect-checks.ts'
import type { EffectCheck } from '../../tasks/recover-task.ts'
import { awaitTask, type TaskCall, type TaskMethod } from '../../tasks/run-task.ts'
import { snapshotsOf } from '../../virtual-machine/snapshot-tree.ts'
import { startTaskDescribingConflict } from '../send-change.ts'
import { findMarker, hasMarker, type SnapshotMarker } from './snapshot-marker.ts'

/** About a day, with the default delays. */
const maxAttempts = 150

/** For as long one task is watched at a time. */
const taskTimeoutMs = 600_000

/** The ids of those that this process has just taken and is about to remove. */
const reservedIds = new Set<string>()

export interface StartedTask {
  readonly task: ManagedObjectReference
  readonly effectCheck: EffectCheck
}

export class SnapshotRemoval {
  readonly vm: ManagedObjectReference
  readonly marker: SnapshotMarker
  readonly #context: Context
  /** Whether it was in the tree of the virtual machine: once it is not any more, nothing is left to do. */
  #wasSeen: boolean

  /** @param context a detached one: no client that disconnects ends the work. */
  constructor(vm: ManagedObjectReference, marker: SnapshotMarker, context: Context, wasSeen = false) {
    this.vm = vm
    this.marker = marker
    this.#context = context
    this.#wasSeen = wasSeen
  }

  /** Keeps others in this process from removing it while `work` runs. */
  async reserve<T>(work: () => Promise<T>): Promise<T> {
    reservedIds.add(this.marker.id)
    try {
      return await work()
    } finally {
      reservedIds.delete(this.marker.id)
    }
  }

  /**
   * Undefined when it is not there. Reads its marker before each call: no response is trusted to name it, and somebody may have
   * renamed it to keep it.
   * @param machine as it was just read, with the path `snapshot`
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

  /** Removes it; if that fails, goes on in the background. */
  async removeOrWatch(): Promise<void> {
    await this.remove().catch((error) => {
      this.warn(`is not removed yet: ${String(error)}`)
      void this.#context.vcenter.backgroundJobs.run(() => this.retryRemoval())
    })
  }

  /**
   * Tries to remove it until it is removed; one that never appears is looked for as long as the delays say. Logs what is left.
   * @param mayAppear whether it may still be taken, as far as is known
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
        problem = 'it has not appeared so far'
        if (attempt >= delays.length - 1) break
      } catch (error) {
        problem = error
      }
      // The pause ended early, and that was the last try.
      if (backgroundJobs.isClosing) break
    }
    if (this.#wasSeen || mayAppear)
      this.warn(
        `may be left behind: ${String(problem)}. The next setChangeTracking of the virtual machine removes it`,
      )
  }

  warn(problem: string): void {
    const { name, backgroundJobs } = this.#context.vcenter
    backgroundJobs.warn(
      `${name}: the temporary snapshot ${JSON.stringify(this.marker.name)} of ${this.vm.value} ${problem}`,
    )
  }

  /** @throws ApiError CONFLICT while it may still come into being. */
  async #find(): Promise<ManagedObjectReference | undefined> {
    const found = await this.#inTree()
    if (found || this.#wasSeen) return found
    // A task that ends after this look has its snapshot in the tree by the next.
    const reader = this.#context.freshReader()
    const machine = await reader.object(this.vm, new PlanNode('VirtualMachine', 'recentTask'))
    const tasks = machine?.read('recentTask') ?? []
    const infos = await Promise.all(tasks.map((task) => loadTask(task, reader)))
    const foundLater = await this.#inTree()
    const running = infos.find((info) => info && !hasEnded(info))
    if (!foundLater && running) throw new ApiError('CONFLICT', `${running.key} is still under way`)
    return foundLater
  }

  async #inTree(): Promise<ManagedObjectReference | undefined> {
    const vm = await this.#context.freshReader().object(this.vm, new PlanNode('VirtualMachine', 'snapshot'))
    return vm && this.#in(vm)
  }

  #in(machine: ManagedObject<'VirtualMachine'>): ManagedObjectReference | undefined {
    return snapshotsOf(machine).find((snapshot) => hasMarker(snapshot, this.marker))?.tree.snapshot
  }
}

/** The removals of all temporary snapshots that were left on a virtual machine. Needs the path `snapshot`, and a detached context. */
export const leftoverRemovals = (
  machine: ManagedObject<'VirtualMachine'>,
  context: Context,
): SnapshotRemoval[] =>
  snapshotsOf(machine).flatMap((snapshot) => {
    const marker = findMarker(snapshot)
    if (!marker || reservedIds.has(marker.id)) return []
    return [new SnapshotRemoval(machine.ref, marker, context, true)]
  })

/**
 * Runs a task to its end.
 * @param onStart gets the task as soon as it exists.
 */
export async function runToCompletion<M extends TaskMethod>(
  call: Omit<TaskCall<M>, 'deadline'>,
  context: Context,
  onStart: (started: StartedTask) => void = () => {},
): Promise<TaskInfo> {
  const task = await startTaskDescribingConflict(
    { ...call, deadline: performance.now() + taskTimeoutMs },
    context,
  )
  onStart({ task, effectCheck: call.effectCheck })
  for (;;) {
    const info = await awaitTask(task, taskTimeoutMs, call.effectCheck, context.freshReader(), context)
    if (info.error) throw new TaskError(task, info.error)
    if (hasEnded(info)) return info
    if (context.vcenter.backgroundJobs.isClosing) {
      throw new ApiError('OUTCOME_UNKNOWN', `${task.value} was still ${info.state} when the gateway stopped`)
    }
  }
}
