// One update stream: a property collector with a filter for each feed, and one WaitForUpdatesEx at a time for all of them. No
// sleeping and no polling: vSphere answers when something changed. What breaks is opened again from the beginning.
//
//   first feed -> collector -> its filter -> all there is, page by page -> changes ... -> the last one leaves -> destroyed
//                                  ^------- one comes, one leaves -----------'
// Filters come and go between two calls, so that every answer is of filters that are known here; the call that waits for
// changes is interrupted for them.

import { SoapError } from '../../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { CircuitOpenError } from '../session/circuit-breaker.ts'
import type { Login } from '../session/login.ts'
import type { Session } from '../session/session.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import { type Clock, Pacer, systemClock } from './pacing.ts'
import { createUpdateCollector, type UpdateCollector, type ViewSpec } from './update-collector.ts'

export type ObjectUpdate = DataObject<'ObjectUpdate'>

// What a stream that is opened anew may be rid of; what else vSphere says, it would say again.
const recoverableFaults = [
  'NotAuthenticated',
  'ManagedObjectNotFound',
  'InvalidCollectorVersion',
  'RequestCanceled',
  'HostCommunication',
  'SystemError',
]

/** What a feed looks at, and who is told. Made anew with each login, and whenever the stream is opened again. */
interface WatchSpec extends ViewSpec {
  /** Puts into the view what is to be told first. */
  readonly fillView?: () => Promise<void>
  /** Takes what one answer tells: of what there is at the start, or of what has changed since. */
  readonly onUpdates: (updates: readonly ObjectUpdate[], isStart: boolean) => void
  /** All that there is has been told; comes again when all was told anew. */
  readonly onStarted?: () => void
  /** Nothing more is told of it. */
  readonly onEnd?: () => void
}

interface UpdateSubscription {
  readonly open: (login: Login) => Promise<WatchSpec>
  /** It has ended with what would come again. */
  readonly fail: (error: unknown) => void
}

export interface UpdateStream {
  /** Tells a feed until it is stopped, by what this gives back, or has failed. Who comes again brings another one. */
  subscribe(subscription: UpdateSubscription): () => void
  /** It stands, or is being opened. */
  readonly isOpen: boolean
}

interface StreamOptions {
  /**
   * A stream that breaks is opened again no sooner than so long after it was opened last, and a long poll that brings nothing is
   * followed by the next no sooner than so long after it began. @default 1 second
   */
  readonly minReopenIntervalMs?: number
  readonly clock?: Clock
}

/** Opened when the first feed comes, ended when the last one leaves. */
export function createUpdateStream(
  session: Session,
  { minReopenIntervalMs = 1_000, clock = systemClock }: StreamOptions = {},
): UpdateStream {
  let current: StreamLoop | undefined
  return {
    get isOpen() {
      return current !== undefined && !current.signal.aborted
    },
    subscribe(subscription) {
      if (!current || current.signal.aborted) {
        current = new StreamLoop(() => new Pacer(minReopenIntervalMs, clock))
        void current.run(session)
      }
      const loop = current
      loop.add(subscription)
      return () => loop.remove(subscription)
    },
  }
}

interface ActiveFilter {
  readonly spec: WatchSpec
  readonly filter: ManagedObjectReference
  hasReported: boolean
  /** All that there is has been told. */
  isLive: boolean
}

/** From the first feed that comes to the last that leaves. */
class StreamLoop {
  readonly #subscriptions = new Set<UpdateSubscription>()
  readonly #abortController = new AbortController()
  readonly #createPacer: () => Pacer
  #collector: UpdateCollector | undefined

  constructor(createPacer: () => Pacer) {
    this.#createPacer = createPacer
  }

  get signal(): AbortSignal {
    return this.#abortController.signal
  }

  add(subscription: UpdateSubscription): void {
    this.#subscriptions.add(subscription)
    this.#collector?.interrupt()
  }

