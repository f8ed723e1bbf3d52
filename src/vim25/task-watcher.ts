// All tasks that anyone waits for, watched by one update stream a session: a ListView of tasks, one filter on `info`, one
// WaitForUpdatesEx at a time. No sleeping and no polling: vSphere answers when something changed.
//
//   first watch -> collector + view + filter -> WaitForUpdatesEx ... -> nobody waits any more -> the stream ends
// A lost login or connection rebuilds all three; a task that ended meanwhile then arrives with its final state.

import { setTimeout } from 'node:timers/promises'
import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { Login, Session } from './session.ts'
import { VimFaultError } from './vim-fault-error.ts'

export type TaskInfo = DataObject<'TaskInfo'>

/** How long vSphere holds a call without news: far below idle timeouts of proxies and of the session. */
const maxWaitSeconds = 30
const retryMs = 1_000

interface Watched {
  readonly ref: ManagedObjectReference
  info: TaskInfo | undefined
  readonly waiters: Set<Waiter>
}

interface Waiter {
  readonly resolve: (info: TaskInfo | undefined) => void
  readonly reject: (error: unknown) => void
}

/** The update stream's own objects on the server. */
interface Stream {
  readonly login: Login
  readonly collector: ManagedObjectReference
  readonly view: ManagedObjectReference
}

export interface TaskWatcher {
  /**
   * Waits until the task has ended, at most so long. Resolves with its last known state, undefined if none came in that time.
   * @throws VimFaultError ManagedObjectNotFound when vSphere no longer knows the task.
   */
  wait(task: ManagedObjectReference, waitMs: number, signal?: AbortSignal): Promise<TaskInfo | undefined>
  /** Ends the stream; those who wait get what is known. */
  close(): void
}

export const hasEnded = (info: TaskInfo | undefined): boolean =>
  info?.state === 'success' || info?.state === 'error'

export function createTaskWatcher(session: Session): TaskWatcher {
  const tasks = new Map<string, Watched>()
  let running = false
  let stream: Stream | undefined
  let stop = new AbortController()

  function settle(watched: Watched, outcome: (waiter: Waiter) => void): void {
    tasks.delete(watched.ref.value)
    for (const waiter of watched.waiters) outcome(waiter)
    watched.waiters.clear()
    if (tasks.size === 0) stop.abort()
  }

  function apply({ kind, obj, changeSet }: DataObject<'ObjectUpdate'>): void {
    const watched = tasks.get(obj.value)
    if (!watched) return
    if (kind === 'leave') {
      const gone = new VimFaultError(
        { _typeName: 'ManagedObjectNotFound' },
        `vCenter no longer knows ${obj.value}`,
      )
      settle(watched, (waiter) => waiter.reject(gone))
      return
    }
    for (const { name, val } of changeSet ?? []) {
      // An older change may be replayed after a newer one; what has ended is no longer watched and so cannot go back.
      if (name === 'info' && val !== undefined) watched.info = val as TaskInfo
    }
    if (hasEnded(watched.info)) settle(watched, (waiter) => waiter.resolve(watched.info))
  }

  async function open(login: Login): Promise<Stream> {
    const { propertyCollector, viewManager } = login.content
    if (!viewManager) throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no ViewManager')
    const collector = await login.call('CreatePropertyCollector', propertyCollector, {}, {})
    const view = await login.call(
      'CreateListView',
      viewManager,
      { obj: [...tasks.values()].map(({ ref }) => ref) },
      {},
    )
    const traversal: DataObject<'TraversalSpec'> = {
      _typeName: 'TraversalSpec',
      type: 'ListView',
      path: 'view',
      skip: false,
    }
    const spec = {
      propSet: [{ type: 'Task', pathSet: ['info'] }],
      objectSet: [{ obj: view, skip: true, selectSet: [traversal] }],
    }
    await login.call('CreateFilter', collector, { spec, partialUpdates: false }, {})
    return { login, collector, view }
  }

  async function follow({ login, collector }: Stream): Promise<void> {
    let version = ''
    while (tasks.size > 0) {
      const set = await login.call(
        'WaitForUpdatesEx',
        collector,
        { version, options: { maxWaitSeconds } },
        {
          signal: stop.signal,
          timeoutMs: (maxWaitSeconds + 30) * 1_000,
        },
      )
      if (!set) continue
      version = set.version
      for (const filter of set.filterSet ?? []) for (const update of filter.objectSet ?? []) apply(update)
    }
  }

  async function watchAll(): Promise<void> {
    running = true
    while (tasks.size > 0) {
      stop = new AbortController()
      try {
        await session.run(async (login) => {
          const known = new Set(tasks.keys())
          const opened = await open(login)
          stream = opened
          for (const { ref } of tasks.values()) if (!known.has(ref.value)) add(opened, ref)
          try {
            await follow(opened)
          } finally {
            stream = undefined
            discard(opened)
          }
        })
      } catch (error) {
        if (stop.signal.aborted) continue
        // The connection may come back before those who wait have to leave; anything else will not mend itself.
        const mayMend =
          error instanceof TransportError || (error instanceof VimFaultError && error.is('NotAuthenticated'))
        if (mayMend) await setTimeout(retryMs, undefined, { signal: stop.signal }).catch(() => {})
        else for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.reject(error))
      }
    }
    running = false
  }

  function watch(ref: ManagedObjectReference): Watched {
    let watched = tasks.get(ref.value)
    if (watched) return watched
    watched = { ref, info: undefined, waiters: new Set() }
    tasks.set(ref.value, watched)
    if (stream) add(stream, ref)
    return watched
  }

  // A view that cannot be changed is of no use any more: the stream is opened again, with all tasks in it.
  function add({ login, view }: Stream, ref: ManagedObjectReference): void {
    login.call('ModifyListView', view, { add: [ref] }, {}).catch(() => stop.abort())
  }

  return {
    wait(ref, waitMs, signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const watched = watch(ref)
        const timer = globalThis.setTimeout(() => leave(() => resolve(watched.info)), waitMs)
        const abort = () => leave(() => reject(signal?.reason))
        const free = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          watched.waiters.delete(waiter)
        }
        const waiter: Waiter = {
          resolve(info) {
            free()
            resolve(info)
          },
          reject(error) {
            free()
            reject(error)
          },
        }
        const leave = (tell: () => void) => {
          free()
          tell()
          if (watched.waiters.size === 0 && tasks.delete(ref.value) && tasks.size === 0) stop.abort()
        }
        watched.waiters.add(waiter)
        signal?.addEventListener('abort', abort, { once: true })
        if (!running) void watchAll()
      })
    },
    close() {
      for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.resolve(watched.info))
    },
  }
}

/** Best effort: what is left behind ends with the session. */
function discard({ login, collector, view }: Stream): void {
  const scope = { signal: AbortSignal.timeout(5_000) }
  login.call('DestroyPropertyCollector', collector, {}, scope).catch(() => {})
  login.call('DestroyView', view, {}, scope).catch(() => {})
}
