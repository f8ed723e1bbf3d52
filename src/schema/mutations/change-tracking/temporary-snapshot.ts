// Takes a snapshot and removes it again so that change tracking becomes active. Once the call to take it was sent, the snapshot is
// removed in any case: after a timeout, a client disconnect, a lost or inconclusive response, or a conflict.
//
//   take -> (is tracking active?) -> remove -> removed
//     '-- outcome unknown, or failed --.  '-- failed --.
//                                      '---------------'--> search for its marker and remove it, with retries

import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import { provesNotExecuted } from '../../../vim25/session/fault-evidence.ts'
import type { TaskInfo } from '../../../vim25/tasks/task-watcher.ts'
import { TaskError } from '../../../vim25/vim-fault-error.ts'
import type { VCenterContext } from '../../context.ts'
import { encodeId } from '../../core/nodes/ids.ts'
import { ApiError } from '../../errors/api-error.ts'
import { classifyError } from '../../errors/classify-error.ts'
import { verifyCreate } from '../../tasks/effect-checks.ts'
import { isActive, planTrackingState } from '../../virtual-machine/change-tracking/tracking-state.ts'
import { createMarker } from './snapshot-marker.ts'
import { runToCompletion, SnapshotRemoval, type StartedTask } from './snapshot-removal.ts'

/** The result of a temporary snapshot. */
interface ActivationResult {
  /** Whether the disks had changeIds while the snapshot existed; null if that could not be read. */
  readonly isActive: boolean | null
  /** The last task, after it ended. */
  readonly task: TaskInfo
}

export class TemporarySnapshot {
  readonly #vm: ManagedObjectReference
  readonly #context: VCenterContext
  readonly #marker = createMarker()
  readonly #removal: SnapshotRemoval
  /** The last task that was started, and the check of its effect. */
  last: StartedTask | undefined
  /** Resolves when the snapshot is removed. Rejects if it was not taken, or may be left behind. */
  readonly done: Promise<ActivationResult>

  readonly #started = (last: StartedTask): void => {
    this.last = last
  }

  /** Starts the work immediately. It continues after the request has ended. */
  constructor(vm: ManagedObjectReference, context: VCenterContext) {
    this.#vm = vm
    this.#context = context.forBackground()
    this.#removal = new SnapshotRemoval(vm, this.#marker, this.#context)
    const work = () => this.#removal.reserve(() => this.#createAndRemove())
    this.done = context.vcenter.backgroundJobs.run(work)
    context.mutation?.continuesInBackground(this.done)
  }

  async #createAndRemove(): Promise<ActivationResult> {
    const creation = await this.#create().catch((error) => {
      if (mayHaveBeenCreated(error)) throw this.#removeLaterError('may have been created', error)
      // If the vCenter reports a failure because the host was slow, the host may still take the snapshot.
      if (error instanceof TaskError) this.#watch(!provesNotExecuted(error, 'task'))
      throw error
    })
    // A failed read must not prevent the removal.
    const machine = await this.#read().catch(() => undefined)
    const active = machine ? readOr(() => isActive(machine), null) : null
    const removal = await this.#removal.remove(this.#started, machine).catch((error) => {
      throw this.#removeLaterError('has not been removed yet', error)
    })
    // Someone else has removed or renamed it, or the adopted task was not from this call, which may then still be executed.
    if (!removal) {
      this.#removal.warn('was not found after its task ended')
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
    return this.#context.vcenter.freshReader().object(this.#vm, node)
  }

  #watch(mayAppear: boolean): void {
    void this.#context.vcenter.backgroundJobs.run(() => this.#removal.retryRemoval(mayAppear))
  }

  /** Retries the removal in the background. Returns the error for the caller. */
  #removeLaterError(reason: string, error: unknown): ApiError {
    this.#watch(true)
    this.#removal.warn(`${reason}: ${String(error)}`)
    const { code, message, taskRef, ...details } = classifyError(error)
    const problem = `the temporary snapshot ${JSON.stringify(this.#marker.name)} of ${this.#vm.value} ${reason}`
    return new ApiError(
      code,
      `${problem}: ${message ?? 'the gateway failed with an internal error'}`,
      {
        ...(taskRef && { task: { id: encodeId(this.#context.vcenter, taskRef), moid: taskRef.value } }),
        ...details,
        // A retry before the removal would be blocked by this snapshot.
        retryable: false,
        remedy: `The gateway keeps trying to remove it. ${details.remedy ?? ''}`.trimEnd(),
      },
      { cause: error },
    )
  }
}

/** Whether the snapshot may have been created. An internal error proves nothing, so it counts too. */
function mayHaveBeenCreated(error: unknown): boolean {
  const { code, message } = classifyError(error)
  return code === 'OUTCOME_UNKNOWN' || message === undefined
}
