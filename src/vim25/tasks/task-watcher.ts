// All tasks that anyone waits for or follows, watched by one feed of an update stream: a ListView of tasks, one filter on `info`.
//
//   first watch -> the feed opens -> tasks come into its view -> nobody waits any more -> the feed ends
// A lost login or connection opens it again; a task that ended meanwhile then arrives with its final state.

import { isDeepStrictEqual } from 'node:util'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { Bell } from '../updates/signal.ts'
import type { Login } from '../session/login.ts'
import type { ObjectUpdate, UpdateStream } from '../updates/update-stream.ts'
import { viewManagerOf } from '../property-collector/container-views.ts'
import { VimFaultError } from '../vim-fault-error.ts'

export type TaskInfo = DataObject<'TaskInfo'>

interface Watched {
  readonly ref: ManagedObjectReference
  info: TaskInfo | undefined
  readonly waiters: Set<Waiter>
}

interface Waiter {
  /** There is news, and it has not ended yet. */
  readonly tell?: () => void
  readonly resolve: (info: TaskInfo | undefined) => void
  readonly reject: (error: unknown) => void
}

/** The view of the feed, and what was told of it. */
interface Stream {
  readonly login: Login
  readonly view: ManagedObjectReference
  /** The tasks in the view. They leave it by themselves, as vSphere forgets tasks some minutes after their end. */
  readonly listed: Set<string>
  /** The last state of each: who comes back for a task in the view is told nothing of it until it changes. */
  readonly told: Map<string, TaskInfo>
  listing: boolean
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
  const tasks = new Map<string, Watched>()
  let stream: Stream | undefined
  let leave: (() => void) | undefined
  let closed = false

  function settle(watched: Watched, outcome: (waiter: Waiter) => void): void {
    tasks.delete(watched.ref.value)
    for (const waiter of watched.waiters) outcome(waiter)
    watched.waiters.clear()
    if (tasks.size === 0) rest()
  }

  function apply(stream: Stream, { kind, obj, changeSet }: ObjectUpdate): void {
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
    else for (const waiter of watched.waiters) waiter.tell?.()
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

  async function open(login: Login) {
    // Empty, since one task that is gone already would fail it; ModifyListView tells which those are.
    const view = await login.call('CreateListView', viewManagerOf(login), {}, {})
    const opened: Stream = { login, view, listed: new Set(), told: new Map(), listing: false }
    return {
      view,
      type: 'Task',
      paths: ['info'],
      fill: async () => {
        stream = opened
        await list(opened)
      },
      take: (updates: readonly ObjectUpdate[]) => {
        for (const update of updates) apply(opened, update)
      },
      end: () => {
        if (stream === opened) stream = undefined
        login.discard('DestroyView', view)
      },
    } as const
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

  function begin(): void {
    leave ??= updates.follow({
      open,
      fail(error) {
        rest()
        for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.reject(error))
      },
    })
  }

  function rest(): void {
    leave?.()
    leave = undefined
    stream = undefined
  }

  function watch(ref: ManagedObjectReference): Watched {
    let watched = tasks.get(ref.value)
    if (watched) return watched
    watched = { ref, info: stream?.told.get(ref.value), waiters: new Set() }
    tasks.set(ref.value, watched)
    if (stream) listMore(stream)
    return watched
  }

  // A view that cannot be changed is of no use any more: another is opened, with all tasks in it.
  function listMore(opened: Stream): void {
    list(opened).catch(() => {
      if (stream !== opened) return
      rest()
      begin()
    })
  }

  function join(watched: Watched, waiter: Waiter): void {
    watched.waiters.add(waiter)
    begin()
  }

  function abandon(watched: Watched, waiter: Waiter): void {
    watched.waiters.delete(waiter)
    const isTheLast = watched.waiters.size === 0 && tasks.get(watched.ref.value) === watched
    if (isTheLast && tasks.delete(watched.ref.value) && tasks.size === 0) rest()
  }

  return {
    wait(ref, waitMs, signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const told = stream?.told.get(ref.value)
        if (closed || hasEnded(told)) return resolve(told)
        const watched = watch(ref)
        const free = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          abandon(watched, waiter)
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
        const timer = setTimeout(() => waiter.resolve(watched.info), waitMs)
        const abort = () => waiter.reject(signal?.reason)
        signal?.addEventListener('abort', abort, { once: true })
        join(watched, waiter)
      })
    },
    async *follow(ref, signal) {
      signal?.throwIfAborted()
      const known = stream?.told.get(ref.value)
      if (hasEnded(known)) yield known as TaskInfo
      if (closed || hasEnded(known)) return
      const watched = watch(ref)
      const bell = new Bell()
      const ring = () => bell.ring()
      const waiter: Waiter = { tell: ring, resolve: ring, reject: (error) => bell.fail(error) }
      const abort = () => bell.fail(signal?.reason)
      signal?.addEventListener('abort', abort, { once: true })
      join(watched, waiter)
      if (watched.info) ring()
      try {
        // A stream that was opened again tells what is known too.
        for (let told: TaskInfo | undefined; !hasEnded(told) && !closed; ) {
          await bell.rung()
          if (!watched.info || isDeepStrictEqual(watched.info, told)) continue
          told = watched.info
          yield told
        }
      } finally {
        signal?.removeEventListener('abort', abort)
        abandon(watched, waiter)
      }
    },
    close() {
      closed = true
      for (const watched of [...tasks.values()]) settle(watched, (waiter) => waiter.resolve(watched.info))
    },
  }
}
