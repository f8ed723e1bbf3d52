// Notifies listeners which inventory objects have changed, without values: the listeners read the objects they need in full. So no
// values are stored here, and none can be lost between partial updates. Listeners on the same paths share one subscription of an
// update stream, which is one filter. All subscriptions share one long poll.
//
//   first listener -> filter -> initial state (discarded) -> onRefresh -> onChanged, onChanged ... -> last listener leaves
// After a reconnect, onRefresh is called again, because anything may have changed. Every few minutes listeners compare the
// existing objects with the reported ones: an object that entered and was deleted without a leave update would otherwise never be
// reported.

import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { getContainerView } from '../property-collector/container-views.ts'
import { isNamedInFault, type UnknownProperties } from '../property-collector/unknown-properties.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { UpdateStream } from './update-stream.ts'
import type { ObjectUpdate } from './update-subscription.ts'

/** `epoch` increases with every notification. A read for one epoch must not join a retrieval of an earlier one. */
interface Listener {
  /** Anything may have changed. Changes to data that is read from now on are reported. */
  readonly onRefresh: (epoch: number) => void
  /** These objects entered the inventory, changed or left it. */
  readonly onChanged: (objects: readonly ManagedObjectReference[], epoch: number) => void
  /** Called periodically to compare the existing objects with those that were reported. */
  readonly onCompare: (epoch: number) => void
  /** The watch has failed; no more notifications follow. */
  readonly onError: (error: unknown) => void
}

export interface InventoryWatcher {
  /**
   * Watches these paths of all objects of a type.
   * @returns a function that ends the watch
   * @throws TooManyFiltersError if too many different sets of paths are watched already
   */
  watch(type: ManagedObjectType, paths: readonly string[], listener: Listener): () => void
  /** Ends all watches. */
  close(): void
}

/** Limit of the filters. vCenter evaluates each filter for every change of the inventory. */
const maxFilters = 100

/** Interval between comparisons. Each costs a scan of the properties that the filters cover. */
const compareIntervalMs = 5 * 60_000

/** The limit of different filters is reached. It protects the vCenter. */
export class TooManyFiltersError extends Error {
  override name = 'TooManyFiltersError' as const
  readonly actual = maxFilters + 1
  readonly limit = maxFilters
}

interface WatchedPaths {
  readonly type: ManagedObjectType
  readonly paths: readonly string[]
  /** The subset of `paths` that the current filter was created with. */
  activePaths: readonly string[]
  readonly listeners: Set<Listener>
  unsubscribe: () => void
  /** Whether the initial state has been received completely. */
  isLive: boolean
}

export function createInventoryWatcher(updates: UpdateStream, unknown: UnknownProperties): InventoryWatcher {
  const watchedByKey = new Map<string, WatchedPaths>()
  let epoch = 0
  let timer: NodeJS.Timeout | undefined

  /** Calls all listeners in one epoch, so that identical reads share a retrieval. */
  function compareAll(): void {
    epoch += 1
    for (const { isLive, listeners } of watchedByKey.values())
      if (isLive) for (const listener of listeners) listener.onCompare(epoch)
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
      view: await getContainerView(login, type, {}),
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
      onError(error) {
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
      // A filter needs a path. Without one, only enter and leave updates matter, so any path works.
      const sorted = [...new Set(paths.length > 0 ? paths : ['name'])].sort()
      const key = `${type} ${sorted.join()}`
      const known = watchedByKey.get(key)
      if (!known && watchedByKey.size >= maxFilters)
        throw new TooManyFiltersError(`${maxFilters} different sets of properties are already watched`)
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
        timer ??= setInterval(compareAll, compareIntervalMs).unref()
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
 * Records the unknown property that made the filter fail, so that the next filter omits it.
 * @returns whether any active path is now known to be unknown, which another retrieval may have found meanwhile
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
