// A snapshot that is taken and removed again so that change tracking begins. Once its call was sent it is removed whatever
// happens: the time is up, the client hangs up, an answer is lost, something else is in the way.
//
//   take -> (is tracking active?) -> remove -> gone
//     '-- lost, or failed --.           '-- failed --.
//                           '------------------------'--> look for it, remove it, again and again

import { randomBytes } from 'node:crypto'
import { whereReadable } from '../../plan/managed-object.ts'
import { PlanNode } from '../../plan/plan-node.ts'
import { isReference } from '../../soap/codec.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { hasEnded, type TaskInfo } from '../../vim25/task-watcher.ts'
import { TaskError, VimFaultError } from '../../vim25/vim-fault-error.ts'
import { ApiError } from '../api-error.ts'
import { classifyError } from '../classify-error.ts'
import type { Context } from '../context.ts'
import { encodeId } from '../ids.ts'
import { loadTask } from '../load-node.ts'
import type { Traces } from '../lost-answer.ts'
import { awaitTask, type TaskCall, type TaskMethod } from '../run-task.ts'
import { snapshotsOf } from '../snapshot-tree.ts'
import { isActive, readForState } from '../tracking-state.ts'
import { sendTask } from './send-change.ts'
import { creationOf, removalOf } from './traces.ts'

/** Before each later try to remove it; the last one again and again. */
const pausesMs = [2_000, 5_000, 15_000, 30_000, 60_000, 300_000]

/** About a day. */
const mostTries = 300

/** For as long one task is watched at a time. */
const longMs = 600_000

/** What a throw-away snapshot was good for. */
interface Activation {
  /** Whether the disks carried changeIds while it stood; null when that could not be read. */
  readonly isActive: boolean | null
  /** The last one, as it ended. */
  readonly task: TaskInfo
}

export class ThrowAwaySnapshot {
  readonly #vm: ManagedObjectReference
  readonly #context: Context
  /** Found again by it, if the answer that names the snapshot is lost. */
  readonly #name = `vsphere-graphql begins change tracking (${randomBytes(4).toString('hex')})`
  #ref: ManagedObjectReference | undefined
  /** The last task that was begun, and what it leaves. */
  last: { readonly task: ManagedObjectReference; readonly traces: Traces } | undefined
  /** Settled when it is gone; or rejected when it was not taken, or may be left. */
  readonly done: Promise<Activation>

