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
import type { Login } from '../session/login.ts'
import { type Clock, Pacer, systemClock } from './pacing.ts'
import { OutageError } from '../session/circuit-breaker.ts'
import type { Session } from '../session/session.ts'
import { createUpdateCollector, type UpdateCollector, type Viewed } from './update-collector.ts'
import { VimFaultError } from '../vim-fault-error.ts'

export type ObjectUpdate = DataObject<'ObjectUpdate'>

// What a stream that is opened anew may be rid of; what else vSphere says, it would say again.
const mending = [
  'NotAuthenticated',
  'ManagedObjectNotFound',
  'InvalidCollectorVersion',
  'RequestCanceled',
  'HostCommunication',
  'SystemError',
]

/** What a feed looks at, and who is told. Made anew with each login, and whenever the stream is opened again. */
interface Watch extends Viewed {
  /** Puts into the view what is to be told first. */
  readonly fill?: () => Promise<void>
  /** Takes what one answer tells: of what there is at the start, or of what has changed since. */
  readonly take: (updates: readonly ObjectUpdate[], isStart: boolean) => void
  /** All that there is has been told; comes again when all was told anew. */
  readonly started?: () => void
  /** Nothing more is told of it. */
  readonly end?: () => void
}

interface Feed {
  readonly open: (login: Login) => Promise<Watch>
  /** It has ended with what would come again. */
  readonly fail: (error: unknown) => void
}

export interface UpdateStream {
  /** Tells a feed until it is stopped, by what this gives back, or has failed. Who comes again brings another one. */
  follow(feed: Feed): () => void
  /** It stands, or is being opened. */
  readonly isOpen: boolean
}

interface StreamOptions {
  /**
   * A stream that breaks is opened again no sooner than so long after it was opened last, and a long poll that brings nothing is
   * followed by the next no sooner than so long after it began. @default 1 second
   */
  readonly retryMs?: number
  readonly clock?: Clock
}

/** Opened when the first feed comes, ended when the last one leaves. */
export function createUpdateStream(
  session: Session,
  { retryMs = 1_000, clock = systemClock }: StreamOptions = {},
): UpdateStream {
  let current: Run | undefined
  return {
    get isOpen() {
      return current !== undefined && !current.signal.aborted
    },
    follow(feed) {
      if (!current || current.signal.aborted) {
        current = new Run(() => new Pacer(retryMs, clock))
        void current.follow(session)
      }
      const run = current
      run.add(feed)
      return () => run.remove(feed)
    },
  }
}

interface Channel {
  readonly watch: Watch
  readonly filter: ManagedObjectReference
  isTold: boolean
  /** All that there is has been told. */
  isLive: boolean
}

/** From the first feed that comes to the last that leaves. */
class Run {
  readonly #feeds = new Set<Feed>()
  readonly #stop = new AbortController()
  readonly #createPacer: () => Pacer
  #collector: UpdateCollector | undefined

  constructor(createPacer: () => Pacer) {
    this.#createPacer = createPacer
  }

  get signal(): AbortSignal {
    return this.#stop.signal
  }

  add(feed: Feed): void {
    this.#feeds.add(feed)
    this.#collector?.interrupt()
  }

