// Queries the next window of a disk before the client requests it, while the page before it is sent. At most one window at a time,
// only while the vCenter's read queue is mostly free, and only of a disk in a snapshot, whose areas never change.
//
//   none --start()--> waiting --take()--> none; its bytes and its call count for the operation that takes it
//                        '--too late, failed, client disconnected, close()--> none; no more windows for this list of areas

import { type Clock, systemClock } from '../../concurrency/clock.ts'
import { NoCapacityError } from '../../concurrency/fair-queue.ts'
import { withSignal } from '../../concurrency/timing.ts'
import type { MethodArgs } from '../../soap/envelope.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallOptions, CallRecord } from '../session/call-options.ts'
import type { Session } from '../session/session.ts'
import type { DiskChangeInfo } from './changed-disk-areas.ts'
import { queryChangedDiskAreas } from './query-changed-disk-areas.ts'

type QueryArgs = MethodArgs<'QueryChangedDiskAreas'>

/** How long a window waits for the client. A client that takes longer between two pages does not need it in advance. */
const waitMs = 5_000

/** Number of lists to remember for which a window was not used. An older list may cost one unused window again. */
const maxUnusedLists = 1_000

interface PrefetchedWindow {
  readonly offset: number
  /** Identifies the list of areas that it belongs to. */
  readonly list: string
  readonly response: Promise<DiskChangeInfo>
  /** Counts the bytes and calls, so far and from now on, for the operation of these options. */
  countFor(callOptions: CallOptions): void
  /** Stops the call if it is running. */
  abort(reason: unknown): void
  /** Removes the timer and the listener. */
  release(): void
}

export class WindowPrefetch {
  readonly #session: Pick<Session, 'withLogin'>
  readonly #clock: Clock
  #waiting: PrefetchedWindow | undefined
  /** Lists of which a window was queried and not used. Their clients are too slow or have stopped. */
  readonly #unusedLists = new Set<string>()
  #isClosed = false

  constructor(session: Pick<Session, 'withLogin'>, clock: Clock = systemClock) {
    this.#session = session
    this.#clock = clock
  }

  /**
   * Queries a window, unless another one is waiting. An error is not reported: the operation that needs the window queries it.
   * @param clientSignal drops the window when the client disconnects
   */
  start(vm: ManagedObjectReference, args: QueryArgs, clientSignal?: AbortSignal): void {
    const list = listKey(vm, args)
    if (this.#isClosed || this.#waiting || this.#unusedLists.has(list) || clientSignal?.aborted) return
    const { response, countFor, abort } = this.#query(vm, args)
    const drop = () => this.#drop(window)
    const cancelTimer = this.#clock.schedule(waitMs, drop)
    clientSignal?.addEventListener('abort', drop, { once: true })
    const release = () => {
      cancelTimer()
      clientSignal?.removeEventListener('abort', drop)
    }
    const window = { offset: Number(args.startOffset), list, response, countFor, abort, release }
    this.#waiting = window
    response.catch((error) => this.#drop(window, !(error instanceof NoCapacityError)))
  }

  /**
   * Returns the window if it was queried in advance, when it has arrived.
   * @returns undefined if it was not, or if that failed
   * @throws the reason of the signal of `callOptions` when it is aborted, or the error of its `onBytes`
   */
  async take(
    vm: ManagedObjectReference,
    args: QueryArgs,
    callOptions: CallOptions,
  ): Promise<DiskChangeInfo | undefined> {
    const window = this.#waiting
    if (window?.offset !== args.startOffset || window.list !== listKey(vm, args)) return undefined
    this.#waiting = undefined
    window.release()
    try {
      window.countFor(callOptions)
      return await withSignal(window.response, callOptions.signal)
    } catch (error) {
      window.abort(error)
      callOptions.signal?.throwIfAborted()
      return undefined
    }
  }

  /** Drops the window, and starts no more. */
  close(): void {
    this.#isClosed = true
    if (this.#waiting) this.#drop(this.#waiting)
  }

  #drop(window: PrefetchedWindow, isUnused = true): void {
    if (this.#waiting !== window) return
    this.#waiting = undefined
    window.release()
    window.abort(new DOMException('the window is not needed', 'AbortError'))
    if (!isUnused) return
    this.#unusedLists.add(window.list)
    if (this.#unusedLists.size > maxUnusedLists)
      this.#unusedLists.delete(this.#unusedLists.values().next().value as string)
  }

  #query(
    vm: ManagedObjectReference,
    args: QueryArgs,
  ): Pick<PrefetchedWindow, 'response' | 'countFor' | 'abort'> {
    const controller = new AbortController()
    let bytes = 0
    const calls: CallRecord[] = []
    let counted: CallOptions | undefined
    const callOptions: CallOptions = {
      signal: controller.signal,
      onlyIfIdle: true,
      onBytes(chunkBytes) {
        bytes += chunkBytes
        counted?.onBytes?.(chunkBytes)
      },
      onCall(record) {
        if (counted) counted.onCall?.(record)
        else calls.push(record)
      },
    }
    return {
      response: this.#session.withLogin(
        (login) => queryChangedDiskAreas(login, vm, args, callOptions, () => {}),
        callOptions,
      ),
      countFor(options) {
        counted = options
        for (const record of calls) options.onCall?.(record)
        options.onBytes?.(bytes)
      },
      abort: (reason) => controller.abort(reason),
    }
  }
}

const listKey = (vm: ManagedObjectReference, { snapshot, deviceKey, changeId }: QueryArgs): string =>
  JSON.stringify([vm.value, snapshot?.value, deviceKey, changeId])
