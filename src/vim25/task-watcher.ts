// All tasks that anyone waits for, watched by one update stream a session: a ListView of tasks, one filter on `info`, one
// WaitForUpdatesEx at a time. No sleeping and no polling: vSphere answers when something changed.
//
//   first watch -> collector + view + filter -> WaitForUpdatesEx ... -> nobody waits any more -> the stream ends
// A lost login or connection rebuilds all three; a task that ended meanwhile then arrives with its final state.

import { setTimeout } from 'node:timers/promises'
import { SoapError } from '../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference } from '../soap/vim-types.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { Login, Session } from './session.ts'
import { VimFaultError } from './vim-fault-error.ts'

export type TaskInfo = DataObject<'TaskInfo'>

/** How long vSphere holds a call without news: far below idle timeouts of proxies and of the session. */
const maxWaitSeconds = 30

// What a stream that is opened anew may be rid of; what else vSphere says, it would say again.
const mending = [
  'NotAuthenticated',
  'ManagedObjectNotFound',
  'InvalidCollectorVersion',
  'RequestCanceled',
  'HostCommunication',
  'SystemError',
]

interface Watched {
  readonly ref: ManagedObjectReference
  info: TaskInfo | undefined
  readonly waiters: Set<Waiter>
}

interface Waiter {
  readonly resolve: (info: TaskInfo | undefined) => void
  readonly reject: (error: unknown) => void
}

/** The update stream's own objects on the server, and what it was told. */
interface Stream {
  readonly login: Login
  readonly collector: ManagedObjectReference
  readonly view: ManagedObjectReference
  readonly stop: AbortController
  /** The tasks in the view. They leave it by themselves, as vSphere forgets tasks some minutes after their end. */
  readonly listed: Set<string>
  /** The last state of each: who comes back for a task in the view is told nothing of it until it changes. */
  readonly told: Map<string, TaskInfo>
  listing: boolean
}