  remove(subscription: UpdateSubscription): void {
    if (!this.#subscriptions.delete(subscription)) return
    if (this.#subscriptions.size === 0) this.#abortController.abort()
    else this.#collector?.interrupt()
  }

  async run(session: Session): Promise<void> {
    const pacer = this.#createPacer()
    while (!this.signal.aborted) {
      pacer.start()
      try {
        await session.withLogin((login) => this.#runOnce(login), { signal: this.signal })
      } catch (error) {
        // One that has stood for a while is opened at once: until it is, its feeds are told nothing.
        if (isRecoverable(error)) await pacer.pause(this.signal)
        else for (const subscription of [...this.#subscriptions]) this.#fail(subscription, error)
      }
    }
  }

  #fail(subscription: UpdateSubscription, error: unknown): void {
    // Who left while its filter was made would come again with another.
    if (!this.#subscriptions.has(subscription)) return
    this.remove(subscription)
    subscription.fail(error)
  }

  async #runOnce(login: Login): Promise<void> {
    const collector = await createUpdateCollector(login, this.#createPacer())
    const activeFilters = new Map<UpdateSubscription, ActiveFilter>()
    this.#collector = collector
    try {
      await this.#processUpdates(login, collector, activeFilters)
    } finally {
      for (const { spec } of activeFilters.values()) spec.onEnd?.()
      collector.destroy()
    }
  }

  async #processUpdates(
    login: Login,
    collector: UpdateCollector,
    activeFilters: Map<UpdateSubscription, ActiveFilter>,
  ): Promise<void> {
    let isFullUpdate = true
    let isTruncated = false
    while (!this.signal.aborted) {
      // The pages that follow belong to the filters that there were.
      if (!isTruncated) await this.#syncFilters(login, collector, activeFilters)
      const all = [...activeFilters.values()]
      // Who has come or left meanwhile does not hold up the others: these are told what there is to tell now. The look and the
      // call are of one turn: whoever came between would neither be in it nor interrupt it. And there may be nothing at all to
      // begin with, which is known at once.
      const shouldWait = !isTruncated && this.#isInSync(activeFilters) && all.every(({ isLive }) => isLive)
      const set = await collector.next(shouldWait ? 'wait' : 'immediate', this.signal)
      for (const { filter, objectSet = [] } of set?.filterSet ?? []) {
        const activeFilter = all.find((each) => each.filter.value === filter.value)
        if (!activeFilter) continue
        activeFilter.hasReported = true
        activeFilter.spec.onUpdates(objectSet, !activeFilter.isLive)
      }
      isTruncated = set?.truncated ?? false
      if (isTruncated) continue
      const starting = all.filter(({ isLive }) => !isLive)
      if (isFullUpdate || starting.every(({ hasReported }) => hasReported)) {
        isFullUpdate = false
        for (const activeFilter of starting) {
          activeFilter.isLive = true
          activeFilter.spec.onStarted?.()
        }
      } else {
        // vcsim says nothing of a filter that came later, and of an empty inventory there is nothing to say.
        collector.restart()
        isFullUpdate = true
        for (const activeFilter of all) activeFilter.isLive = false
      }
    }
  }

  /** Whether the filters are those of the feeds, or no longer matter. */
  #isInSync(activeFilters: ReadonlyMap<UpdateSubscription, ActiveFilter>): boolean {
    const isSame =
      activeFilters.size === this.#subscriptions.size &&
      [...this.#subscriptions].every((subscription) => activeFilters.has(subscription))
    return isSame || this.signal.aborted
  }

  /** Destroys the filters of those that have left, and makes them for those that have come by now. */
  async #syncFilters(
    login: Login,
    collector: UpdateCollector,
    activeFilters: Map<UpdateSubscription, ActiveFilter>,
  ): Promise<void> {
    const added = [...this.#subscriptions].filter((subscription) => !activeFilters.has(subscription))
    for (const [subscription, { spec, filter }] of [...activeFilters]) {
      if (this.#subscriptions.has(subscription)) continue
      activeFilters.delete(subscription)
      spec.onEnd?.()
      await collector.destroyFilter(filter)
    }
    for (const subscription of added) {
      if (this.signal.aborted || !this.#subscriptions.has(subscription)) continue
      try {
        const activeFilter = await this.#openFilter(login, collector, subscription)
        if (activeFilter) activeFilters.set(subscription, activeFilter)
      } catch (error) {
        if (isRecoverable(error)) throw error
        this.#fail(subscription, error)
      }
    }
    // Without any filter there is nothing to ask for.
    if (activeFilters.size === 0 && !this.#isInSync(activeFilters))
      await this.#syncFilters(login, collector, activeFilters)
  }

  async #openFilter(
    login: Login,
    collector: UpdateCollector,
    subscription: UpdateSubscription,
  ): Promise<ActiveFilter | undefined> {
    const spec = await subscription.open(login)
    try {
      // Filled, it would take the place of the one that its owner has opened since.
      if (!this.#subscriptions.has(subscription)) return void spec.onEnd?.()
      await spec.fillView?.()
      return { spec, filter: await collector.createFilter(spec), hasReported: false, isLive: false }
    } catch (error) {
      spec.onEnd?.()
      throw error
    }
  }
}

const isRecoverable = (error: unknown): boolean =>
  error instanceof TransportError ||
  error instanceof CircuitOpenError ||
  error instanceof SoapError ||
  (error instanceof VimFaultError && recoverableFaults.some((faultName) => error.is(faultName)))
