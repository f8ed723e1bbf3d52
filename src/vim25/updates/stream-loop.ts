// The loop of an update stream: creates and destroys the filters of its subscriptions, requests the updates, and passes them on.

import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { Login } from '../session/login.ts'
import type { Session } from '../session/session.ts'
import type { Pacer } from './pacing.ts'
import { isTransient } from './transient-error.ts'
import { createUpdateCollector, type UpdateCollector } from './update-collector.ts'
import { UnwatchableError, type UpdateSubscription, type WatchSpec } from './update-subscription.ts'

interface ActiveFilter {
  readonly spec: WatchSpec
  readonly filter: ManagedObjectReference
  /** Whether any response had an entry for this filter. */
  hasReported: boolean
  /** Whether the initial state is complete. */
  isLive: boolean
}

/** The loop of a stream from its first subscription to its last. */
export class StreamLoop {
  readonly #subscriptions = new Set<UpdateSubscription>()
  readonly #abortController = new AbortController()
  readonly #createPacer: () => Pacer
  readonly #pacesChanges: boolean
  #collector: UpdateCollector | undefined
  /** Whether the stream has received updates since it was opened last. */
  #wasOpen = false

  constructor(createPacer: () => Pacer, pacesChanges: boolean) {
    this.#createPacer = createPacer
    this.#pacesChanges = pacesChanges
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
      this.#wasOpen = false
      try {
        await session.withLogin((login) => this.#runOnce(login), { signal: this.signal })
      } catch (error) {
        // If the stream was open for a while, it is reopened at once, because subscriptions get no updates until then.
        if (isTransient(error)) {
          if (!this.#wasOpen) for (const { onUnavailable } of this.#subscriptions) onUnavailable?.(error)
          await pacer.pause(this.signal)
        } else for (const subscription of [...this.#subscriptions]) this.#fail(subscription, error)
      }
    }
  }

  #fail(subscription: UpdateSubscription, error: unknown): void {
    // Ignore the error if the subscription ended while its filter was created.
    if (!this.#subscriptions.has(subscription)) return
    this.remove(subscription)
    subscription.onError(error)
  }

  async #runOnce(login: Login): Promise<void> {
    const collector = await createUpdateCollector(login, this.#createPacer(), this.#pacesChanges)
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
      // Following pages belong to the existing filters, so do not change the filters between pages.
      if (!isTruncated) await this.#syncFilters(login, collector, activeFilters)
      const all = [...activeFilters.values()]
      // Wait for changes only if the filters match the subscriptions and all have their initial state. Otherwise request the
      // pending updates, which returns at once even if there are none. Check and call in the same tick: a subscription added
      // between the two would not be included and could not interrupt the call.
      const shouldWait = !isTruncated && this.#isInSync(activeFilters) && all.every(({ isLive }) => isLive)
      const set = await collector.next(shouldWait ? 'wait' : 'immediate', this.signal)
      this.#wasOpen = true
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
        // vcsim sends no update for a filter that was added later, and no server sends one for an empty view. Request the
        // full state again.
        collector.restart()
        isFullUpdate = true
        for (const activeFilter of all) activeFilter.isLive = false
      }
    }
  }

  /** Whether the filters match the subscriptions, or the stream is ending. */
  #isInSync(activeFilters: ReadonlyMap<UpdateSubscription, ActiveFilter>): boolean {
    const isSame =
      activeFilters.size === this.#subscriptions.size &&
      [...this.#subscriptions].every((subscription) => activeFilters.has(subscription))
    return isSame || this.signal.aborted
  }

  /** Destroys the filters of ended subscriptions and creates filters for new ones. */
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
        if (isTransient(error)) throw error
        this.#fail(subscription, error instanceof UnwatchableError ? error.cause : error)
      }
    }
    // Without any filter there is nothing to request, so repeat for subscriptions that were added meanwhile.
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
      // The subscription has ended. Its owner may have opened a newer view, which filling this one would replace.
      if (!this.#subscriptions.has(subscription)) return void spec.onEnd?.()
      await spec.fillView?.()
      return { spec, filter: await collector.createFilter(spec), hasReported: false, isLive: false }
    } catch (error) {
      spec.onEnd?.()
      throw error
    }
  }
}
