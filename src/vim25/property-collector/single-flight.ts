// Retrievals of one login that ask the same at the same time are one: who comes later is given what has arrived so far, then
// the rest. Only what began after the identity's last change may be joined: whoever writes and then reads sees what was written.
//
// For that, a retrieval keeps the objects that it has handed over until it ends, and no longer.

import type { CallRecord, CallScope } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { ObjectContent, PropertyFilterSpec } from './property-collector.ts'

type Take = (object: ObjectContent) => void

/** Sends the retrieval and hands over its objects as they arrive. */
type Retrieve = (scope: CallScope, take: Take) => Promise<void>

const underWay = new WeakMap<object, Map<string, SharedRetrieval>>()

/**
 * Retrieves, or joins one who already does. An abort ends this one's part; the retrieval itself is stopped when nobody is
 * left who wants it. When `take` throws, that too ends this one's part alone. All are told of its calls, also of earlier ones.
 */
export async function shareRetrieval(
  login: Pick<Login, 'generation'>,
  specSet: readonly PropertyFilterSpec[],
  scope: CallScope,
  take: Take,
  retrieve: Retrieve,
): Promise<void> {
  scope.signal?.throwIfAborted()
  if (scope.alone) return retrieve(scope, take)
  const shared = underWay.get(login) ?? new Map<string, SharedRetrieval>()
  underWay.set(login, shared)
  const first = scope.caller?.first ?? false
  // Who is served first must not wait with those who are not.
  const key = `${first} ${scope.moment} ${JSON.stringify(specSet)}`
  const other = shared.get(key)
  if (other && other.generation === login.generation) return other.join(scope, take)

  const own = new SharedRetrieval(login.generation, () => {
    if (shared.get(key) === own) shared.delete(key)
  })
  shared.set(key, own)
  const joined = own.join(scope, take)
  // In a line of its own: the other calls of who happened to be the first must not hold up the rest.
  void own.begin({ timeoutMs: scope.timeoutMs, caller: { first } }, retrieve)
  return joined
}

interface Participant {
  take(object: ObjectContent): void
  readonly onCall: CallScope['onCall']
  read(bytes: number): void
  resolve(): void
  reject(error: unknown): void
}

class SharedRetrieval {
  readonly generation: number
  readonly #onOver: () => void
  readonly #stop = new AbortController()
  readonly #objects: ObjectContent[] = []
  readonly #calls: CallRecord[] = []
  #bytes = 0
  readonly #participants = new Set<Participant>()
  /** The last one, when it gave up: told when the retrieval has stopped, and until then of its calls. */
  #last: { readonly onCall: CallScope['onCall']; reject(): void } | undefined

  constructor(generation: number, onOver: () => void) {
    this.generation = generation
    this.#onOver = onOver
  }

  async begin(scope: CallScope, retrieve: Retrieve): Promise<void> {
    const onCall = (record: CallRecord) => {
      this.#calls.push(record)
      for (const { onCall } of this.#participants) onCall?.(record)
      this.#last?.onCall?.(record)
    }
    const onBytes = (bytes: number) => {
      this.#bytes += bytes
      for (const participant of this.#participants) participant.read(bytes)
      this.#stop.signal.throwIfAborted()
    }
    try {
      await retrieve({ ...scope, signal: this.#stop.signal, onCall, onBytes }, (object) => {
        this.#objects.push(object)
        for (const participant of this.#participants) participant.take(object)
        this.#stop.signal.throwIfAborted()
      })
      this.#onOver()
      for (const { resolve } of this.#participants) resolve()
    } catch (error) {
      this.#onOver()
      for (const { reject } of this.#participants) reject(error)
      // The next page may have been asked for already, or may wait for its turn.
      this.#stop.abort()
    } finally {
      this.#last?.reject()
    }
  }

  join({ signal, onCall, onBytes }: CallScope, take: Take): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#participants.delete(participant)
        signal?.removeEventListener('abort', abort)
      }
      const giveUp = (reason: unknown) => {
        leave()
        if (this.#participants.size > 0) return reject(reason)
        this.#last = { onCall, reject: () => reject(reason) }
        this.#onOver()
        this.#stop.abort(reason)
      }
      const abort = () => giveUp(signal?.reason)
      const orGiveUp = (part: () => void) => {
        try {
          part()
        } catch (error) {
          giveUp(error)
        }
      }
      const participant: Participant = {
        take: (object) => orGiveUp(() => take(object)),
        read: (bytes) => orGiveUp(() => onBytes?.(bytes)),
        onCall,
        resolve() {
          leave()
          resolve()
        },
        reject(error) {
          leave()
          reject(error)
        },
      }
      this.#participants.add(participant)
      signal?.addEventListener('abort', abort, { once: true })
      for (const record of this.#calls) onCall?.(record)
      // Each pays for the whole, as if it had asked alone.
      if (this.#bytes > 0) participant.read(this.#bytes)
      for (const object of this.#objects) if (this.#participants.has(participant)) participant.take(object)
    })
  }
}
