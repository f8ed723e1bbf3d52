// Updates of one property collector: its filters, the version that its client has, and the pending wait call.
// Versions are '', 1, 2, 3 and so on; each reply returns the next one. A client can continue from the newest
// version, or from the previous one if the reply with the newest was lost.

import { createDeferred, type Deferred } from '../../deferred.ts'
import type { FaultInjection } from '../../fault-injection.ts'
import type { SimulatedInventory, SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import type { FilterState } from './filter-state.ts'
import type { PropertyXmlCache } from './property-xml-cache.ts'
import type { Viewer } from './session-values.ts'

export interface WaitRequest {
  readonly version: string
  readonly maxObjectUpdates: number
  /** Undefined waits without a timeout; 0 does not wait. */
  readonly maxWaitMs: number | undefined
  readonly viewer: Viewer
  /** Aborted when the client no longer waits. */
  readonly signal: AbortSignal
}

interface PendingWait {
  readonly request: WaitRequest
  readonly outcome: Deferred<string | undefined>
  checkScheduled: boolean
}

/** Types that change often, and whose changes do not make other objects enter a filter. */
const frequentTypes: ReadonlySet<string> = new Set([
  'Task',
  'EventManager',
  'EventHistoryCollector',
  'TaskHistoryCollector',
])

export class Collector {
  readonly filters = new Map<string, FilterState>()
  readonly #objects: SimulatedInventory
  readonly #xmlCache: PropertyXmlCache
  readonly #faults: Pick<FaultInjection, 'updates'>
  #version = 0
  #truncated = false
  /** Whether the last page said that another page follows, which will be empty. */
  #owesEmptyPage = false
  /**
   * The version that the client sent when it received the newest one; undefined if it cannot send that
   * version again.
   */
  #previous: string | undefined
  #requestedVersion: string | undefined
  #waiting: PendingWait | undefined

  constructor(
    objects: SimulatedInventory,
    xmlCache: PropertyXmlCache,
    faults: Pick<FaultInjection, 'updates'>,
  ) {
    this.#objects = objects
    this.#xmlCache = xmlCache
    this.#faults = faults
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  /** Returns the content of an UpdateSet; undefined on timeout. */
  async wait(request: WaitRequest): Promise<string | undefined> {
    this.cancelWait()
    this.#accept(request.version)
    const text = this.#produce(request)
    if (text !== undefined || request.maxWaitMs === 0) return text

    const waiting: PendingWait = { request, outcome: createDeferred(), checkScheduled: false }
    this.#waiting = waiting
    const filters = () => [...this.filters.values()]
    const onChange = (object: SimulatedObject) => {
      if (frequentTypes.has(object.type) && !filters().some((filter) => filter.hasReported(object))) return
      this.checkSoon()
    }
    const stopWaiting = () => waiting.outcome.resolve(undefined)
    this.#objects.on('changed', onChange).on('added', onChange).on('removed', onChange)
    request.signal.addEventListener('abort', stopWaiting)
    const { maxWaitMs } = request
    const cancelTimer =
      maxWaitMs === undefined ? undefined : this.#objects.clock.schedule(maxWaitMs, stopWaiting)
    try {
      if (request.signal.aborted) stopWaiting()
      return await waiting.outcome.promise
    } finally {
      cancelTimer?.()
      request.signal.removeEventListener('abort', stopWaiting)
      this.#objects.off('changed', onChange).off('added', onChange).off('removed', onChange)
      if (this.#waiting === waiting) this.#waiting = undefined
    }
  }

  /** Checks for updates for the pending call, once for all changes in this turn of the event loop. */
  checkSoon(): void {
    const waiting = this.#waiting
    if (!waiting || waiting.checkScheduled) return
    waiting.checkScheduled = true
    queueMicrotask(() => {
      waiting.checkScheduled = false
      if (this.#waiting !== waiting) return
      try {
        const text = this.#produce(waiting.request)
        if (text === undefined) return
        this.#waiting = undefined
        waiting.outcome.resolve(text)
      } catch (error) {
        waiting.outcome.reject(error)
      }
    })
  }

  /** Fails the pending call, if there is one. */
  cancelWait(fault = new VimFault({ _typeName: 'RequestCanceled' }, 'The request was canceled.')): void {
    this.#waiting?.outcome.reject(fault)
    this.#waiting = undefined
  }

  #accept(version: string): void {
    const filters = [...this.filters.values()]
    if (version === '') {
      for (const filter of filters) filter.reset()
      this.#requestedVersion = undefined
    } else if (version === String(this.#version)) {
      for (const filter of filters) filter.commit()
      // After a truncated page, the client must continue; the page cannot be requested again.
      this.#requestedVersion = this.#truncated ? undefined : version
    } else if (version === this.#previous) {
      for (const filter of filters) filter.rollBack()
      this.#requestedVersion = version
    } else {
      throw new VimFault({ _typeName: 'InvalidCollectorVersion' })
    }
    this.#previous = undefined
  }

  #produce({ viewer, maxObjectUpdates }: WaitRequest): string | undefined {
    let text = ''
    let count = 0
    let truncated = false
    const isReplayed = this.#faults.updates === 'replayed'
    for (const filter of this.filters.values()) {
      let updates = ''
      for (const update of filter.pendingUpdates(viewer, this.#xmlCache, isReplayed)) {
        if (count === maxObjectUpdates) {
          truncated = true
          break
        }
        update.apply()
        updates += update.xml
        count += 1
      }
      const missing = truncated ? '' : filter.takeMissing(viewer, this.#xmlCache)
      if (updates || missing || this.#owesEmptyPage) {
        text += `<filterSet><filter type="PropertyFilter">${filter.ref.value}</filter>${updates}${missing}</filterSet>`
      }
      if (truncated) break
    }
    if (text === '') return undefined
    this.#owesEmptyPage = isReplayed && !truncated && !this.#owesEmptyPage
    truncated ||= this.#owesEmptyPage
    this.#version += 1
    this.#previous = this.#requestedVersion
    this.#truncated = truncated
    return `<version>${this.#version}</version>${text}${truncated ? '<truncated>true</truncated>' : ''}`
  }
}
