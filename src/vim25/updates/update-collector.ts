// A property collector of our own: its filters, the version that it has told up to, and the one WaitForUpdatesEx that may be
// under way. It ends with its login.

import { setTimeout } from 'node:timers/promises'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { PageGuard } from '../property-collector/page-guard.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { Pacer } from './pacing.ts'

/** How long vSphere holds a call without news: far below idle timeouts of proxies and of the session. */
const maxWaitSeconds = 30

/** In one answer; a vCenter tells no more at once anyway. */
const maxObjectUpdates = 100

/** How soon a call that goes on waiting is cancelled once more. */
const cancelRetryMs = 250

const cleanUpTimeoutMs = 5_000

/** Which properties of the objects in a view. */
export interface ViewSpec {
  readonly view: ManagedObjectReference
  readonly type: ManagedObjectType
  readonly paths: readonly string[]
}

/** @param pacer spaces out the long polls that bring nothing. */
export async function createUpdateCollector(login: Login, pacer: Pacer): Promise<UpdateCollector> {
  const { propertyCollector } = login.content
  const ref = await login.call('CreatePropertyCollector', propertyCollector, {}, {})
  return new UpdateCollector(login, ref, pacer)
}

export class UpdateCollector {
  readonly #login: Login
  readonly #ref: ManagedObjectReference
  readonly #pacer: Pacer
  readonly #filters = new Set<string>()
  #version = ''
  #interrupt = () => {}
  /** The last long poll came back with nothing, and nobody here had ended it. */
  #wasIdle = false
  #pages: PageGuard | undefined

  constructor(login: Login, ref: ManagedObjectReference, pacer: Pacer) {
    this.#login = login
    this.#ref = ref
    this.#pacer = pacer
  }

  async createFilter(viewSpec: ViewSpec): Promise<ManagedObjectReference> {
    // Whole properties: what is told of a part of one would have to be put together here.
    const args = { spec: specOf(viewSpec), partialUpdates: false }
    const filter = await this.#login.call('CreateFilter', this.#ref, args, {})
    this.#filters.add(filter.value)
    return filter
  }

  async destroyFilter(filter: ManagedObjectReference): Promise<void> {
    this.#filters.delete(filter.value)
    await this.#login.call('DestroyPropertyFilter', filter, {}, {})
  }

  /** The next answer tells everything, and not what has changed. */
  restart(): void {
    this.#version = ''
  }

  /**
   * Asks for the next updates: for what there is to tell now, or for changes, as soon as there are any. Undefined when nothing
   * came in time, or when it was interrupted. A server that answers long polls at once with nothing is asked again no sooner
   * than the pacer allows.
   * @throws SoapError when pages follow each other that bring nothing new.
   */
  async next(mode: 'immediate' | 'wait', signal: AbortSignal): Promise<DataObject<'UpdateSet'> | undefined> {
    if (mode === 'wait' && this.#wasIdle) {
      const interrupted = new AbortController()
      this.#interrupt = () => interrupted.abort()
      await this.#pacer.pause(AbortSignal.any([signal, interrupted.signal]))
      // In one turn with the call below: an interruption between the two would be lost.
      if (interrupted.signal.aborted || signal.aborted) return undefined
    }
    const ended = new AbortController()
    let interruption: Promise<void> | undefined
    // What is answered at once is not worth it; and the page that follows another can be asked for only once.
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
      this.#wasIdle = mode === 'wait' && !interruption && !this.#hasNews(set)
      if (set) this.#version = set.version
      this.#recordPage(set)
      return set
    } catch (error) {
      if (interruption && error instanceof VimFaultError && error.is('RequestCanceled')) return undefined
      throw error
    } finally {
      this.#interrupt = () => {}
      ended.abort()
      // It must not end the next call.
      await interruption
    }
  }

  /** Whether an answer has changes that were not told before. */
  #hasNews(set: DataObject<'UpdateSet'> | undefined): boolean {
    // Of a version that moves, the same one again is the same answer again. vcsim has one for all.
    if (!set || (set.version === this.#version && /\d/.test(set.version))) return false
    return this.#known(set).some(({ objectSet = [] }) => objectSet.length > 0)
  }

  /** The updates of filters that were made here. */
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

  /** Ends the call that waits for changes, if there is one. */
  interrupt(): void {
    this.#interrupt()
  }

  /** Its filters, and a call that waits, go with it. */
  destroy(): void {
    this.#login.discard('DestroyPropertyCollector', this.#ref)
  }

  /** What ends a call may overtake it on the way: it is said again until the call is over. */
  async #cancel(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      const callOptions = { signal: AbortSignal.timeout(cleanUpTimeoutMs) }
      await this.#login.call('CancelWaitForUpdates', this.#ref, {}, callOptions).catch(() => {})
      await setTimeout(cancelRetryMs, undefined, { signal: ended }).catch(() => {})
    }
  }
}

function specOf({ view, type, paths }: ViewSpec): DataObject<'PropertyFilterSpec'> {
  const traversal: DataObject<'TraversalSpec'> = {
    _typeName: 'TraversalSpec',
    type: view.type,
    path: 'view',
    skip: false,
  }
  return {
    propSet: [{ type, pathSet: paths }],
    objectSet: [{ obj: view, skip: true, selectSet: [traversal] }],
  }
}
