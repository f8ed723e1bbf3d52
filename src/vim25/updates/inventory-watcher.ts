// Notifies listeners which inventory objects have changed, without values: the listeners read the objects they need in full. So no
// values are stored here, and none can be lost between partial updates. Listeners on the same types and paths share one subscription
// of an update stream, which is one filter. All subscriptions share one long poll.
//
//   first listener -> filter -> initial state (discarded) -> onRefresh -> onChanged, onChanged ... -> last listener leaves
// After a reconnect, onRefresh is called again, because anything may have changed. Every few minutes listeners compare the
// existing objects with the reported ones: an object that entered and was deleted without a leave update would otherwise never be
// reported.

import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import { getContainerView } from '../property-collector/container-views.ts'
import {
  type ExcludedPath,
  excludeCandidates,
  type UnknownProperties,
  withoutExcluded,
} from '../property-collector/unknown-properties.ts'
import type { Login } from '../session/login.ts'
import { VimFaultError } from '../vim-fault-error.ts'
import type { TypePaths } from './update-collector.ts'
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
  /** Changes are not reported at present, and reopening the stream has failed. onRefresh follows when it succeeds. */
  readonly onUnavailable: (error: unknown) => void
  /** The watch has failed; no more notifications follow. */
  readonly onError: (error: unknown) => void
}

/** Objects to watch: all of some types, and the paths of these types and their subtypes. */
interface WatchTarget {
  readonly types: readonly ManagedObjectType[]
  readonly paths: readonly TypePaths[]
}

export interface InventoryWatcher {
  /**
   * Watches objects.
   * @returns a function that ends the watch
   * @throws TooManyFiltersError if too many different sets of paths are watched already
   */
  watch(target: WatchTarget, listener: Listener): () => void
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

interface Watch {
  readonly types: readonly ManagedObjectType[]
  readonly propSet: readonly TypePaths[]
  /** The paths of `propSet` that were not known to be unknown to the server when the current filter was created. */
  activeSet: readonly TypePaths[]
  /** Paths that the current filter leaves out, because the server may not know them. */
  readonly exclusions: ExcludedPath[]
  readonly listeners: Set<Listener>
  unsubscribe: () => void
  /** Whether the initial state has been received completely. */
  isLive: boolean
}

export function createInventoryWatcher(updates: UpdateStream, unknown: UnknownProperties): InventoryWatcher {
  const watches = new Map<string, Watch>()
  let epoch = 0
  let timer: NodeJS.Timeout | undefined

  /** Calls all listeners in one epoch, so that identical reads share a retrieval. */
  function compareAll(): void {
    epoch += 1
    for (const { isLive, listeners } of watches.values())
      if (isLive) for (const listener of listeners) listener.onCompare(epoch)
  }

  function remove(key: string): void {
    watches.delete(key)
    if (watches.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  async function open(login: Login, watch: Watch) {
    const { listeners } = watch
    const views = await Promise.all(watch.types.map((type) => getContainerView(login, type, {})))
    watch.activeSet = knownPaths(watch, unknown)
    const [spec] = withoutExcluded([{ propSet: watch.activeSet, objectSet: [] }], watch.exclusions)
    return {
      views,
      propSet: spec?.propSet as readonly TypePaths[],
      onUpdates(updates: readonly ObjectUpdate[], isStart: boolean) {
        if (isStart || updates.length === 0) return
        epoch += 1
        const objects = updates.map(({ obj }) => obj)
        for (const { onChanged } of listeners) onChanged(objects, epoch)
      },
      onStarted() {
        for (const { type, path } of watch.exclusions.splice(0)) unknown.add(type, path)
        epoch += 1
        watch.isLive = true
        for (const { onRefresh } of listeners) onRefresh(epoch)
      },
      onEnd() {
        watch.isLive = false
      },
    }
  }

  function subscribe(key: string, watch: Watch): () => void {
    return updates.subscribe({
      open: (login) => open(login, watch),
      onUnavailable(error) {
        for (const { onUnavailable } of watch.listeners) onUnavailable(error)
      },
      onError(error) {
        if (canOmitUnknown(error, watch, unknown)) {
          watch.unsubscribe = subscribe(key, watch)
          return
        }
        remove(key)
        for (const { onError } of watch.listeners) onError(error)
      },
    })
  }

  return {
    watch({ types, paths }, listener) {
      const propSet = propSetOf(types, paths)
      const key = [...types, ...propSet.map(({ type, pathSet }) => `${type} ${pathSet.join()}`)].join(' ')
      const known = watches.get(key)
      if (!known && watches.size >= maxFilters)
        throw new TooManyFiltersError(`${maxFilters} different sets of properties are already watched`)
      const watch: Watch = known ?? {
        types,
        propSet,
        activeSet: propSet,
        exclusions: [],
        listeners: new Set(),
        unsubscribe: () => {},
        isLive: false,
      }
      watch.listeners.add(listener)
      if (!known) {
        watches.set(key, watch)
        timer ??= setInterval(compareAll, compareIntervalMs).unref()
        watch.unsubscribe = subscribe(key, watch)
      } else if (known.isLive) listener.onRefresh(epoch)
      return () => {
        watch.listeners.delete(listener)
        if (watch.listeners.size > 0) return
        if (watches.get(key) === watch) remove(key)
        watch.unsubscribe()
      }
    },
    close() {
      for (const [key, { unsubscribe }] of watches) {
        unsubscribe()
        remove(key)
      }
    },
  }
}

/** Returns the paths by type, in an order that is the same for equal sets. */
function propSetOf(types: readonly ManagedObjectType[], paths: readonly TypePaths[]): readonly TypePaths[] {
  const pathsOfType = (type: ManagedObjectType) => [
    ...new Set(paths.filter((each) => each.type === type).flatMap(({ pathSet }) => pathSet)),
  ]
  const subtypes = paths.filter(({ type, pathSet }) => !types.includes(type) && pathSet.length > 0)
  return [...new Set([...types, ...subtypes.map(({ type }) => type)])].sort().map((type) => {
    const pathSet = pathsOfType(type).sort()
    // A filter needs a path. Without one, only enter and leave updates matter, so any path works.
    return { type, pathSet: pathSet.length > 0 ? pathSet : ['name'] }
  })
}

const knownPaths = ({ propSet }: Watch, unknown: UnknownProperties): readonly TypePaths[] =>
  propSet.map(({ type, pathSet }) => ({ type, pathSet: unknown.filterKnown(type, pathSet) }))

/**
 * Finds out whether another filter can do without the unknown property that made one fail. The fault does not name the type, so that
 * several filters may be needed. Another retrieval may have found the property meanwhile.
 */
function canOmitUnknown(error: unknown, watch: Watch, unknown: UnknownProperties): boolean {
  if (!(error instanceof VimFaultError && error.is('InvalidProperty'))) return false
  const count = (propSet: readonly TypePaths[]) =>
    propSet.reduce((sum, { pathSet }) => sum + pathSet.length, 0)
  if (count(knownPaths(watch, unknown)) < count(watch.activeSet)) return true
  return excludeCandidates(error, [{ propSet: watch.activeSet, objectSet: [] }], watch.exclusions)
}
