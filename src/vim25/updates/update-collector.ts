// A dedicated property collector for updates: its filters, the version of the last received update set, and at most one
// WaitForUpdatesEx in flight. It ends with its login.

import { delay } from '../../concurrency/timing.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { PageGuard } from '../property-collector/page-guard.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { Pacer } from './pacing.ts'

/** How long vSphere may hold a long poll without changes: far below the idle timeouts of proxies and of the session. */
const maxWaitSeconds = 30

/** Maximum number of object updates per response. A vCenter itself sends no more than this at once. */
const maxObjectUpdates = 100

/** Delay before cancelling a long poll again if it is still waiting. */
const cancelRetryMs = 250

const cleanUpTimeoutMs = 5_000

/** A filter on properties of the objects in views, and of single objects. */
export interface ViewSpec {
  readonly views: readonly ManagedObjectReference[]
  /** @default none */
  readonly objects?: readonly ManagedObjectReference[]
  /** The paths by type. All entries that name the type of an object, or one of its base types, apply to it. */
  readonly propSet: readonly TypePaths[]
}

/** Paths of the objects of a type. */
export interface TypePaths {
  readonly type: ManagedObjectType
  readonly pathSet: readonly string[]
}

/**
 * @param pacer limits the rate of long polls that return nothing
 * @param pacesChanges whether it also limits the rate of those that return changes
 */
export async function createUpdateCollector(
  login: Login,
  pacer: Pacer,
  pacesChanges: boolean,
): Promise<UpdateCollector> {
  const { propertyCollector } = login.content
  const ref = await login.call('CreatePropertyCollector', propertyCollector, {}, {})
  return new UpdateCollector(login, ref, pacer, pacesChanges)
}

export class UpdateCollector {
  readonly #login: Login
  readonly #ref: ManagedObjectReference
  readonly #pacer: Pacer
  readonly #pacesChanges: boolean
  readonly #filters = new Set<string>()
  #version = ''
  #interrupt = () => {}
  /** Whether the next long poll waits for its interval: the last one returned without having been interrupted. */
  #isPaced = false
  #pages: PageGuard | undefined

  constructor(login: Login, ref: ManagedObjectReference, pacer: Pacer, pacesChanges: boolean) {
    this.#login = login
    this.#ref = ref
    this.#pacer = pacer
    this.#pacesChanges = pacesChanges
  }

  async createFilter(viewSpec: ViewSpec): Promise<ManagedObjectReference> {
    // Request whole properties: partial updates would have to be merged here.
    const args = { spec: specOf(viewSpec), partialUpdates: false }
    const filter = await this.#login.call('CreateFilter', this.#ref, args, {})
    this.#filters.add(filter.value)
    return filter
  }

  async destroyFilter(filter: ManagedObjectReference): Promise<void> {
    this.#filters.delete(filter.value)
    await this.#login.call('DestroyPropertyFilter', filter, {}, {})
  }

  /** Resets the version, so that the next response has the full state and not only changes. */
  restart(): void {
    this.#version = ''
  }

  /**
   * Requests the next updates. The pacer limits the rate if the server returns long polls at once without changes.
   * @param mode `immediate` returns the updates that are pending now, `wait` waits until there is a change
   * @returns undefined if there was no update in time, or if the call was interrupted
   * @throws SoapError if the server keeps sending pages without new updates
   */
  async next(mode: 'immediate' | 'wait', signal: AbortSignal): Promise<DataObject<'UpdateSet'> | undefined> {
    if (mode === 'wait' && this.#isPaced) {
      const interrupted = new AbortController()
      const interrupt = () => interrupted.abort()
      this.#interrupt = interrupt
      // Not AbortSignal.any: each pause would add a signal that Node 20 keeps as long as this one.
      signal.addEventListener('abort', interrupt)
      if (signal.aborted) interrupt()
      try {
        await this.#pacer.pause(interrupted.signal)
      } finally {
        signal.removeEventListener('abort', interrupt)
      }
      // Check in the same tick as the call below: an interruption between the two would be lost.
      if (interrupted.signal.aborted) return undefined
    }
    const ended = new AbortController()
    let interruption: Promise<void> | undefined
    // Only a long poll needs to be interruptible. An immediate call returns soon, and a following page can be requested only once.
    if (mode === 'wait') {
      this.#interrupt = () => {
        interruption ??= this.#cancel(ended.signal)
      }
    }
    this.#pacer.start()
    const options = { maxWaitSeconds: mode === 'immediate' ? 0 : maxWaitSeconds, maxObjectUpdates }
    try {
      const set = await this.#login.call(
        'WaitForUpdatesEx',
        this.#ref,
        { version: this.#version, options },
        { signal, timeoutMs: (maxWaitSeconds + 30) * 1_000 },
      )
      this.#isPaced = mode === 'wait' && !interruption && (this.#pacesChanges || !this.#hasChanges(set))
      if (set) this.#version = set.version
      this.#recordPage(set)
      return set
    } catch (error) {
      if (interruption && error instanceof VimFaultError && error.is('RequestCanceled')) return undefined
      throw error
    } finally {
      this.#interrupt = () => {}
      ended.abort()
      // Wait for the cancellation, so that it does not end the next call.
      await interruption
    }
  }

  /** Whether an update set has changes that were not received before. */
  #hasChanges(set: DataObject<'UpdateSet'> | undefined): boolean {
    // A repeated version means a repeated response. That does not hold for vcsim, whose version never changes.
    if (!set || (set.version === this.#version && /\d/.test(set.version))) return false
    return this.#known(set).some(({ objectSet = [] }) => objectSet.length > 0)
  }

  /** Returns the updates of this collector's own filters. */
  #known({ filterSet = [] }: DataObject<'UpdateSet'>): readonly DataObject<'PropertyFilterUpdate'>[] {
    return filterSet.filter(({ filter }) => this.#filters.has(filter.value))
  }

  #recordPage(set: DataObject<'UpdateSet'> | undefined): void {
    if (!set?.truncated) {
      this.#pages = undefined
      return
    }
    this.#pages ??= new PageGuard('an update')
    const first = this.#known(set).find(({ objectSet = [] }) => objectSet.length > 0)
    const update = first?.objectSet?.[0]
    this.#pages.record(
      first && update && `${first.filter.value} ${update.kind} ${update.obj.type} ${update.obj.value}`,
    )
  }

  /** Ends the long poll, if there is one. */
  interrupt(): void {
    this.#interrupt()
  }

  /** Destroys the collector in the background. That also destroys its filters and ends a long poll. */
  destroy(): void {
    this.#login.discard('DestroyPropertyCollector', this.#ref)
  }

  /**
   * Cancels the long poll. The server may receive the cancellation before the long poll itself, so the cancellation is repeated
   * until the poll ends.
   */
  async #cancel(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      const callOptions = { signal: AbortSignal.timeout(cleanUpTimeoutMs) }
      await this.#login.call('CancelWaitForUpdates', this.#ref, {}, callOptions).catch(() => {})
      await delay(cancelRetryMs, { signal: ended })
    }
  }
}

function specOf({ views, objects = [], propSet }: ViewSpec): DataObject<'PropertyFilterSpec'> {
  return {
    propSet,
    objectSet: [
      ...objects.map((obj) => ({ obj, skip: false })),
      ...views.map((view) => {
        const traversal: DataObject<'TraversalSpec'> = {
          _typeName: 'TraversalSpec',
          type: view.type,
          path: 'view',
          skip: false,
        }
        return { obj: view, skip: true, selectSet: [traversal] }
      }),
    ],
  }
}
