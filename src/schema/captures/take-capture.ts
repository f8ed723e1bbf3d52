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
import { assertCanCapture } from './capture-blockers.ts'
import { type CaptureMarker, describeCapture, type MarkedMachine } from './capture-marker.ts'
import { loadHeldCaptures, removeCapture, warnOfCapture } from './capture-removal.ts'
import {
  assertSameArguments,
  type CaptureRequest,
  mayBeTakenError,
  mayHaveBeenTaken,
  mayStillBeTakenError,
  verifyCapture,
} from './capture-request.ts'
import { assertSameMachine } from './capture-token.ts'
import type { Captures } from './captures.ts'
import { type HeldCapture, heldCaptures, markedMachine, planHeldCaptures, timeOf } from './held-captures.ts'

/** A capture whose snapshot exists. */
export interface TakenCapture {
  readonly snapshot: ManagedObjectReference
  readonly marker: CaptureMarker
  /** The task that took it; undefined if it existed already. */
  readonly task: TaskInfo | undefined
}

/** The attempts of a connection, by virtual machine and key. */
interface Attempts {
  readonly running: Map<string, CaptureAttempt>
  /** The requests whose snapshot may still be taken. */
  readonly reserved: Map<string, CaptureRequest>
}

const attempts = new WeakMap<Captures, Attempts>()

function attemptsOf({ vcenter: { captures } }: VCenterContext): Attempts {
  const known = attempts.get(captures) ?? { running: new Map(), reserved: new Map() }
  attempts.set(captures, known)
  return known
}

/**
 * Joins the attempt that runs for the key, or starts one. It continues after the request has ended.
 * @throws ApiError CONFLICT if the key was used with other arguments
 */
