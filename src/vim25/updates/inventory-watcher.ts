// Tells that objects of the inventory have changed, and not how: whoever is told reads what it wants of them, whole. So no
// value is kept here, and none can be lost between partial updates. All who watch the same paths share one feed of an update
// stream, which is one filter, and all feeds one long poll.
//
//   first who watches -> filter -> all there is (discarded) -> refresh -> changed, changed ... -> the last one leaves
// A feed that was opened again tells refresh anew: anything may have changed meanwhile. Every few minutes listeners compare
// which objects there are: one that entered and vanished without a leave update would never be reported otherwise.

import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { inventoryView } from '../property-collector/container-views.ts'
import { isNamedInFault, type UnknownProperties } from '../property-collector/unknown-properties.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { ObjectUpdate, UpdateStream } from './update-stream.ts'

/** `moment` grows with all that is told: what is read for one moment must not have been asked for in an earlier one. */
interface Listener {
  /** Anything may have changed; what is read from now on will be told of when it changes. */
  readonly onRefresh: (epoch: number) => void
  /** These entered the inventory, changed or left it. */
  readonly onChanged: (objects: readonly ManagedObjectReference[], epoch: number) => void
  /** Time to compare which objects there are with those that were reported. */
  readonly compare: (epoch: number) => void
  /** Nothing more is told. */
  readonly onError: (error: unknown) => void
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
const maxFilters = 100

/** How often listeners compare: it costs a scan of what their filters read. */
const compareIntervalMs = 5 * 60_000

/** Subscribers that want something else each are more than the vCenter is asked to bear. */
export class TooManyFiltersError extends Error {
  override name = 'TooManyFiltersError' as const
  readonly actual = maxFilters + 1
  readonly limit = maxFilters
}

interface WatchedPaths {
  readonly type: ManagedObjectType
  readonly paths: readonly string[]
  /** Of these, the ones that the filter was last made with. */
  activePaths: readonly string[]
  readonly listeners: Set<Listener>
  unsubscribe: () => void
  /** All that there was when the filter was made has been told. */
  isLive: boolean
}

export function createInventoryWatcher(updates: UpdateStream, unknown: UnknownProperties): InventoryWatcher {
  const watchedByKey = new Map<string, WatchedPaths>()
  let epoch = 0
  let timer: NodeJS.Timeout | undefined

  /** All of one moment, so that listeners that read the same share a retrieval. */
  function compare(): void {
    epoch += 1
    for (const { isLive, listeners } of watchedByKey.values())
      if (isLive) for (const listener of listeners) listener.compare(epoch)
  }

  function remove(key: string): void {
    watchedByKey.delete(key)
    if (watchedByKey.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  async function open(login: Login, watched: WatchedPaths) {
    const { type, paths, listeners } = watched
    watched.activePaths = unknown.filterKnown(type, paths)
    return {
      view: await inventoryView(login, type, {}),
      type,
      paths: watched.activePaths,
      onUpdates(updates: readonly ObjectUpdate[], isStart: boolean) {
        if (isStart || updates.length === 0) return
        epoch += 1
        const objects = updates.map(({ obj }) => obj)
        for (const { onChanged } of listeners) onChanged(objects, epoch)
      },
      onStarted() {
        epoch += 1
        watched.isLive = true
        for (const { onRefresh } of listeners) onRefresh(epoch)
      },
      onEnd() {
        watched.isLive = false
      },
    }
  }

  function subscribe(key: string, watched: WatchedPaths): () => void {
    return updates.subscribe({
      open: (login) => open(login, watched),
      fail(error) {
        if (excludeUnknown(error, watched, unknown)) {
          watched.unsubscribe = subscribe(key, watched)
          return
        }
        remove(key)
        for (const { onError } of watched.listeners) onError(error)
      },
    })
  }

  return {
    watch(type, paths, listener) {
      // Without a path, only that they come and go is told: which path is looked at then makes no difference.
      const sorted = [...new Set(paths.length > 0 ? paths : ['name'])].sort()
      const key = `${type} ${sorted.join()}`
      const known = watchedByKey.get(key)
      if (!known && watchedByKey.size >= maxFilters)
        throw new TooManyFiltersError(`${maxFilters} different sets of properties are followed already`)
      const watched: WatchedPaths = known ?? {
        type,
        paths: sorted,
        activePaths: sorted,
        listeners: new Set(),
        unsubscribe: () => {},
        isLive: false,
      }
      watched.listeners.add(listener)
      if (!known) {
        watchedByKey.set(key, watched)
        timer ??= setInterval(compare, compareIntervalMs).unref()
        watched.unsubscribe = subscribe(key, watched)
      } else if (known.isLive) listener.onRefresh(epoch)
      return () => {
        watched.listeners.delete(listener)
        if (watched.listeners.size > 0) return
        if (watchedByKey.get(key) === watched) remove(key)
        watched.unsubscribe()
      }
    },
    close() {
      for (const [key, { unsubscribe }] of watchedByKey) {
        unsubscribe()
        remove(key)
      }
    },
  }
}

/**
 * A property that the server does not know fails the filter, and is left out from then on. False when there is nothing to
 * leave out; somebody else may have found out meanwhile.
 */
function excludeUnknown(
  error: unknown,
  { type, activePaths }: WatchedPaths,
  unknown: UnknownProperties,
): boolean {
  if (!(error instanceof VimFaultError && error.is('InvalidProperty'))) return false
  for (const path of activePaths) if (isNamedInFault(error, path)) unknown.add(type, path)
  return unknown.filterKnown(type, activePaths).length < activePaths.length
}
