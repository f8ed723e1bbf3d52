// Takes the snapshot of a capture, at most once for each virtual machine and idempotency key: requests join the attempt that runs, find
// the snapshot by its marker, or are rejected while it is not known whether an earlier call takes effect.
//
//   request -> an attempt with this key runs -------------------------> joined
//      '-> read the snapshots -> one has this key ---------------------> returned; a second one is removed
//             '-> remove expired captures -> check blockers -> call ---> snapshot
//                                                  '-- outcome unknown -> the key is reserved until the snapshot appears, or
//                                                                         the delays have passed

import { randomBytes } from 'node:crypto'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { TaskInfo } from '../../vim25/tasks/task-watcher.ts'
import { planEligibility } from '../changed-areas/eligibility.ts'
import type { VCenterContext } from '../context.ts'
import { ApiError, notFoundError } from '../errors/api-error.ts'
import { runToCompletion, type StartedTask } from '../mutations/change-tracking/snapshot-removal.ts'
import { assertCanCapture, requireMarkedMachine } from './capture-blockers.ts'
import { type CaptureMarker, describeCapture, type MarkedMachine } from './capture-marker.ts'
import { keepOldest, loadHeldCaptures, removeExpired, warnOfCapture } from './capture-removal.ts'
import {
  assertSameArguments,
  type CaptureRequest,
  changedError,
  copiedError,
  mayBeTakenError,
  mayHaveBeenTaken,
  mayStillBeTakenError,
  verifyCapture,
} from './capture-request.ts'
import { assertSameMachine } from './capture-token.ts'
import type { Captures, SharedCaptures } from './captures.ts'
import {
  changedMarkers,
  copiedMarkers,
  earlierSnapshots,
  type HeldCapture,
  heldCaptures,
  planHeldCaptures,
  timeOf,
} from './held-captures.ts'

/** A capture whose snapshot exists. */
export interface TakenCapture {
  readonly snapshot: ManagedObjectReference
  readonly marker: CaptureMarker
  /** The task that took it; undefined if it existed already. */
  readonly task: TaskInfo | undefined
}

/** The attempts that run, by connection, and by virtual machine and key. */
const attempts = new WeakMap<Captures, Map<string, CaptureAttempt>>()

/** The requests whose snapshot may still be taken, of all connections to a vCenter, by virtual machine and key. */
const reservations = new WeakMap<SharedCaptures, Map<string, CaptureRequest>>()

const idOf = ({ vm, key }: CaptureRequest): string => `${vm.value} ${key}`

function runningAttempts({ vcenter: { captures } }: VCenterContext): Map<string, CaptureAttempt> {
  const known = attempts.get(captures) ?? new Map<string, CaptureAttempt>()
  attempts.set(captures, known)
  return known
}

function reservationsOf({ vcenter: { captures } }: VCenterContext): Map<string, CaptureRequest> {
  const known = reservations.get(captures.shared) ?? new Map<string, CaptureRequest>()
  reservations.set(captures.shared, known)
  return known
}

/**
 * Joins the attempt that runs for the key, or starts one. It continues after the request has ended.
 * @throws ApiError CONFLICT if the key was used with other arguments
 */
export function captureOnce(request: CaptureRequest, context: VCenterContext): CaptureAttempt {
  const running = runningAttempts(context)
  const id = idOf(request)
  const joined = running.get(id)
  if (joined) {
    assertSameArguments(joined.request, request)
    context.mutation?.continuesInBackground(joined.done)
    return joined
  }
  const attempt = new CaptureAttempt(request, context)
  running.set(id, attempt)
  const end = () => running.delete(id)
  void attempt.done.then(end, end)
  return attempt
}

export class CaptureAttempt {
  readonly request: CaptureRequest
  /** The task that takes the snapshot, and the check of its effect; undefined before it was started. */
  started: StartedTask | undefined
  /** Resolves when the task was started. */
  readonly onStart: Promise<void>
  /** Resolves when the snapshot exists. Rejects if it was not taken, or may still be. */
  readonly done: Promise<TakenCapture>
  readonly #context: VCenterContext
  #resolveStart = () => {}

