// Shares identical concurrent retrievals of one login. A later subscriber receives the objects that have already arrived, then
// the remaining ones. Only a retrieval that started after the identity's last change can be joined, so that a read after a write
// includes the write.
//
// A retrieval keeps its received objects for later subscribers until it ends.

import type { CallOptions, CallRecord } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { ObjectContent } from './retrieval-types.ts'

type OnObject = (object: ObjectContent) => void

/** Sends the retrieval and passes its objects to `onObject` as they arrive. */
type Retrieve = (callOptions: CallOptions, onObject: OnObject) => Promise<void>

const inFlight = new WeakMap<object, Map<string, SharedRetrieval>>()

/**
 * Starts a retrieval, or joins one in flight with the same request. An abort, or an error thrown by `onObject` or `onBytes`, removes only
 * this subscriber; the retrieval is aborted when its last subscriber leaves. All calls of the retrieval, also earlier ones, are
 * reported to every subscriber.
 */
export async function shareRetrieval(
  login: Pick<Login, 'writeVersion'>,
  request: object,
  callOptions: CallOptions,
  onObject: OnObject,
  retrieve: Retrieve,
): Promise<void> {
  callOptions.signal?.throwIfAborted()
  if (callOptions.noSharing) return retrieve(callOptions, onObject)
  const shared = inFlight.get(login) ?? new Map<string, SharedRetrieval>()
  inFlight.set(login, shared)
  const isHighPriority = callOptions.caller?.isHighPriority ?? false
  // A high-priority caller must not wait for a retrieval of normal priority.
  const key = `${isHighPriority} ${callOptions.epoch} ${JSON.stringify(request)}`
  const existing = shared.get(key)
  if (existing && existing.writeVersion === login.writeVersion) return existing.join(callOptions, onObject)

  const retrieval = new SharedRetrieval(login.writeVersion, () => {
    if (shared.get(key) === retrieval) shared.delete(key)
  })
  shared.set(key, retrieval)
  const result = retrieval.join(callOptions, onObject)
  // Use a new caller, and so a separate queue: other calls of the first subscriber must not delay the other subscribers.
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
  /** The last subscriber after it has left. Calls are reported to it until the retrieval has stopped; then it is rejected. */
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
      // Stop a request for the next page that is in flight or queued.
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
      const deliverOrAbandon = (deliver: () => void) => {
        try {
          deliver()
        } catch (error) {
          abandon(error)
        }
      }
      const subscriber: Subscriber = {
        onObject: (object) => deliverOrAbandon(() => onObject(object)),
        onBytes: (bytes) => deliverOrAbandon(() => onBytes?.(bytes)),
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
      // Every subscriber is charged for the whole response, as if it had made the retrieval alone.
      if (this.#bytes > 0) subscriber.onBytes(this.#bytes)
      for (const object of this.#objects) if (this.#subscribers.has(subscriber)) subscriber.onObject(object)
    })
  }
}