interface TaskWatcherOptions {
  /** How long to wait before a stream that broke is opened again. @default 1 second */
  readonly retryMs?: number
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

export const hasEnded = (info: Pick<TaskInfo, 'state'> | undefined): boolean =>
  info?.state === 'success' || info?.state === 'error'

export function createTaskWatcher(
  session: Session,
  { retryMs = 1_000 }: TaskWatcherOptions = {},
): TaskWatcher {
  const tasks = new Map<string, Watched>()
  let running = false
  let stream: Stream | undefined
  let stop = new AbortController()
  let closed = false

  function settle(watched: Watched, outcome: (waiter: Waiter) => void): void {
    tasks.delete(watched.ref.value)
    for (const waiter of watched.waiters) outcome(waiter)
    watched.waiters.clear()
    if (tasks.size === 0) stop.abort()
  }

  function apply(stream: Stream, { kind, obj, changeSet }: DataObject<'ObjectUpdate'>): void {
    if (kind === 'leave') {
      forget(stream, obj)
      return
    }
    let info = stream.told.get(obj.value)
    for (const { name, val } of changeSet ?? []) {
      // An older change may be replayed after a newer one; what has ended does not go back.
      if (name === 'info' && val !== undefined && !hasEnded(info)) info = val as TaskInfo
    }
    if (!info) return
    stream.told.set(obj.value, info)
    if (hasEnded(info)) stream.login.noteEnd(obj)
    const watched = tasks.get(obj.value)
    if (!watched) return
    watched.info = info
    if (hasEnded(info)) settle(watched, (waiter) => waiter.resolve(info))
  }

  function forget({ login, listed, told }: Stream, ref: ManagedObjectReference): void {
    login.noteEnd(ref)
    listed.delete(ref.value)
    told.delete(ref.value)
    const watched = tasks.get(ref.value)
    const gone = new VimFaultError(
      { _typeName: 'ManagedObjectNotFound', obj: ref } as DataObject<'ManagedObjectNotFound'>,
      `vCenter no longer knows ${ref.value}`,
    )
    if (watched) settle(watched, (waiter) => waiter.reject(gone))
  }

  async function open(login: Login, stop: AbortController): Promise<Stream> {
    const { propertyCollector, viewManager } = login.content
    if (!viewManager) throw new VimFaultError({ _typeName: 'NotSupported' }, 'the server has no ViewManager')
    // Empty, since one task that is gone already would fail it; ModifyListView tells which those are.
    const view = await login.call('CreateListView', viewManager, {}, {})
    const collector = await login
      .call('CreatePropertyCollector', propertyCollector, {}, {})
      .catch((error) => {
        discard({ login, view })
        throw error
      })
    const opened = {
      login,
      collector,
      view,
      stop,
      listed: new Set<string>(),
      told: new Map(),
      listing: false,
    }
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
    try {
      await list(opened)
      await login.call('CreateFilter', collector, { spec, partialUpdates: false }, {})
    } catch (error) {
      discard(opened)
      throw error
    }
    return opened
  }

  /** Puts those who are waited for into the view, one call at a time: who comes meanwhile goes with the next. */
  async function list(stream: Stream): Promise<void> {
    if (stream.listing) return
    stream.listing = true
    try {
      for (;;) {
        const add = [...tasks.values()].map(({ ref }) => ref).filter(({ value }) => !stream.listed.has(value))
        if (add.length === 0) return
        for (const { value } of add) stream.listed.add(value)
        const unresolved = await stream.login.call('ModifyListView', stream.view, { add }, {})
        for (const ref of unresolved) forget(stream, ref)
      }
    } finally {
      stream.listing = false
    }
  }

  async function follow(stream: Stream): Promise<void> {
    const { login, collector } = stream
    let version = ''
    while (tasks.size > 0) {
      const set = await login.call(
        'WaitForUpdatesEx',
        collector,
        { version, options: { maxWaitSeconds } },
        {
          signal: stream.stop.signal,
          timeoutMs: (maxWaitSeconds + 30) * 1_000,
        },
      )
      if (!set) continue
      version = set.version
      for (const filter of set.filterSet ?? [])
        for (const update of filter.objectSet ?? []) apply(stream, update)
    }
  }

  async function watchAll(): Promise<void> {
    running = true
    while (tasks.size > 0) {
      stop = new AbortController()
      try {
        await session.run(async (login) => {
          const opened = await open(login, stop)
          stream = opened
          listMore(opened)
          try {
            await follow(opened)
          } finally {
            stream = undefined
            discard(opened)
          }
        })
      } catch (error) {
        if (stop.signal.aborted) continue
        // What broke may be mended before those who wait have to leave.
        if (mayMend(error)) await setTimeout(retryMs, undefined, { signal: stop.signal }).catch(() => {})
        else for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.reject(error))
      }
    }
    running = false
  }

  function watch(ref: ManagedObjectReference): Watched {
    let watched = tasks.get(ref.value)
    if (watched) return watched
    watched = { ref, info: stream?.told.get(ref.value), waiters: new Set() }
    tasks.set(ref.value, watched)
    if (stream && !stream.stop.signal.aborted) listMore(stream)
    return watched
  }

  // A view that cannot be changed is of no use any more: the stream is opened again, with all tasks in it.
  function listMore(opened: Stream): void {
    list(opened).catch(() => {
      if (stream === opened) opened.stop.abort()
    })
  }

  return {
    wait(ref, waitMs, signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const told = stream?.told.get(ref.value)
        if (closed || hasEnded(told)) return resolve(told)
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
      closed = true
      for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.resolve(watched.info))
    },
  }
}

const mayMend = (error: unknown): boolean =>
  error instanceof TransportError ||
  error instanceof SoapError ||
  (error instanceof VimFaultError && mending.some((faultName) => error.is(faultName)))

/** Best effort: what is left behind ends with the session. */
function discard({ login, collector, view }: Pick<Stream, 'login' | 'view'> & Partial<Stream>): void {
  const scope = { signal: AbortSignal.timeout(5_000) }
  if (collector) login.call('DestroyPropertyCollector', collector, {}, scope).catch(() => {})
  login.call('DestroyView', view, {}, scope).catch(() => {})
}
