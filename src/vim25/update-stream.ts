// One update stream: a view, a property collector of its own with one filter on the view, one WaitForUpdatesEx at a time.
// No sleeping and no polling: vSphere answers when something changed. What breaks is opened again from the beginning.
//
//   view + collector -> fill the view -> filter -> all there is, page by page -> changes ... -> stopped -> both are destroyed

import { setTimeout } from 'node:timers/promises'
import { SoapError } from '../soap/soap-error.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import { TransportError } from '../transport/transport-error.ts'
import { OutageError } from './reachability.ts'
import type { Login, Session } from './session.ts'
import { VimFaultError } from './vim-fault-error.ts'

export type ObjectUpdate = DataObject<'ObjectUpdate'>

/** How long vSphere holds a call without news: far below idle timeouts of proxies and of the session. */
const maxWaitSeconds = 30

/** In one answer; a vCenter tells no more at once anyway. */
const maxObjectUpdates = 100

// What a stream that is opened anew may be rid of; what else vSphere says, it would say again.
const mending = [
  'NotAuthenticated',
  'ManagedObjectNotFound',
  'InvalidCollectorVersion',
  'RequestCanceled',
  'HostCommunication',
  'SystemError',
]

/** What a stream looks at, and who is told. Made anew with each login, and whenever the stream is opened again. */
interface Watch {
  readonly view: ManagedObjectReference
  /** Of the objects in the view. */
  readonly type: ManagedObjectType
  readonly paths: readonly string[]
  /** Puts into the view what is to be told first. */
  readonly fill?: () => Promise<void>
  /** Takes what one answer tells. `isWhole`: nothing is left to tell for now. */
  readonly take: (updates: readonly ObjectUpdate[], isWhole: boolean) => void
  /** The stream has ended, and its view goes. */
  readonly end?: () => void
}

interface StreamOptions {
  readonly open: (login: Login) => Promise<Watch>
  readonly stop: AbortSignal
  /** How long to wait before a stream that broke is opened again. */
  readonly retryMs: number
}

/** Follows updates until it is stopped. @throws what opening it again would not mend. */
export async function followUpdates(session: Session, { open, stop, retryMs }: StreamOptions): Promise<void> {
  while (!stop.aborted) {
    try {
      await session.run((login) => followOnce(login, open, stop))
    } catch (error) {
      if (stop.aborted) return
      if (!mayMend(error)) throw error
      await setTimeout(retryMs, undefined, { signal: stop }).catch(() => {})
    }
  }
}

const mayMend = (error: unknown): boolean =>
  error instanceof TransportError ||
  error instanceof OutageError ||
  error instanceof SoapError ||
  (error instanceof VimFaultError && mending.some((faultName) => error.is(faultName)))

async function followOnce(login: Login, open: StreamOptions['open'], stop: AbortSignal): Promise<void> {
  const watch = await open(login)
  let collector: ManagedObjectReference | undefined
  try {
    collector = await login.call('CreatePropertyCollector', login.content.propertyCollector, {}, {})
    await watch.fill?.()
    const spec = specOf(watch)
    await login.call('CreateFilter', collector, { spec, partialUpdates: false }, {})
    await take(login, collector, watch, stop)
  } finally {
    watch.end?.()
    discard(login, watch.view, collector)
  }
}

async function take(
  login: Login,
  collector: ManagedObjectReference,
  watch: Watch,
  stop: AbortSignal,
): Promise<void> {
  let version = ''
  // There may be nothing at all to begin with, which is known at once.
  let wait = 0
  while (!stop.aborted) {
    const set = await login.call(
      'WaitForUpdatesEx',
      collector,
      { version, options: { maxWaitSeconds: wait, maxObjectUpdates } },
      { signal: stop, timeoutMs: (maxWaitSeconds + 30) * 1_000 },
    )
    if (set) version = set.version
    if (set || wait === 0)
      watch.take(
        (set?.filterSet ?? []).flatMap(({ objectSet }) => objectSet ?? []),
        !set?.truncated,
      )
    wait = maxWaitSeconds
  }
}

function specOf({ view, type, paths }: Watch): DataObject<'PropertyFilterSpec'> {
  const traversal: DataObject<'TraversalSpec'> = {
    _typeName: 'TraversalSpec',
    type: view.type,
    path: 'view',
    skip: false,
  }
  return {
    propSet: [{ type, pathSet: paths }],
    objectSet: [{ obj: view, skip: true, selectSet: [traversal] }],
  }
}

/** Best effort: what is left behind ends with the session. */
function discard(
  login: Login,
  view: ManagedObjectReference,
  collector: ManagedObjectReference | undefined,
): void {
  const scope = { signal: AbortSignal.timeout(5_000) }
  if (collector) login.call('DestroyPropertyCollector', collector, {}, scope).catch(() => {})
  login.call('DestroyView', view, {}, scope).catch(() => {})
}
