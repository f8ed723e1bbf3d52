// Tells that objects of the inventory have changed, and not how: whoever is told reads what it wants of them, whole. So no
// value is kept here, and none can be lost between partial updates. All who watch the same paths share one feed of an update
// stream, which is one filter, and all feeds one long poll.
//
//   first who watches -> filter -> all there is (discarded) -> refresh -> changed, changed ... -> the last one leaves
// A feed that was opened again tells refresh anew: anything may have changed meanwhile. Every few minutes listeners compare
// which objects there are: one that entered and vanished without a leave update would never be reported otherwise.

import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { Login } from '../session/login.ts'
import { isNamedBy, type UnknownProperties } from '../property-collector/unknown-properties.ts'
import type { ObjectUpdate, UpdateStream } from './update-stream.ts'
import { inventoryView } from '../property-collector/container-views.ts'
import { VimFaultError } from '../vim-fault-error.ts'

/** `moment` grows with all that is told: what is read for one moment must not have been asked for in an earlier one. */
interface Listener {
  /** Anything may have changed; what is read from now on will be told of when it changes. */
  readonly refresh: (moment: number) => void
  /** These entered the inventory, changed or left it. */
  readonly changed: (objects: readonly ManagedObjectReference[], moment: number) => void
  /** Time to compare which objects there are with those that were reported. */
  readonly compare: (moment: number) => void
  /** Nothing more is told. */
  readonly fail: (error: unknown) => void
}

export interface InventoryWatcher {
  /**
   * Watches these paths of all objects of a type; gives what ends it.
   * @throws TooManyFiltersError when too many different sets of paths are watched already.
   */
  watch(type: ManagedObjectType, paths: readonly string[], listener: Listener): () => void
  /** Ends all feeds. */
  close(): void
}

/** Each has the vCenter look at every object of the inventory that changes. */
const mostFilters = 100

/** How often listeners compare: it costs a scan of what their filters read. */
const compareMs = 5 * 60_000

/** Subscribers that want something else each are more than the vCenter is asked to bear. */
export class TooManyFiltersError extends Error {
  override name = 'TooManyFiltersError' as const
  readonly figure = mostFilters + 1
  readonly limit = mostFilters
}

interface Watched {
  readonly type: ManagedObjectType
  readonly paths: readonly string[]
  /** Of these, the ones that the filter was last made with. */
  asked: readonly string[]
  readonly listeners: Set<Listener>
  leave: () => void
  /** All that there was when the filter was made has been told. */
  isLive: boolean
}

export function createInventoryWatcher(updates: UpdateStream, unknown: UnknownProperties): InventoryWatcher {
  const all = new Map<string, Watched>()
  let moment = 0
  let timer: NodeJS.Timeout | undefined

  /** All of one moment, so that listeners that read the same share a retrieval. */
  function compare(): void {
    moment += 1
    for (const { isLive, listeners } of all.values())
      if (isLive) for (const listener of listeners) listener.compare(moment)
  }

  function remove(key: string): void {
    all.delete(key)
    if (all.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  async function open(login: Login, watched: Watched) {
    const { type, paths, listeners } = watched
    watched.asked = unknown.known(type, paths)
    return {
      view: await inventoryView(login, type, {}),
      type,
      paths: watched.asked,
      take(updates: readonly ObjectUpdate[], isStart: boolean) {
        if (isStart || updates.length === 0) return
        moment += 1
        const objects = updates.map(({ obj }) => obj)
        for (const { changed } of listeners) changed(objects, moment)
      },
      started() {
        moment += 1
        watched.isLive = true
        for (const { refresh } of listeners) refresh(moment)
      },
      end() {
        watched.isLive = false
      },
    }
  }

  function follow(key: string, watched: Watched): () => void {
    return updates.follow({
      open: (login) => open(login, watched),
      fail(error) {
        if (leaveOutUnknown(error, watched, unknown)) {
          watched.leave = follow(key, watched)
          return
        }
        remove(key)
        for (const { fail } of watched.listeners) fail(error)
      },
    })
  }

  return {
    watch(type, paths, listener) {
      // Without a path, only that they come and go is told: which path is looked at then makes no difference.
      const sorted = [...new Set(paths.length > 0 ? paths : ['name'])].sort()
      const key = `${type} ${sorted.join()}`
      const known = all.get(key)
      if (!known && all.size >= mostFilters)
        throw new TooManyFiltersError(`${mostFilters} different sets of properties are followed already`)
      const watched: Watched = known ?? {
        type,
        paths: sorted,
        asked: sorted,
        listeners: new Set(),
        leave: () => {},
        isLive: false,
      }
      watched.listeners.add(listener)
      if (!known) {
        all.set(key, watched)
        timer ??= setInterval(compare, compareMs).unref()
        watched.leave = follow(key, watched)
      } else if (known.isLive) listener.refresh(moment)
      return () => {
        watched.listeners.delete(listener)
        if (watched.listeners.size > 0) return
        if (all.get(key) === watched) remove(key)
        watched.leave()
      }
    },
    close() {
      for (const [key, { leave }] of all) {
        leave()
        remove(key)
      }
    },
  }
}

/**
 * A property that the server does not know fails the filter, and is left out from then on. False when there is nothing to
 * leave out; somebody else may have found out meanwhile.
 */
function leaveOutUnknown(error: unknown, { type, asked }: Watched, unknown: UnknownProperties): boolean {
  if (!(error instanceof VimFaultError && error.is('InvalidProperty'))) return false
  for (const path of asked) if (isNamedBy(error, path)) unknown.add(type, path)
  return unknown.known(type, asked).length < asked.length
}
