// Leases of history collectors: a collector is created, read, and destroyed in any case, also after an abort or an error. A vCenter
// allows each session only a few of them, and keeps them until the session ends.
//
//   lease --queue--> create --> work --> destroy in the background, retried until the server responds --> next in the queue
// If the response to the creation is lost, the login is replaced, because only the end of the session destroys the collector.

import { FairQueue } from '../../concurrency/fair-queue.ts'
import { delay, withSignal } from '../../concurrency/timing.ts'
import type { MethodName } from '../../soap/envelope.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import { withLoginRepeated } from '../session/repeat-once.ts'
import type { Session } from '../session/session.ts'
import { fromLocalizedFault } from '../vim-fault-error.ts'

/** Number of collectors that a session leases at a time, of all kinds. A vCenter allows 32 of each kind. */
export const maxLeases = 8

/** How long a lease waits for the end of its collector. Afterwards another one may be created, although this one may exist. */
const destroyTimeoutMs = 30_000

/** The call that creates a collector. It has no abort signal: a collector whose reference is lost could not be destroyed. */
export type CreateCollector = (
  login: Login,
  callOptions: Pick<CallOptions, 'onCall'>,
) => Promise<ManagedObjectReference>

/** The collectors of one session. */
export class HistoryCollectors {
  readonly #session: Session
  readonly #slots = new FairQueue({ capacity: maxLeases })

  constructor(session: Session) {
    this.#session = session
  }

  /** Number of collectors that are leased, or that are being destroyed. */
  get inUse(): number {
    return this.#slots.inFlight
  }

  /**
   * Creates a collector and passes it to `work`. Waits while the session has the most collectors. If the login ends, `work` is
   * repeated once, with a collector of the new login; after a transient transport error too, with a new collector.
   * @throws what `callOptions.onCollector` throws, before anything is sent
   */
  async lease<T>(
    create: CreateCollector,
    callOptions: CallOptions,
    work: (collector: LeasedCollector) => Promise<T>,
  ): Promise<T> {
    const { signal, caller, onCall, onCollector } = callOptions
    onCollector?.()
    const release = await this.#slots.acquire({ caller, signal, isHighPriority: caller?.isHighPriority })
    const endings: Promise<unknown>[] = []
    try {
      const attempt = async (login: Login) => {
        const creation = create(login, { onCall })
        let end = () => {}
        const ended = new Promise<void>((resolve) => {
          end = resolve
        })
        const destroy = async (collector: ManagedObjectReference) => {
          await ended
          await login.destroy('DestroyCollector', collector)
        }
        endings.push(creation.then(destroy).catch(() => {}))
        try {
          return await work(new LeasedCollector(login, await withSignal(creation, signal), callOptions))
        } finally {
          end()
        }
      }
      return await withLoginRepeated(this.#session, attempt, callOptions)
    } finally {
      void Promise.race([Promise.all(endings), delay(destroyTimeoutMs, { ref: false })]).then(release)
    }
  }
}

/** A collector during its lease. */
export class LeasedCollector {
  readonly login: Login
  readonly ref: ManagedObjectReference
  readonly #callOptions: CallOptions

  constructor(login: Login, ref: ManagedObjectReference, callOptions: CallOptions) {
    this.login = login
    this.ref = ref
    this.#callOptions = callOptions
  }

  /** Returns the newest items, in no particular order: as many as the page size of the collector, without those that may not be seen. */
  async latestPage(): Promise<readonly unknown[]> {
    return this.#count(await readLatestPage(this.login, this.ref, this.#callOptions))
  }

  /** Moves to the position before the latest page: ReadPrevious continues with the items that are older than it. */
  async reset(): Promise<void> {
    await this.login.call('ResetCollector', this.ref, {}, this.#callOptions)
  }

  /** Sets the size of the latest page, which a filter of tasks cannot set. */
  async setPageSize(maxCount: number): Promise<void> {
    await this.login.call('SetCollectorPageSize', this.ref, { maxCount }, this.#callOptions)
  }

  /**
   * Reads the next items from the position of the collector, and moves the position behind them. An empty result does not prove
   * that there are no more.
   */
  async read(method: ReadMethod, maxCount: number): Promise<readonly unknown[]> {
    return this.#count(await this.login.call(method, this.ref, { maxCount }, this.#callOptions))
  }

  #count(items: readonly unknown[]): readonly unknown[] {
    for (const _ of items) this.#callOptions.onObject?.()
    return items
  }
}

export type ReadMethod = MethodName & `Read${'Next' | 'Previous'}${string}`

/**
 * Reads the latest page of a collector.
 * @throws VimFaultError if it may not be read, SoapError if it cannot be decoded
 */
export const readLatestPage = async (
  login: Login,
  collector: ManagedObjectReference,
  callOptions: CallOptions,
): Promise<readonly unknown[]> =>
  ((await readProperty(login, collector, 'latestPage', callOptions)) ?? []) as readonly unknown[]

/**
 * Reads one property; undefined if it is unset.
 * @throws VimFaultError if it may not be read, SoapError if it cannot be decoded
 */
export async function readProperty(
  login: Login,
  obj: ManagedObjectReference,
  path: string,
  callOptions: CallOptions,
): Promise<unknown> {
  const type = obj.type as ManagedObjectType
  const specSet = [{ propSet: [{ type, pathSet: [path] }], objectSet: [{ obj }] }]
  const { propertyCollector } = login.content
  const args = { specSet, options: {} }
  const result = await login.call('RetrievePropertiesEx', propertyCollector, args, callOptions)
  const [object] = result?.objects ?? []
  const [missing] = object?.missingSet ?? []
  if (missing) throw fromLocalizedFault(missing.fault)
  const value = object?.propSet?.[0]?.val
  // The value of a property that cannot be decoded is the error.
  if (value instanceof Error) throw value
  return value
}
