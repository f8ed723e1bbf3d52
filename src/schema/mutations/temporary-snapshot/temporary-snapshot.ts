// A snapshot that is taken and removed again so that change tracking begins. Once its call was sent it is removed whatever
// happens: the time is up, the client disconnects, a response is lost or proves nothing, something else is in the way.
//
//   take -> (is tracking active?) -> remove -> gone
//     '-- outcome unknown, or failed --.  '-- failed --.
//                                      '---------------'--> look for its marker and remove it, again and again

import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { provesNotExecuted } from '../../../vim25/session/fault-evidence.ts'
import type { TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../../vim25/vim-fault-error.ts'
import type { Context } from '../../context.ts'
import { encodeId } from '../../core/ids.ts'
import { ApiError } from '../../errors/api-error.ts'
import { classifyError } from '../../errors/classify-error.ts'
import { verifyCreate } from '../../tasks/effect-checks.ts'
import { isActive, planTrackingState } from '../../virtual-machine/tracking-state.ts'
import { createMarker } from './snapshot-marker.ts'
import { runToCompletion, SnapshotRemoval, type StartedTask } from './snapshot-removal.ts'

/** What a temporary snapshot was good for. */
interface ActivationResult {
  /** Whether the disks carried changeIds while it stood; null when that could not be read. */
  readonly isActive: boolean | null
  /** The last one, as it ended. */
  readonly task: TaskInfo
}

export class TemporarySnapshot {
  readonly #vm: ManagedObjectReference
  readonly #context: Context
  readonly #marker = createMarker()
  readonly #removal: SnapshotRemoval
  /** The last task that was begun, and what it leaves. */
  last: StartedTask | undefined
  /** Settled when it is gone; or rejected when it was not taken, or may be left. */
  readonly done: Promise<ActivationResult>

  readonly #started = (last: StartedTask): void => {
    this.last = last
  }

  /** Begins at once, and goes on when the request is over. */
  constructor(vm: ManagedObjectReference, context: Context) {
    this.#vm = vm
    this.#context = context.forBackground()
    this.#removal = new SnapshotRemoval(vm, this.#marker, this.#context)
    const work = () => this.#removal.reserve(() => this.#createAndRemove())
    this.done = context.vcenter.backgroundJobs.run(work)
    context.mutation?.continuesInBackground(this.done)
  }

  async #createAndRemove(): Promise<ActivationResult> {
    const creation = await this.#create().catch((error) => {
      if (mayHaveBeenCreated(error)) throw this.#removeLaterError('may have been taken', error)
      // A task that failed for the vCenter, because its host was slow, may still take it there.
      if (error instanceof TaskError) this.#watch(!provesNotExecuted(error, 'task'))
      throw error
    })
    // Nothing that goes wrong with the reading may keep it from being removed.
    const machine = await this.#read().catch(() => undefined)
    const active = machine ? readOr(() => isActive(machine), null) : null
    const removal = await this.#removal.remove(this.#started, machine).catch((error) => {
      throw this.#removeLaterError('is not removed yet', error)
    })
    // Somebody has removed or renamed it already, or the task was not that of this call, which is then executed later.
    if (!removal) {
      this.#removal.warn('was not found after its task had ended')
      this.#watch(true)
    }
    const { mutation } = this.#context
    if (mutation && active) mutation.isUnfinished = false
    return { isActive: active, task: removal ?? creation }
  }

  async #create(): Promise<TaskInfo> {
    const { name, description } = this.#marker
    const args = { name, description, memory: false, quiesce: false }
    const effectCheck = verifyCreate(this.#vm, name, this.#context)
    const call = { method: 'CreateSnapshot_Task', self: this.#vm, args, effectCheck } as const
    return runToCompletion(call, this.#context, this.#started)
  }

  #read(): Promise<ManagedObject<'VirtualMachine'> | undefined> {
    const node = planTrackingState(new PlanNode('VirtualMachine'))
    return this.#context.freshReader().object(this.#vm, node)
  }

  #watch(mayAppear: boolean): void {
    void this.#context.vcenter.backgroundJobs.run(() => this.#removal.retryRemoval(mayAppear))
  }

  /** Leaves the removal to the background, and gives what to tell the caller who waits. */
  #removeLaterError(reason: string, error: unknown): ApiError {
    this.#watch(true)
    this.#removal.warn(`${reason}: ${String(error)}`)
    const { code, message, taskRef, ...details } = classifyError(error)
    const lastError = `the temporary snapshot ${JSON.stringify(this.#marker.name)} of ${this.#vm.value} ${reason}`
    return new ApiError(
      code,
      `${lastError}: ${message ?? 'the gateway failed'}`,
      {
        ...(taskRef && { task: { id: encodeId(this.#context, taskRef), moid: taskRef.value } }),
        ...details,
        // Sent again before it is removed, it would find a snapshot in its way.
        retryable: false,
        remedy: `The gateway goes on trying to remove it. ${details.remedy ?? ''}`.trimEnd(),
      },
      { cause: error },
    )
  }
}

/** Whether the outcome of its creation is unknown; a bug of ours proves nothing either. */
function mayHaveBeenCreated(error: unknown): boolean {
  const { code, message } = classifyError(error)
  return code === 'OUTCOME_UNKNOWN' || message === undefined
}