  /** Begins at once, and goes on when the request is over. */
  constructor(vm: ManagedObjectReference, context: Context) {
    this.#vm = vm
    this.#context = context.detached()
    this.done = context.vcenter.background.run(() => this.#takeAndRemove())
    context.change?.goesOn(this.done.then(({ task }) => task))
  }

  async #takeAndRemove(): Promise<Activation> {
    const creation = await this.#take().catch((error) => {
      throw wasNotTaken(error) ? error : this.#removedLater('it may have been taken', error)
    })
    // Nothing that goes wrong with the reading may keep it from being removed.
    const active = await this.#isActive().catch(() => null)
    const removal = await this.#remove().catch((error) => {
      throw this.#removedLater('it is not removed yet', error)
    })
    return { isActive: active, task: removal ?? creation }
  }

  async #take(): Promise<TaskInfo> {
    const args = {
      name: this.#name,
      description: 'Taken to let changed block tracking begin, and removed at once. Holds nothing of value.',
      memory: false,
      quiesce: false,
    }
    try {
      const traces = creationOf(this.#vm, this.#name, this.#context)
      const creation = await this.#run({ method: 'CreateSnapshot_Task', self: this.#vm, args, traces })
      if (isReference(creation.result)) this.#ref = creation.result
      return creation
    } catch (error) {
      // What has failed for the vCenter, because its host was slow, may still come into being there.
      if (error instanceof TaskError) void this.#context.vcenter.background.run(() => this.#keepRemoving())
      throw error
    }
  }

  async #isActive(): Promise<boolean | null> {
    const node = readForState(new PlanNode('VirtualMachine'))
    const vm = await this.#context.freshReader().object(this.#vm, node)
    return vm ? whereReadable(() => isActive(vm), null) : null
  }

  /** Leaves the removal to the background, and gives what to tell the caller who waits. */
  #removedLater(what: string, error: unknown): ApiError {
    const { background } = this.#context.vcenter
    void background.run(() => this.#keepRemoving())
    const { code, message, taskRef, ...details } = classifyError(error)
    const told = `the throw-away snapshot ${JSON.stringify(this.#name)} of ${this.#vm.value}: ${what}`
    background.warn(`${this.#context.vcenter.name}: ${told}: ${String(error)}`)
    return new ApiError(
      code,
      `${told}: ${message ?? 'the gateway failed'}`,
      {
        ...(taskRef && { task: { id: encodeId(this.#context, taskRef), moid: taskRef.value } }),
        ...details,
        remedy: `The gateway goes on trying to remove it. ${details.remedy ?? ''}`.trimEnd(),
      },
      { cause: error },
    )
  }

  async #keepRemoving(): Promise<void> {
    const { name, background } = this.#context.vcenter
    let problem: unknown
    for (let tries = 0; tries < mostTries; tries += 1) {
      await background.pause(pausesMs[tries] ?? (pausesMs.at(-1) as number))
      try {
        await this.#remove()
        // One that was never seen may still come into being, on a host that is slow.
        if (this.#ref || tries >= pausesMs.length) return
        problem = 'it has not come into being so far'
      } catch (error) {
        problem = error
      }
      // The pause ended early, and that was the last try.
      if (background.isClosing) break
    }
    background.warn(
      `${name}: the throw-away snapshot ${JSON.stringify(this.#name)} of ${this.#vm.value} may be left behind: ${String(problem)}`,
    )
  }

  /** Undefined when it is not there. Sent again it removes nothing else: the call names this snapshot. */
  async #remove(): Promise<TaskInfo | undefined> {
    this.#ref ??= await this.#find()
    if (!this.#ref) return undefined
    try {
      const args = { removeChildren: false, consolidate: true }
      const traces = removalOf(this.#vm, [this.#ref], this.#context)
      return await this.#run({ method: 'RemoveSnapshot_Task', self: this.#ref, args, traces })
    } catch (error) {
      if (error instanceof VimFaultError && error.is('ManagedObjectNotFound')) return undefined
      throw error
    }
  }

  /** @throws ApiError CONFLICT while it may still come into being. */
  async #find(): Promise<ManagedObjectReference | undefined> {
    // The tasks first: one that ends after this look has its snapshot in the tree by the next.
    const reader = this.#context.freshReader()
    const machine = await reader.object(this.#vm, new PlanNode('VirtualMachine', 'recentTask'))
    const tasks = machine?.read('recentTask') ?? []
    const infos = await Promise.all(tasks.map((task) => loadTask(task, reader)))
    const vm = await this.#context.freshReader().object(this.#vm, new PlanNode('VirtualMachine', 'snapshot'))
    const found = vm && snapshotsOf(vm).find(({ name }) => name === this.#name)
    const running = infos.find((info) => info && !hasEnded(info))
    if (!found && running) throw new ApiError('CONFLICT', `${running.key} is still under way`)
    return found?.tree.snapshot
  }

  /** To the end of its task. */
  async #run<M extends TaskMethod>(call: Omit<TaskCall<M>, 'deadline'>): Promise<TaskInfo> {
    const task = await sendTask({ ...call, deadline: performance.now() + longMs }, this.#context)
    const { traces } = call
    this.last = { task, traces }
    for (;;) {
      const info = await awaitTask(task, longMs, traces, this.#context.freshReader(), this.#context)
      if (info.error) throw new TaskError(task, info.error)
      if (hasEnded(info)) return info
      if (this.#context.vcenter.background.isClosing) {
        throw new ApiError(
          'OUTCOME_UNKNOWN',
          `${task.value} was still ${info.state} when the gateway stopped`,
        )
      }
    }
  }
}

/** As far as can be told: vSphere refused it, its task failed, or nothing was sent. */
const wasNotTaken = (error: unknown): boolean =>
  error instanceof VimFaultError ||
  (error instanceof TransportError && !error.mayHaveBeenSent) ||
  (error instanceof ApiError && error.code !== 'OUTCOME_UNKNOWN')