  remove(feed: Feed): void {
    if (!this.#feeds.delete(feed)) return
    if (this.#feeds.size === 0) this.#stop.abort()
    else this.#collector?.interrupt()
  }

  async follow(session: Session): Promise<void> {
    const pacer = this.#createPacer()
    while (!this.signal.aborted) {
      pacer.start()
      try {
        await session.run((login) => this.#followOnce(login), { signal: this.signal })
      } catch (error) {
        // One that has stood for a while is opened at once: until it is, its feeds are told nothing.
        if (mayMend(error)) await pacer.pause(this.signal)
        else for (const feed of [...this.#feeds]) this.#fail(feed, error)
      }
    }
  }

  #fail(feed: Feed, error: unknown): void {
    // Who left while its filter was made would come again with another.
    if (!this.#feeds.has(feed)) return
    this.remove(feed)
    feed.fail(error)
  }

  async #followOnce(login: Login): Promise<void> {
    const collector = await createUpdateCollector(login, this.#createPacer())
    const channels = new Map<Feed, Channel>()
    this.#collector = collector
    try {
      await this.#take(login, collector, channels)
    } finally {
      for (const { watch } of channels.values()) watch.end?.()
      collector.destroy()
    }
  }

  async #take(login: Login, collector: UpdateCollector, channels: Map<Feed, Channel>): Promise<void> {
    let isFromBeginning = true
    let isTruncated = false
    while (!this.signal.aborted) {
      // The pages that follow belong to the filters that there were.
      if (!isTruncated) await this.#settle(login, collector, channels)
      const all = [...channels.values()]
      // Who has come or left meanwhile does not hold up the others: these are told what there is to tell now. The look and the
      // call are of one turn: whoever came between would neither be in it nor interrupt it. And there may be nothing at all to
      // begin with, which is known at once.
      const isSoon = !isTruncated && this.#isSettled(channels) && all.every(({ isLive }) => isLive)
      const set = await collector.next(isSoon ? 'soon' : 'now', this.signal)
      for (const { filter, objectSet = [] } of set?.filterSet ?? []) {
        const channel = all.find((each) => each.filter.value === filter.value)
        if (!channel) continue
        channel.isTold = true
        channel.watch.take(objectSet, !channel.isLive)
      }
      isTruncated = set?.truncated ?? false
      if (isTruncated) continue
      const starting = all.filter(({ isLive }) => !isLive)
      if (isFromBeginning || starting.every(({ isTold }) => isTold)) {
        isFromBeginning = false
        for (const channel of starting) {
          channel.isLive = true
          channel.watch.started?.()
        }
      } else {
        // vcsim says nothing of a filter that came later, and of an empty inventory there is nothing to say.
        collector.restart()
        isFromBeginning = true
        for (const channel of all) channel.isLive = false
      }
    }
  }

  /** Whether the filters are those of the feeds, or no longer matter. */
  #isSettled(channels: ReadonlyMap<Feed, Channel>): boolean {
    const isSame = channels.size === this.#feeds.size && [...this.#feeds].every((feed) => channels.has(feed))
    return isSame || this.signal.aborted
  }

  /** Destroys the filters of those that have left, and makes them for those that have come by now. */
  async #settle(login: Login, collector: UpdateCollector, channels: Map<Feed, Channel>): Promise<void> {
    const come = [...this.#feeds].filter((feed) => !channels.has(feed))
    for (const [feed, { watch, filter }] of [...channels]) {
      if (this.#feeds.has(feed)) continue
      channels.delete(feed)
      watch.end?.()
      await collector.destroyFilter(filter)
    }
    for (const feed of come) {
      if (this.signal.aborted || !this.#feeds.has(feed)) continue
      try {
        const channel = await this.#open(login, collector, feed)
        if (channel) channels.set(feed, channel)
      } catch (error) {
        if (mayMend(error)) throw error
        this.#fail(feed, error)
      }
    }
    // Without any filter there is nothing to ask for.
    if (channels.size === 0 && !this.#isSettled(channels)) await this.#settle(login, collector, channels)
  }

  async #open(login: Login, collector: UpdateCollector, feed: Feed): Promise<Channel | undefined> {
    const watch = await feed.open(login)
    try {
      // Filled, it would take the place of the one that its owner has opened since.
      if (!this.#feeds.has(feed)) return void watch.end?.()
      await watch.fill?.()
      return { watch, filter: await collector.createFilter(watch), isTold: false, isLive: false }
    } catch (error) {
      watch.end?.()
      throw error
    }
  }
}

const mayMend = (error: unknown): boolean =>
  error instanceof TransportError ||
  error instanceof OutageError ||
  error instanceof SoapError ||
  (error instanceof VimFaultError && mending.some((faultName) => error.is(faultName)))
