// Waits until virtual machines reach a state, such as powered off after the shutdown of their guests, which has no task. Each wait is
// one subscription of an update stream, whose filter covers only its own machines.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { viewManagerOf } from '../property-collector/container-views.ts'
import type { Login } from '../session/login.ts'
import type { UpdateStream } from './update-stream.ts'
import type { ObjectUpdate } from './update-subscription.ts'

/** What a wait knows of a machine. Undefined values were not received, or may not be read. */
export interface WatchedState {
  readonly powerState?: string | undefined
  readonly question?: DataObject<'VirtualMachineQuestionInfo'> | undefined
}

export interface PowerStateWatcher {
  /**
   * Waits until the condition has held for every machine, or the machine no longer exists, but at most `waitMs`.
   * @returns the last known states by moid
   * @throws the signal's reason when it is aborted, or the error that ended the watch
   */
  wait(
    machines: readonly ManagedObjectReference[],
    isSettled: (state: WatchedState) => boolean,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, WatchedState>>
  /** Ends all waits, as if their time was up. */
  close(): void
}

const paths = ['runtime.powerState', 'runtime.question'] as const

export function createPowerStateWatcher(updates: UpdateStream): PowerStateWatcher {
  const endings = new Set<() => void>()
  return {
    wait: (machines, isSettled, waitMs, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const states = new Map<string, WatchedState>()
        const unsettled = new Set(machines.map(({ value }) => value))
        if (unsettled.size === 0 || waitMs <= 0) return resolve(states)
        const end = (outcome: () => void) => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
          endings.delete(timeUp)
          unsubscribe()
          outcome()
        }
        const settle = (moid: string) => {
          if (unsettled.delete(moid) && unsettled.size === 0) end(() => resolve(states))
        }
        const apply = ({ kind, obj, changeSet = [] }: ObjectUpdate) => {
          if (kind === 'leave') return settle(obj.value)
          const changed: Record<string, unknown> = { ...states.get(obj.value) }
          // Without a value, the property is unset now.
          for (const { name, val } of changeSet) changed[name.replace('runtime.', '')] = val
          states.set(obj.value, changed)
          if (isSettled(changed)) settle(obj.value)
        }
        const unsubscribe = updates.subscribe({
          open: (login) => open(login, machines, apply, settle),
          onError: (error) => end(() => reject(error)),
        })
        const timeUp = () => end(() => resolve(states))
        const timer = setTimeout(timeUp, waitMs)
        const abort = () => end(() => reject(signal?.reason))
        endings.add(timeUp)
        signal?.addEventListener('abort', abort, { once: true })
      }),
    close() {
      for (const end of [...endings]) end()
    },
  }
}

async function open(
  login: Login,
  machines: readonly ManagedObjectReference[],
  apply: (update: ObjectUpdate) => void,
  markRemoved: (moid: string) => void,
) {
  // Create the view empty: a single machine that no longer exists would fail the call. ModifyListView returns those machines.
  const view = await login.call('CreateListView', viewManagerOf(login), {}, {})
  return {
    views: [view],
    propSet: [{ type: 'VirtualMachine', pathSet: paths }],
    fillView: async () => {
      const unresolved = await login.call('ModifyListView', view, { add: machines }, {})
      for (const { value } of unresolved) markRemoved(value)
    },
    onUpdates: (updates: readonly ObjectUpdate[]) => {
      for (const update of updates) apply(update)
    },
    onEnd: () => login.discard('DestroyView', view),
  } as const
}
