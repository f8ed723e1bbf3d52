// Watches tasks for all waiters through one subscription of an update stream: a ListView of tasks with one filter on `info`.
//
//   first waiter -> subscribe -> tasks are added to the view -> last waiter leaves -> unsubscribe
// After a lost login or connection the stream reopens. A task that ended meanwhile is then reported in its final state.

import { isDeepStrictEqual } from 'node:util'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { viewManagerOf } from '../property-collector/container-views.ts'
import type { Login } from '../session/login.ts'
import { Signal } from '../updates/signal.ts'
import type { UpdateStream } from '../updates/update-stream.ts'
import type { ObjectUpdate } from '../updates/update-subscription.ts'
import { VimFaultError } from '../vim-fault-error.ts'

export type TaskInfo = DataObject<'TaskInfo'>

interface WatchedTask {
  readonly ref: ManagedObjectReference
  info: TaskInfo | undefined
  readonly waiters: Set<Waiter>
}

interface Waiter {
  /** Called when the task has changed but has not ended. */
  readonly notify?: () => void
  readonly resolve: (info: TaskInfo | undefined) => void
  readonly reject: (error: unknown) => void
}

/** The ListView of an open subscription, and the task states received for it. */
interface OpenStream {
  readonly login: Login
  readonly view: ManagedObjectReference
  /** The tasks in the view. vSphere removes a task some minutes after its end. */
  readonly inView: Set<string>
  /** The last state of each task. For a task that is already in the view, vSphere sends no update until it changes. */
  readonly lastInfo: Map<string, TaskInfo>
  isUpdatingView: boolean
}

export interface TaskWatcher {
  /**
   * Waits up to `waitMs` until the task has ended.
   * @returns the last known state; undefined if none was received in time
   * @throws VimFaultError ManagedObjectNotFound if vSphere no longer knows the task
   */
  wait(task: ManagedObjectReference, waitMs: number, signal?: AbortSignal): Promise<TaskInfo | undefined>
  /**
   * Yields the current state of the task, then each change, up to and including its end. A slow consumer gets only the newest
   * state.
   * @throws VimFaultError ManagedObjectNotFound if vSphere no longer knows the task
   */
  follow(task: ManagedObjectReference, signal?: AbortSignal): AsyncGenerator<TaskInfo, void>
  /** Ends the subscription. Waiters get the last known state. */
  close(): void
}

/** Whether a task has succeeded or failed. */
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
      // An older change may be replayed after a newer one, so ignore changes after the end.
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
    // Create the view empty: a single task that no longer exists would fail the call. ModifyListView returns those tasks instead.
    const view = await login.call('CreateListView', viewManagerOf(login), {}, {})
    const opened: OpenStream = { login, view, inView: new Set(), lastInfo: new Map(), isUpdatingView: false }
    return {
      views: [view],
      propSet: [{ type: 'Task', pathSet: ['info'] }],
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

  /** Adds all watched tasks to the view, one call at a time. Tasks that are added during a call go into the next one. */
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
      onError(error) {
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

  // If the view cannot be modified, open a new one with all tasks.
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
      const changed = new Signal()
      const ignoreAbort = changed.failOnAbort(signal)
      const watched = watch(ref)
      const notify = () => changed.notify()
      const waiter: Waiter = { notify: notify, resolve: notify, reject: (error) => changed.fail(error) }
      addWaiter(watched, waiter)
      if (watched.info) notify()
      try {
        // A reopened stream reports known states again; skip those.
        for (let lastInfo: TaskInfo | undefined; !hasEnded(lastInfo) && !closed; ) {
          await changed.wait()
          if (!watched.info || isDeepStrictEqual(watched.info, lastInfo)) continue
          lastInfo = watched.info
          yield lastInfo
        }
      } finally {
        ignoreAbort()
        removeWaiter(watched, waiter)
      }
    },
    close() {
      closed = true
      for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.resolve(watched.info))
    },
  }
}