  constructor(request: CaptureRequest, context: VCenterContext) {
    this.request = request
    this.#context = context.forBackground()
    this.onStart = new Promise((resolve) => {
      this.#resolveStart = resolve
    })
    this.done = context.vcenter.backgroundJobs.run(() => this.#take())
    context.mutation?.continuesInBackground(this.done)
  }

  async #take(): Promise<TakenCapture> {
    const { request } = this
    const { vm, key, digest, leaseMs } = request
    const { vcenter } = this.#context
    // Before the read: a snapshot that appears after it, and ends the reservation, is not in it.
    const unfinished = reservationsOf(this.#context).get(idOf(request))
    const first = await this.#load()
    for (const token of request.tokens)
      assertSameMachine(token, await requireMarkedMachine(first, this.#context))
    const held = heldCaptures(first, vcenter)
    const now = await timeOf(vcenter)
    const existing = this.#existing(held, now)
    if (existing) return existing
    if (copiedMarkers(first, vcenter).some((marker) => marker.key === key)) throw copiedError(request)
    if (changedMarkers(first, vcenter).some((marker) => marker.key === key)) throw changedError(request)
    if (unfinished) {
      assertSameArguments(unfinished, request)
      throw mayStillBeTakenError(request)
    }
    const expired = held.filter(({ marker }) => marker.expiresAt <= now)
    const removal = await removeExpired(vm, key, expired, this.#unrecorded).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    const machine = expired.length > 0 ? await this.#load() : first
    const marked = await requireMarkedMachine(machine, this.#context)
    // First, since it lists everything, also a missing privilege to remove snapshots.
    await assertCanCapture(machine, this.#context)
    if (removal) throw removal.error
    // A task that a gateway which has stopped had started may have ended since the snapshots were read.
    if ((machine.tryRead('recentTask') ?? []).length > 0) {
      const since = this.#existing(await loadHeldCaptures(vm, this.#context), now)
      if (since) return since
    }
    const nonce = randomBytes(16).toString('hex')
    const earlier = earlierSnapshots(machine)
    return this.#create({ key, digest, expiresAt: now + leaseMs, nonce, earlier }, marked)
  }

  async #load(): Promise<ManagedObject<'VirtualMachine'>> {
    const { vm } = this.request
    const node = planHeldCaptures(planEligibility(new PlanNode('VirtualMachine', 'name')))
    const machine = await this.#context.vcenter.freshReader().object(vm, node)
    if (machine) return machine
    throw notFoundError(`VirtualMachine ${vm.value}`)
  }

  /** Returns the capture with the key whose lease has not ended, if there is one. */
  #existing(held: readonly HeldCapture[], now: number): TakenCapture | undefined {
    const { request } = this
    const withKey = held.filter(({ marker }) => marker.key === request.key && marker.expiresAt > now)
    const oldest = keepOldest(request.vm, withKey, this.#unrecorded)
    if (!oldest) return undefined
    reservationsOf(this.#context).delete(idOf(request))
    assertSameArguments(oldest.marker, request)
    return { snapshot: oldest.snapshot.tree.snapshot, marker: oldest.marker, task: undefined }
  }

  /** The context of calls that are not part of this mutation. If they succeed and the capture fails, the request can be repeated. */
  get #unrecorded(): VCenterContext {
    return { ...this.#context, mutation: undefined }
  }

  async #create(marker: CaptureMarker, marked: MarkedMachine): Promise<TakenCapture> {
    const { vm, name, quiesce } = this.request
    const description = describeCapture(marker, marked, this.#context.vcenter.captures.signer)
    const task = await runToCompletion(
      {
        method: 'CreateSnapshot_Task',
        self: vm,
        args: { name, description, memory: false, quiesce },
        effectCheck: verifyCapture(vm, marker, this.#context),
      },
      this.#context,
      (started) => {
        this.started = started
        this.#resolveStart()
      },
    ).catch((error) => {
      if (!mayHaveBeenTaken(error)) throw error
      throw this.#reserve(marker, error)
    })
    const all = await loadHeldCaptures(vm, this.#context).catch((error) => {
      throw this.#reserve(marker, error)
    })
    const held = all.find((each) => each.marker.nonce === marker.nonce)
    if (!held)
      throw this.#reserve(
        marker,
        new ApiError('OUTCOME_UNKNOWN', 'its snapshot was not found after its task ended'),
      )
    this.#expireLater(marker)
    // Another gateway may have taken one at the same time.
    const withKey = all.filter((each) => each.marker.key === marker.key)
    const existing = withKey.length > 1 ? this.#existing(withKey, 0) : undefined
    return existing ?? { snapshot: held.snapshot.tree.snapshot, marker, task }
  }

  /**
   * Rejects further calls with the key until the snapshot has appeared, or is unlikely to appear.
   * @returns the error of this request
   */
  #reserve(marker: CaptureMarker, cause: unknown): ApiError {
    const { request } = this
    const context = this.#unrecorded
    const { backgroundJobs, recovery } = context.vcenter
    const reservations = reservationsOf(context)
    const id = idOf(request)
    reservations.set(id, request)
    warnOfCapture(
      request.vm,
      marker,
      'has an unknown outcome; the gateway searches for its snapshot',
      context,
    )
    void backgroundJobs.run(async () => {
      for (const delay of recovery.leftSnapshot) {
        await backgroundJobs.delay(delay)
        const held = await loadHeldCaptures(request.vm, context).catch(() => [])
        if (held.some((each) => each.marker.nonce === marker.nonce)) {
          this.#expireLater(marker)
          break
        }
        if (backgroundJobs.isClosing) break
      }
      if (reservations.get(id) === request) reservations.delete(id)
    })
    return mayBeTakenError(request, cause, context)
  }

  #expireLater(marker: CaptureMarker): void {
    const { vm, leaseMs } = this.request
    this.#context.vcenter.captures.leaseTimer?.schedule(vm, marker, leaseMs)
  }
}
