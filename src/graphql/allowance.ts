// What one operation may still read and give out, and for how long; of a subscription, each of its events. Whoever counts more
// than the limit is thrown an error, and everything that the operation reads is stopped with the same one.

import { ApiError, tooComplex } from './api-error.ts'

/** Of one operation, or of one event of a subscription. */
export interface Limits {
  /** In its answer, and read for it. */
  readonly objects: number
  /** Of vSphere's answers, as text. */
  readonly bytes: number
  /** From its first resolver to its answer; no subscription has such a limit. */
  readonly ms: number
}

const forFewerObjects =
  'Ask for smaller pages (first, last), for fewer levels or fewer fields, or raise --max-objects.'
const forFewerBytes = 'Ask for fewer objects or fewer fields, or raise --max-megabytes.'

export class Allowance {
  readonly #limits: Limits
  readonly #stop = new AbortController()
  #given = 0
  #objectsRead = 0
  #bytesRead = 0
  #clock: NodeJS.Timeout | undefined
  #exceeded: ApiError | undefined

  /** `signal` is the client's. (AbortSignal.any would break it: Yoga's is no native one, and only seems so.) */
  constructor(limits: Limits, signal?: AbortSignal) {
    this.#limits = limits
    const stop = () => this.#stop.abort(signal?.reason)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  }

  /** Stops reads and waits: when a limit is passed, the client hangs up, or the gateway stops. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** Which limit was passed, if one was, or what else cut the operation short. */
  get exceeded(): ApiError | undefined {
    return this.#exceeded
  }

  /** Stops all that the operation reads; it fails with this. */
  stop(reason: unknown): void {
    this.#stop.abort(reason)
  }

  /** Stops it and has its client told why. What was stopped once stays stopped, and for the reason that was told first. */
  cutShort(error: ApiError): void {
    this.#exceeded ??= error
    this.#stop.abort(this.#exceeded)
  }

  /** The next event of a subscription may read and give out as much as the one before. */
  renew(): void {
    this.#given = 0
    this.#objectsRead = 0
    this.#bytesRead = 0
  }

  /** From here on the time counts, until `stopClock`. */
  startClock(): void {
    clearTimeout(this.#clock)
    const { ms } = this.#limits
    this.#clock = setTimeout(() => this.cutShort(outOfTime(ms)), ms)
  }

  stopClock(): void {
    clearTimeout(this.#clock)
  }

  /** Takes the number of objects that the answer could have. */
  estimate(objects: number): void {
    const limit = this.#limits.objects
    this.#check('the answer could have', objects, limit, 'objects', forFewerObjects)
  }

  /** Counts what the answer is given; `told` is what must be told whatever it costs. */
  give(objects: number, told = false): void {
    this.#given += objects
    if (told) return
    const limit = this.#limits.objects
    this.#check('the answer already has', this.#given, limit, 'objects', forFewerObjects)
  }

  readObject(): void {
    this.#objectsRead += 1
    const limit = this.#limits.objects
    this.#check('vSphere already told', this.#objectsRead, limit, 'objects', forFewerObjects)
  }

  readBytes(bytes: number): void {
    this.#bytesRead += bytes
    const limit = this.#limits.bytes
    this.#check('vSphere already sent', this.#bytesRead, limit, 'bytes', forFewerBytes)
  }

  #check(counted: string, figure: number, limit: number, unit: string, remedy: string): void {
    if (figure > limit && !this.#exceeded) this.cutShort(tooComplex(counted, figure, limit, unit, remedy))
    if (this.#exceeded) throw this.#exceeded
  }
}

const outOfTime = (ms: number): ApiError =>
  new ApiError('VCENTER_TIMEOUT', `the operation took longer than the limit of ${ms / 1_000} s`, {
    limit: ms / 1_000,
    remedy: 'Ask for less at once, or raise --operation-timeout.',
  })
