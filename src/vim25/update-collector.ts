// A property collector of our own: its filters, the version that it has told up to, and the one WaitForUpdatesEx that may be
// under way. It ends with its login.

import { setTimeout } from 'node:timers/promises'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { Login } from './login.ts'
import { VimFaultError } from './vim-fault-error.ts'

/** How long vSphere holds a call without news: far below idle timeouts of proxies and of the session. */
const maxWaitSeconds = 30

/** In one answer; a vCenter tells no more at once anyway. */
const maxObjectUpdates = 100

/** How soon a call that goes on waiting is cancelled once more. */
const insistMs = 250

const cleanUpMs = 5_000

/** Which properties of the objects in a view. */
export interface Viewed {
  readonly view: ManagedObjectReference
  readonly type: ManagedObjectType
  readonly paths: readonly string[]
}

export async function createUpdateCollector(login: Login): Promise<UpdateCollector> {
  const { propertyCollector } = login.content
  return new UpdateCollector(login, await login.call('CreatePropertyCollector', propertyCollector, {}, {}))
}

export class UpdateCollector {
  readonly #login: Login
  readonly #ref: ManagedObjectReference
  #version = ''
  #interrupt = () => {}

  constructor(login: Login, ref: ManagedObjectReference) {
    this.#login = login
    this.#ref = ref
  }

  async createFilter(viewed: Viewed): Promise<ManagedObjectReference> {
    // Whole properties: what is told of a part of one would have to be put together here.
    return this.#login.call('CreateFilter', this.#ref, { spec: specOf(viewed), partialUpdates: false }, {})
  }

  async destroyFilter(filter: ManagedObjectReference): Promise<void> {
    await this.#login.call('DestroyPropertyFilter', filter, {}, {})
  }

  /** The next answer tells everything, and not what has changed. */
  restart(): void {
    this.#version = ''
  }

  /**
   * Asks for the next updates: for what there is to tell now, or for changes, as soon as there are any. Undefined when nothing
   * came in time, or when it was interrupted.
   */
  async next(when: 'now' | 'soon', signal: AbortSignal): Promise<DataObject<'UpdateSet'> | undefined> {
    const over = new AbortController()
    let interruption: Promise<void> | undefined
    // What is answered at once is not worth it; and the page that follows another can be asked for only once.
    if (when === 'soon') {
      this.#interrupt = () => {
        interruption ??= this.#cancel(over.signal)
      }
    }
    const options = { maxWaitSeconds: when === 'now' ? 0 : maxWaitSeconds, maxObjectUpdates }
    try {
      const set = await this.#login.call(
        'WaitForUpdatesEx',
        this.#ref,
        { version: this.#version, options },
        { signal, timeoutMs: (maxWaitSeconds + 30) * 1_000 },
      )
      if (set) this.#version = set.version
      return set
    } catch (error) {
      if (interruption && error instanceof VimFaultError && error.is('RequestCanceled')) return undefined
      throw error
    } finally {
      this.#interrupt = () => {}
      over.abort()
      // It must not end the next call.
      await interruption
    }
  }

  /** Ends the call that waits for changes, if there is one. */
  interrupt(): void {
    this.#interrupt()
  }

  /** Best effort: what is left behind ends with the session. Its filters, and a call that waits, go with it. */
  destroy(): void {
    const scope = { signal: AbortSignal.timeout(cleanUpMs) }
    this.#login.call('DestroyPropertyCollector', this.#ref, {}, scope).catch(() => {})
  }

  /** What ends a call may overtake it on the way: it is said again until the call is over. */
  async #cancel(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const scope = { signal: AbortSignal.timeout(cleanUpMs) }
      await this.#login.call('CancelWaitForUpdates', this.#ref, {}, scope).catch(() => {})
      await setTimeout(insistMs, undefined, { signal: over }).catch(() => {})
    }
  }
}

function specOf({ view, type, paths }: Viewed): DataObject<'PropertyFilterSpec'> {
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
