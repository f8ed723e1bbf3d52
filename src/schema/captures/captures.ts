// What a gateway knows about captures: the signer of their markers, which snapshots are being read, and when to remove those that it
// took. It contains nothing of a vCenter that was read.

import type { Clock } from '../../concurrency/clock.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CaptureMarker, CaptureSigner } from './capture-marker.ts'

/** Removes the snapshot of a capture when its lease ends. */
export interface LeaseTimer {
  schedule(machine: ManagedObjectReference, marker: CaptureMarker, afterMs: number): void
  /** Called when the capture was released. */
  cancel(marker: CaptureMarker): void
}

/** What all connections to one vCenter share: a snapshot that one user reads must not be removed for another one. */
export class SharedCaptures {
  readonly signer: CaptureSigner
  /** How many scans read a snapshot now, by its moid. */
  readonly #readers = new Map<string, number>()

  constructor(signer: CaptureSigner) {
    this.signer = signer
  }

  /** Whether areas of a snapshot are being read. */
  isBeingRead({ value }: ManagedObjectReference): boolean {
    return this.#readers.has(value)
  }

  /** Passes on what `source` yields. Until it ends, the snapshot counts as being read. */
  async *reading<T>(
    snapshot: ManagedObjectReference | undefined,
    source: AsyncGenerator<T>,
  ): AsyncGenerator<T> {
    if (!snapshot) return yield* source
    const { value } = snapshot
    this.#readers.set(value, (this.#readers.get(value) ?? 0) + 1)
    try {
      yield* source
    } finally {
      const left = (this.#readers.get(value) ?? 1) - 1
      if (left > 0) this.#readers.set(value, left)
      else this.#readers.delete(value)
    }
  }
}

/** The captures of one connection. */
export class Captures {
  readonly shared: SharedCaptures
  readonly clock: Clock
  /** Set on a connection with an account that may remove snapshots outside of requests. */
  leaseTimer: LeaseTimer | undefined

  constructor(shared: SharedCaptures, clock: Clock) {
    this.shared = shared
    this.clock = clock
  }

  get signer(): CaptureSigner {
    return this.shared.signer
  }
}