export function captureOnce(request: CaptureRequest, context: VCenterContext): CaptureAttempt {
  const { running } = attemptsOf(context)
  const id = `${request.vm.value} ${request.key}`
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
    const { key, digest, leaseMs } = request
    const { reserved } = attemptsOf(this.#context)
    const id = `${request.vm.value} ${key}`
    const first = await this.#load()
    for (const token of request.tokens) assertSameMachine(token, await this.#markedMachine(first))
    const held = heldCaptures(first, this.#context.vcenter)
    const now = await timeOf(this.#context.vcenter)
    const isExpired = ({ marker }: HeldCapture) => marker.expiresAt <= now
    const existing = held.filter((each) => each.marker.key === key && !isExpired(each))
    if (existing.length > 0) {
      reserved.delete(id)
      return this.#existing(existing)
    }
    const unfinished = reserved.get(id)
    if (unfinished) {
      assertSameArguments(unfinished, request)
      throw mayStillBeTakenError(request)
    }
    const expired = held.filter(isExpired)
    const removal = await this.#removeExpired(expired).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    const machine = expired.length > 0 ? await this.#load() : first
    const marked = await this.#markedMachine(machine)
    // First, since it lists everything, also a missing privilege to remove snapshots.
    await assertCanCapture(machine, this.#context)
    if (removal) throw removal.error
    const marker = { key, digest, expiresAt: now + leaseMs, nonce: randomBytes(16).toString('hex') }
    return this.#create(marker, marked, id)
  }

  async #load(): Promise<ManagedObject<'VirtualMachine'>> {
    const { vm } = this.request
    const node = planHeldCaptures(planEligibility(new PlanNode('VirtualMachine', 'name')))
    const machine = await this.#context.vcenter.freshReader().object(vm, node)
    if (machine) return machine
    throw notFoundError(`VirtualMachine ${vm.value}`)
  }

  /** @throws ApiError with all blockers if the configuration cannot be read */
  async #markedMachine(machine: ManagedObject<'VirtualMachine'>): Promise<MarkedMachine> {
    const marked = markedMachine(machine, this.#context.vcenter)
    if (marked) return marked
    await assertCanCapture(machine, this.#context)
    throw new ApiError('CONFLICT', `the instanceUuid of ${machine.ref.value} cannot be read`, {
      retryable: true,
      remedy: 'Check its connectionState, and the privilege System.Read.',
    })
  }

  /** Returns the oldest of the captures with the key, and removes others: their calls took effect late. */
  #existing(captures: readonly HeldCapture[]): TakenCapture {
    const { vm } = this.request
    const [oldest, ...others] = [...captures].sort(
      (one, other) =>
        one.snapshot.tree.createTime.getTime() - other.snapshot.tree.createTime.getTime() ||
        (one.snapshot.tree.id ?? 0) - (other.snapshot.tree.id ?? 0),
    ) as [HeldCapture, ...HeldCapture[]]
    const context = { ...this.#context, mutation: undefined }
    for (const { marker } of others) {
      warnOfCapture(vm, marker, 'was taken twice; the later snapshot is being removed', context)
      void removeCapture(vm, marker, context).catch((error) => {
        warnOfCapture(vm, marker, `has a second snapshot that was not removed: ${String(error)}`, context)
      })
    }
    assertSameArguments(oldest.marker, this.request)
    return { snapshot: oldest.snapshot.tree.snapshot, marker: oldest.marker, task: undefined }
  }

  /** @throws ApiError CONFLICT if this gateway reads areas of one of them that has the key of the request */
  async #removeExpired(expired: readonly HeldCapture[]): Promise<void> {
    const { vm, key } = this.request
    // The removal is not part of this mutation: if it succeeds and the capture fails, the request can be repeated.
    const context = { ...this.#context, mutation: undefined }
    for (const { snapshot, marker } of expired) {
      if (!this.#context.vcenter.captures.isBeingRead(snapshot.tree.snapshot)) {
        warnOfCapture(vm, marker, 'was not released before its lease ended, and is being removed', context)
        await removeCapture(vm, marker, context)
      } else if (marker.key === key)
        throw new ApiError('CONFLICT', `the lease of ${JSON.stringify(key)} has ended`, {
          state: 'expired',
          retryable: true,
          remedy: 'Stop reading its areas, and repeat the request.',
        })
    }
  }

  async #create(marker: CaptureMarker, marked: MarkedMachine, id: string): Promise<TakenCapture> {
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
      this.#reserve(marker, id)
      throw mayBeTakenError(this.request, error, this.#context)
    })
    const all = await loadHeldCaptures(vm, this.#context)
    const held = all.find((each) => each.marker.nonce === marker.nonce)
    if (!held) {
      this.#reserve(marker, id)
      const problem = new ApiError('OUTCOME_UNKNOWN', 'its snapshot was not found after its task ended')
      throw mayBeTakenError(this.request, problem, this.#context)
    }
    this.#expireLater(marker)
    // Another gateway may have taken one at the same time.
    const withKey = all.filter((each) => each.marker.key === marker.key)
    return withKey.length > 1
      ? this.#existing(withKey)
      : { snapshot: held.snapshot.tree.snapshot, marker, task }
  }

  /** Rejects further calls with the key until the snapshot has appeared, or is unlikely to appear. */
  #reserve(marker: CaptureMarker, id: string): void {
    const { vm } = this.request
    const context = { ...this.#context, mutation: undefined }
    const { backgroundJobs, recovery } = context.vcenter
    const { reserved } = attemptsOf(context)
    reserved.set(id, this.request)
    warnOfCapture(vm, marker, 'has an unknown outcome; the gateway searches for its snapshot', context)
    void backgroundJobs.run(async () => {
      for (const delay of recovery.leftSnapshot) {
        await backgroundJobs.delay(delay)
        const held = await loadHeldCaptures(vm, context).catch(() => [])
        if (held.some((each) => each.marker.nonce === marker.nonce)) {
          this.#expireLater(marker)
          break
        }
        if (backgroundJobs.isClosing) break
      }
      if (reserved.get(id) === this.request) reserved.delete(id)
    })
  }

  #expireLater(marker: CaptureMarker): void {
    const { vm, leaseMs } = this.request
    this.#context.vcenter.captures.leaseTimer?.schedule(vm, marker, leaseMs)
  }
}
