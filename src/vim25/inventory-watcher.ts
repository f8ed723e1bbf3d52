// Tells that objects of the inventory have changed, and not how: whoever is told reads what it wants of them, whole. So no
// value is kept here, and none can be lost between partial updates. All who watch the same paths share one update stream.
//
//   first who watches -> view + filter -> all there is (discarded) -> refresh -> changed, changed ... -> the last one leaves
// A stream that was opened again tells refresh anew: anything may have changed meanwhile.

import type { ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { Login, Session } from './session.ts'
import { isNamedBy, type UnknownProperties } from './unknown-properties.ts'
import { followUpdates, type ObjectUpdate } from './update-stream.ts'
import { createInventoryView } from './views.ts'
import { VimFaultError } from './vim-fault-error.ts'

/** `moment` grows with all that is told: what is read for one moment must not have been asked for in an earlier one. */
interface Listener {
  /** Anything may have changed; what is read from now on will be told of when it changes. */
  readonly refresh: (moment: number) => void
  /** These entered the inventory, changed or left it. */
  readonly changed: (objects: readonly ManagedObjectReference[], moment: number) => void
  /** Nothing more is told. */
  readonly fail: (error: unknown) => void
}

export interface InventoryWatcher {
  /**
   * Watches these paths of all objects of a type; gives what ends it.
   * @throws TooManyStreamsError when too many different sets of paths are watched already.
   */
  watch(type: ManagedObjectType, paths: readonly string[], listener: Listener): () => void
  /** Update streams that stand or are being opened. */
  readonly streams: number
  /** Ends all streams. */
  close(): void
}

/** Each keeps a call open on a connection of its own. */
export const mostStreams = 32

/** Subscribers that want something else each are more than the vCenter is asked to bear. */
export class TooManyStreamsError extends Error {
  override name = 'TooManyStreamsError' as const
  readonly figure = mostStreams + 1
  readonly limit = mostStreams
}

interface Watched {
  readonly type: ManagedObjectType
  readonly paths: readonly string[]
  /** Of these, the ones that the stream was last opened with. */
  asked: readonly string[]
  readonly listeners: Set<Listener>
  readonly stop: AbortController
  /** All that there was when the stream was opened has been told. */
  isLive: boolean
}

interface InventoryWatcherOptions {
  /** How long to wait before a stream that broke is opened again. @default 1 second */
  readonly retryMs?: number
}

export function createInventoryWatcher(
  session: Session,
  unknown: UnknownProperties,
  { retryMs = 1_000 }: InventoryWatcherOptions = {},
): InventoryWatcher {
  const all = new Map<string, Watched>()
  let moment = 0

  async function open(login: Login, watched: Watched) {
    const { type, paths } = watched
    watched.asked = unknown.known(type, paths)
    return {
      view: await createInventoryView(login, type, {}),
      type,
      paths: watched.asked,
      take: (updates: readonly ObjectUpdate[], isWhole: boolean) => take(watched, updates, isWhole),
      end: () => {
        watched.isLive = false
      },
    }
  }

  function take(watched: Watched, updates: readonly ObjectUpdate[], isWhole: boolean): void {
    moment += 1
    if (watched.isLive) {
      const objects = updates.map(({ obj }) => obj)
      if (objects.length > 0) for (const { changed } of watched.listeners) changed(objects, moment)
    } else if (isWhole) {
      watched.isLive = true
      for (const { refresh } of watched.listeners) refresh(moment)
    }
  }

  async function follow(key: string, watched: Watched): Promise<void> {
    const { stop, listeners } = watched
    while (!stop.signal.aborted) {
      try {
        await followUpdates(session, { open: (login) => open(login, watched), stop: stop.signal, retryMs })
      } catch (error) {
        if (leaveOutUnknown(error, watched, unknown)) continue
        if (all.get(key) === watched) all.delete(key)
        for (const { fail } of listeners) fail(error)
        return
      }
    }
  }

  return {
    get streams() {
      return all.size
    },
    watch(type, paths, listener) {
      // Without a path, only that they come and go is told: which path is looked at then makes no difference.
      const sorted = [...new Set(paths.length > 0 ? paths : ['name'])].sort()
      const key = `${type} ${sorted.join()}`
      const known = all.get(key)
      if (!known && all.size >= mostStreams)
        throw new TooManyStreamsError(`${mostStreams} different sets of properties are followed already`)
      const watched: Watched = known ?? {
        type,
        paths: sorted,
        asked: sorted,
        listeners: new Set(),
        stop: new AbortController(),
        isLive: false,
      }
      watched.listeners.add(listener)
      if (!known) {
        all.set(key, watched)
        void follow(key, watched)
      } else if (known.isLive) listener.refresh(moment)
      return () => {
        watched.listeners.delete(listener)
        if (watched.listeners.size > 0) return
        if (all.get(key) === watched) all.delete(key)
        watched.stop.abort()
      }
    },
    close() {
      for (const { stop } of all.values()) stop.abort()
      all.clear()
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
