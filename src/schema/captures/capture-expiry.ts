// Removes captures whose lease has ended: those of this gateway by a timer, and those that other gateways left behind by a timer that
// follows from a scan soon after the start and once an hour. With a temporary key there are none from before, so the scans begin with
// the first capture. A snapshot whose areas this gateway is reading stays until they have been read.
//
//   timer -> not expired yet by the clock of the vCenter -> timer again
//                                    '-> being read -> checked again after a minute
//                                    '-> removed; after a failure tried again, with growing delays

import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { VCenterContext } from '../context.ts'
import type { CaptureMarker } from './capture-marker.ts'
import { loadHeldCaptures, removeCapture, warnOfCapture } from './capture-removal.ts'
import type { LeaseTimer } from './captures.ts'
import { heldCaptures, planHeldCaptures, timeOf } from './held-captures.ts'

const scanIntervalMs = 60 * 60_000

/** Delay of the first scan, which is not to slow down the first requests. */
const startDelayMs = 30_000

/** Delay of a check that follows because the snapshot is being read, or the scan failed. */
const retryMs = 60_000

/** Node fires a longer timer at once. The lease has a week at most, but the clock of the vCenter may be set back. */
const maxDelayMs = 7 * 24 * 60 * 60_000

interface Timer {
  readonly cancel: () => void
  /** Whether it follows a removal that failed, so that a scan does not shorten its delay. */
  readonly isRetry: boolean
}

export class CaptureExpiry implements LeaseTimer {
  readonly #createContext: () => VCenterContext
  /** The timers, by nonce. */
  readonly #timers = new Map<string, Timer>()
  #cancelScan: (() => void) | undefined
  #isClosed = false

  /** @param createContext creates a context for work without a request */
  constructor(createContext: () => VCenterContext) {
    this.#createContext = createContext
  }

  /** Starts with a scan, unless the key is temporary. From now on, captures of this connection are removed when their lease ends. */
  start(): void {
    const { vcenter } = this.#createContext()
    vcenter.captures.leaseTimer = this
    if (!vcenter.captures.signer.isTemporary) this.#scanLater(startDelayMs)
  }

  /** Cancels all timers. Removals that run continue. */
  close(): void {
    this.#isClosed = true
    this.#cancelScan?.()
    for (const { cancel } of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  schedule(machine: ManagedObjectReference, marker: CaptureMarker, afterMs: number, failures = 0): void {
    if (this.#isClosed) return
    const context = this.#createContext()
    const { captures, backgroundJobs } = context.vcenter
    if (!this.#cancelScan) this.#scanLater(scanIntervalMs)
    this.cancel(marker)
    const run = () => {
      this.#timers.delete(marker.nonce)
      void backgroundJobs.run(() => this.#expire(machine, marker, failures))
    }
    const delayMs = Math.min(Math.max(0, afterMs), maxDelayMs)
    this.#timers.set(marker.nonce, {
      isRetry: failures > 0,
      cancel: captures.clock.schedule(delayMs, run),
    })
  }

  cancel({ nonce }: CaptureMarker): void {
    this.#timers.get(nonce)?.cancel()
    this.#timers.delete(nonce)
  }

  #scanLater(afterMs: number): void {
    if (this.#isClosed) return
    const { captures, backgroundJobs } = this.#createContext().vcenter
    this.#cancelScan = captures.clock.schedule(afterMs, () => {
      void backgroundJobs.run(async () => {
        // The session reports a vCenter that does not respond.
        const succeeded = await this.#scan().then(
          () => true,
          () => false,
        )
        this.#scanLater(succeeded ? scanIntervalMs : retryMs)
      })
    })
  }

  async #scan(): Promise<void> {
    const context = this.#createContext()
    const { vcenter } = context
    // Light: the snapshot trees are read only of machines that have snapshots.
    const all = await vcenter.freshReader().all(new PlanNode('VirtualMachine', 'rootSnapshot'))
    const withSnapshots = (all as ManagedObject<'VirtualMachine'>[])
      .filter((machine) => (machine.tryRead('rootSnapshot') ?? []).length > 0)
      .map(({ ref }) => ref)
    if (withSnapshots.length === 0) return
    const machines = await vcenter
      .freshReader()
      .objects(withSnapshots, planHeldCaptures(new PlanNode('VirtualMachine')))
    const held = machines.flatMap((machine) => {
      if (!machine || machine.isUnreadable('snapshot')) return []
      return heldCaptures(machine, vcenter).map(({ marker }) => ({ vm: machine.ref, marker }))
    })
    if (held.length === 0) return
    const now = await timeOf(vcenter)
    // A timer may be too late: the clock of the vCenter was set forward, or this machine was suspended.
    for (const { vm, marker } of held)
      if (!this.#timers.get(marker.nonce)?.isRetry) this.schedule(vm, marker, marker.expiresAt - now)
  }

  async #expire(vm: ManagedObjectReference, marker: CaptureMarker, failures: number): Promise<void> {
    const context = this.#createContext()
    const { captures, recovery } = context.vcenter
    try {
      const remainingMs = marker.expiresAt - (await timeOf(context.vcenter))
      if (remainingMs > 0) return this.schedule(vm, marker, remainingMs)
      const held = (await loadHeldCaptures(vm, context)).find((each) => each.marker.nonce === marker.nonce)
      if (!held) return
      if (captures.shared.isBeingRead(held.snapshot.tree.snapshot)) return this.schedule(vm, marker, retryMs)
      if (failures === 0)
        warnOfCapture(vm, marker, 'was not released before its lease ended, and is being removed', context)
      await removeCapture(vm, marker, context)
    } catch (error) {
      if (failures === 0) warnOfCapture(vm, marker, `has not been removed yet: ${String(error)}`, context)
      const delays = recovery.leftSnapshot
      this.schedule(vm, marker, delays[failures] ?? (delays.at(-1) as number), failures + 1)
    }
  }
}
