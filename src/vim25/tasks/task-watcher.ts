// All tasks that anyone waits for or follows, watched by one feed of an update stream: a ListView of tasks, one filter on `info`.
//
//   first watch -> the feed opens -> tasks come into its view -> nobody waits any more -> the feed ends
// A lost login or connection opens it again; a task that ended meanwhile then arrives with its final state.

import { isDeepStrictEqual } from 'node:util'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { viewManagerOf } from '../property-collector/container-views.ts'
import type { Login } from '../session/login.ts'
import { Signal } from '../updates/signal.ts'
import type { ObjectUpdate, UpdateStream } from '../updates/update-stream.ts'
import { VimFaultError } from '../vim-fault-error.ts'

export type TaskInfo = DataObject<'TaskInfo'>

interface WatchedTask {
  readonly ref: ManagedObjectReference
  info: TaskInfo | undefined
  readonly waiters: Set<Waiter>
}

interface Waiter {
  /** There is news, and it has not ended yet. */
  readonly notify?: () => void
  readonly resolve: (info: TaskInfo | undefined) => void
  readonly reject: (error: unknown) => void
}

/** The view of the feed, and what was told of it. */
interface OpenStream {
  readonly login: Login
  readonly view: ManagedObjectReference
  /** The tasks in the view. They leave it by themselves, as vSphere forgets tasks some minutes after their end. */
  readonly inView: Set<string>
  /** The last state of each: who comes back for a task in the view is told nothing of it until it changes. */
  readonly lastInfo: Map<string, TaskInfo>
  isUpdatingView: boolean
}

export interface TaskWatcher {
  /**
   * Waits until the task has ended, at most so long. Resolves with its last known state, undefined if none came in that time.
   * @throws VimFaultError ManagedObjectNotFound when vSphere no longer knows the task.
   */
  wait(task: ManagedObjectReference, waitMs: number, signal?: AbortSignal): Promise<TaskInfo | undefined>
  /**
   * Tells the task as it is, then at each change, until it has ended, which is told once. Whoever is slow is told the newest
   * state alone.
   * @throws VimFaultError ManagedObjectNotFound when vSphere no longer knows the task.
   */
  follow(task: ManagedObjectReference, signal?: AbortSignal): AsyncGenerator<TaskInfo, void>
  /** Ends the stream; those who wait get what is known. */
  close(): void
}

export const hasEnded = (info: Pick<TaskInfo, 'state'> | undefined): boolean =>
  info?.state === 'success' || info?.state === 'error'

