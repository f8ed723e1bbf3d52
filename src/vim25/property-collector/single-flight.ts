// Retrievals of one login that ask the same at the same time are one: who comes later is given what has arrived so far, then
// the rest. Only what began after the identity's last change may be joined: whoever writes and then reads sees what was written.
//
// For that, a retrieval keeps the objects that it has handed over until it ends, and no longer.

import type { CallOptions, CallRecord } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { ObjectContent, PropertyFilterSpec } from './property-collector.ts'

type OnObject = (object: ObjectContent) => void

/** Sends the retrieval and hands over its objects as they arrive. */
type Retrieve = (callOptions: CallOptions, onObject: OnObject) => Promise<void>

const inFlight = new WeakMap<object, Map<string, SharedRetrieval>>()

/**
 * Retrieves, or joins one who already does. An abort ends this one's part; the retrieval itself is stopped when nobody is
 * left who wants it. When `take` throws, that too ends this one's part alone. All are told of its calls, also of earlier ones.
 */
export async function shareRetrieval(
  login: Pick<Login, 'writeVersion'>,
  specSet: readonly PropertyFilterSpec[],
  callOptions: CallOptions,
  onObject: OnObject,
  retrieve: Retrieve,
): Promise<void> {
  callOptions.signal?.throwIfAborted()
  if (callOptions.noSharing) return retrieve(callOptions, onObject)
  const shared = inFlight.get(login) ?? new Map<string, SharedRetrieval>()
  inFlight.set(login, shared)
  const isHighPriority = callOptions.caller?.isHighPriority ?? false
  // Who is served first must not wait with those who are not.
  const key = `${isHighPriority} ${callOptions.epoch} ${JSON.stringify(specSet)}`
  const existing = shared.get(key)
  if (existing && existing.writeVersion === login.writeVersion) return existing.join(callOptions, onObject)

  const retrieval = new SharedRetrieval(login.writeVersion, () => {
    if (shared.get(key) === retrieval) shared.delete(key)
  })
  shared.set(key, retrieval)
  const result = retrieval.join(callOptions, onObject)
  // In a line of its own: the other calls of who happened to be the first must not hold up the rest.
  void retrieval.start({ timeoutMs: callOptions.timeoutMs, caller: { isHighPriority } }, retrieve)
  return result
}

interface Subscriber {
  onObject(object: ObjectContent): void
  readonly onCall: CallOptions['onCall']
  onBytes(bytes: number): void
  resolve(): void
  reject(error: unknown): void
}

class SharedRetrieval {
  readonly writeVersion: number
  readonly #onEnd: () => void
  readonly #abortController = new AbortController()
  readonly #objects: ObjectContent[] = []
  readonly #calls: CallRecord[] = []
  #bytes = 0
  readonly #subscribers = new Set<Subscriber>()
  /** The last one, when it gave up: told when the retrieval has stopped, and until then of its calls. */
  #lastSubscriber: { readonly onCall: CallOptions['onCall']; reject(): void } | undefined

  constructor(writeVersion: number, onEnd: () => void) {
    this.writeVersion = writeVersion
    this.#onEnd = onEnd
  }

  async start(callOptions: CallOptions, retrieve: Retrieve): Promise<void> {
    const onCall = (record: CallRecord) => {
      this.#calls.push(record)
      for (const { onCall } of this.#subscribers) onCall?.(record)
      this.#lastSubscriber?.onCall?.(record)
    }
    const onBytes = (bytes: number) => {
      this.#bytes += bytes
      for (const subscriber of this.#subscribers) subscriber.onBytes(bytes)
      this.#abortController.signal.throwIfAborted()
    }
    try {
      await retrieve({ ...callOptions, signal: this.#abortController.signal, onCall, onBytes }, (object) => {
        this.#objects.push(object)
        for (const subscriber of this.#subscribers) subscriber.onObject(object)
        this.#abortController.signal.throwIfAborted()
      })
      this.#onEnd()
      for (const { resolve } of this.#subscribers) resolve()
    } catch (error) {
      this.#onEnd()
      for (const { reject } of this.#subscribers) reject(error)
      // The next page may have been asked for already, or may wait for its turn.
      this.#abortController.abort()
    } finally {
      this.#lastSubscriber?.reject()
    }
  }

  join({ signal, onCall, onBytes }: CallOptions, onObject: OnObject): Promise<void> {
    return new Promise((resolve, reject) => {
      const unsubscribe = () => {
        this.#subscribers.delete(subscriber)
        signal?.removeEventListener('abort', abort)
      }
      const abandon = (reason: unknown) => {
        unsubscribe()
        if (this.#subscribers.size > 0) return reject(reason)
        this.#lastSubscriber = { onCall, reject: () => reject(reason) }
        this.#onEnd()
        this.#abortController.abort(reason)
      }
      const abort = () => abandon(signal?.reason)
      const orAbandon = (deliver: () => void) => {
        try {
          deliver()
        } catch (error) {
          abandon(error)
        }
      }
      const subscriber: Subscriber = {
        onObject: (object) => orAbandon(() => onObject(object)),
        onBytes: (bytes) => orAbandon(() => onBytes?.(bytes)),
        onCall,
        resolve() {
          unsubscribe()
          resolve()
        },
        reject(error) {
          unsubscribe()
          reject(error)
        },
      }
      this.#subscribers.add(subscriber)
      signal?.addEventListener('abort', abort, { once: true })
      for (const record of this.#calls) onCall?.(record)
      // Each pays for the whole, as if it had asked alone.
      if (this.#bytes > 0) subscriber.onBytes(this.#bytes)
      for (const object of this.#objects) if (this.#subscribers.has(subscriber)) subscriber.onObject(object)
    })
  }
}