export function createTaskWatcher(updates: UpdateStream): TaskWatcher {
  const tasks = new Map<string, WatchedTask>()
  let stream: OpenStream | undefined
  let unsubscribe: (() => void) | undefined
  let closed = false

  function settle(watched: WatchedTask, outcome: (waiter: Waiter) => void): void {
    tasks.delete(watched.ref.value)
    for (const waiter of watched.waiters) outcome(waiter)
    watched.waiters.clear()
    if (tasks.size === 0) stop()
  }

  function apply(stream: OpenStream, { kind, obj, changeSet }: ObjectUpdate): void {
    if (kind === 'leave') {
      removeTask(stream, obj)
      return
    }
    let info = stream.lastInfo.get(obj.value)
    for (const { name, val } of changeSet ?? []) {
      // An older change may be replayed after a newer one; what has ended does not go back.
      if (name === 'info' && val !== undefined && !hasEnded(info)) info = val as TaskInfo
    }
    if (!info) return
    stream.lastInfo.set(obj.value, info)
    if (hasEnded(info)) stream.login.markTaskEnded(obj)
    const watched = tasks.get(obj.value)
    if (!watched) return
    watched.info = info
    if (hasEnded(info)) settle(watched, (waiter) => waiter.resolve(info))
    else for (const waiter of watched.waiters) waiter.notify?.()
  }

  function removeTask({ login, inView, lastInfo }: OpenStream, ref: ManagedObjectReference): void {
    login.markTaskEnded(ref)
    inView.delete(ref.value)
    lastInfo.delete(ref.value)
    const watched = tasks.get(ref.value)
    const notFoundFault = new VimFaultError(
      { _typeName: 'ManagedObjectNotFound', obj: ref } as DataObject<'ManagedObjectNotFound'>,
      `vCenter no longer knows ${ref.value}`,
    )
    if (watched) settle(watched, (waiter) => waiter.reject(notFoundFault))
  }

  async function open(login: Login) {
    // Empty, since one task that is gone already would fail it; ModifyListView tells which those are.
    const view = await login.call('CreateListView', viewManagerOf(login), {}, {})
    const opened: OpenStream = { login, view, inView: new Set(), lastInfo: new Map(), isUpdatingView: false }
    return {
      view,
      type: 'Task',
      paths: ['info'],
      fillView: async () => {
        stream = opened
        await addToView(opened)
      },
      onUpdates: (updates: readonly ObjectUpdate[]) => {
        for (const update of updates) apply(opened, update)
      },
      onEnd: () => {
        if (stream === opened) stream = undefined
        login.discard('DestroyView', view)
      },
    } as const
  }

  /** Puts those who are waited for into the view, one call at a time: who comes meanwhile goes with the next. */
  async function addToView(stream: OpenStream): Promise<void> {
    if (stream.isUpdatingView) return
    stream.isUpdatingView = true
    try {
      for (;;) {
        const add = [...tasks.values()].map(({ ref }) => ref).filter(({ value }) => !stream.inView.has(value))
        if (add.length === 0) return
        for (const { value } of add) stream.inView.add(value)
        const unresolved = await stream.login.call('ModifyListView', stream.view, { add }, {})
        for (const ref of unresolved) removeTask(stream, ref)
      }
    } finally {
      stream.isUpdatingView = false
    }
  }

  function start(): void {
    unsubscribe ??= updates.subscribe({
      open,
      fail(error) {
        stop()
        for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.reject(error))
      },
    })
  }

  function stop(): void {
    unsubscribe?.()
    unsubscribe = undefined
    stream = undefined
  }

  function watch(ref: ManagedObjectReference): WatchedTask {
    let watched = tasks.get(ref.value)
    if (watched) return watched
    watched = { ref, info: stream?.lastInfo.get(ref.value), waiters: new Set() }
    tasks.set(ref.value, watched)
    if (stream) addMoreToView(stream)
    return watched
  }

  // A view that cannot be changed is of no use any more: another is opened, with all tasks in it.
  function addMoreToView(opened: OpenStream): void {
    addToView(opened).catch(() => {
      if (stream !== opened) return
      stop()
      start()
    })
  }

  function addWaiter(watched: WatchedTask, waiter: Waiter): void {
    watched.waiters.add(waiter)
    start()
  }

  function removeWaiter(watched: WatchedTask, waiter: Waiter): void {
    watched.waiters.delete(waiter)
    const isLast = watched.waiters.size === 0 && tasks.get(watched.ref.value) === watched
    if (isLast && tasks.delete(watched.ref.value) && tasks.size === 0) stop()
  }

  return {
    wait(ref, waitMs, signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const lastInfo = stream?.lastInfo.get(ref.value)
        if (closed || hasEnded(lastInfo)) return resolve(lastInfo)
        const watched = watch(ref)
        const cleanUp = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          removeWaiter(watched, waiter)
        }
        const waiter: Waiter = {
          resolve(info) {
            cleanUp()
            resolve(info)
          },
          reject(error) {
            cleanUp()
            reject(error)
          },
        }
        const timer = setTimeout(() => waiter.resolve(watched.info), waitMs)
        const abort = () => waiter.reject(signal?.reason)
        signal?.addEventListener('abort', abort, { once: true })
        addWaiter(watched, waiter)
      })
    },
    async *follow(ref, signal) {
      signal?.throwIfAborted()
      const known = stream?.lastInfo.get(ref.value)
      if (hasEnded(known)) yield known as TaskInfo
      if (closed || hasEnded(known)) return
      const watched = watch(ref)
      const changed = new Signal()
      const notify = () => changed.notify()
      const waiter: Waiter = { notify: notify, resolve: notify, reject: (error) => changed.fail(error) }
      const abort = () => changed.fail(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      addWaiter(watched, waiter)
      if (watched.info) notify()
      try {
        // A stream that was opened again tells what is known too.
        for (let lastInfo: TaskInfo | undefined; !hasEnded(lastInfo) && !closed; ) {
          await changed.wait()
          if (!watched.info || isDeepStrictEqual(watched.info, lastInfo)) continue
          lastInfo = watched.info
          yield lastInfo
        }
      } finally {
        signal?.removeEventListener('abort', abort)
        removeWaiter(watched, waiter)
      }
    },
    close() {
      closed = true
      for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.resolve(watched.info))
    },
  }
}
