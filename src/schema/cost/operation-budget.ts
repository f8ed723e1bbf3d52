// Enforces the limits of one operation, or of each event of a subscription: what it may read and return, and for how long. A count
// above a limit throws an error, and aborts all reads of the operation with the same error.

import { type GraphQLError, type GraphQLResolveInfo, locatedError } from 'graphql'
import { ApiError, limitExceeded } from '../errors/api-error.ts'
import { RepeatedErrors } from '../errors/repeated-errors.ts'
import { add, type Cost, oneError, zero } from './cost.ts'

/** The limits of one operation, or of one event of a subscription. */
export interface OperationLimits {
  /** Objects in the response; the same limit applies separately to objects read from the vCenter. */
  readonly objects: number
  /** Scalar values in the response. */
  readonly responseValues: number
  /** Errors in the response. */
  readonly errors: number
  /** Size of vSphere's responses, in bytes. */
  readonly vcenterResponseBytes: number
  /** From the first resolver to the response, in milliseconds. Does not apply to subscriptions. */
  readonly timeoutMs: number
}

const fewerObjectsRemedy =
  'Request smaller pages (first, last), fewer nested levels or fewer fields, or raise --max-objects.'
const fewerBytesRemedy = 'Request fewer objects or fewer fields, or raise --max-vcenter-response-mb.'

/** History collectors of one operation. A vCenter searches its database for each. */
const maxCollectors = 100
const collectorRemedy =
  'Select events and tasks of fewer objects in one operation, or select them once with Query.events and Query.tasks.'

/** For each metric of a response: its limit, and how to stay within it. */
const limitsByMetric: Readonly<
  Record<keyof Cost, { limit: 'objects' | 'responseValues' | 'errors'; remedy: string }>
> = {
  objects: { limit: 'objects', remedy: fewerObjectsRemedy },
  values: {
    limit: 'responseValues',
    remedy:
      'Request fewer fields and aliases or smaller pages (first, last), or raise --max-response-values.',
  },
  errors: {
    limit: 'errors',
    remedy:
      'Fix the cause of the errors, omit the failing fields, request fewer objects at once, or raise --max-errors.',
  },
}

const metrics = Object.keys(limitsByMetric) as (keyof Cost)[]

/** The errors of operations that exceeded a limit. Their clients have received them. */
const reportedErrors = new WeakSet<object>()

/**
 * Whether a rejection that nothing handles belongs to an operation that was aborted and has reported its error. An executor that abandons a
 * list leaves the rejections of its pending items.
 */
export function isReported(error: unknown): boolean {
  const { originalError } = (error ?? {}) as { readonly originalError?: unknown }
  return [error, originalError].some(
    (each) => typeof each === 'object' && each !== null && reportedErrors.has(each),
  )
}

export class OperationBudget {
  readonly #limits: OperationLimits
  readonly #abortController = new AbortController()
  #used = zero
  #costShare = 0
  #objectsRead = 0
  #bytesRead = 0
  #collectors = 0
  #timer: NodeJS.Timeout | undefined
  #exceededError: ApiError | undefined
  #firstError: GraphQLError | undefined
  #repeated = new RepeatedErrors()

  /** @param signal the client's signal. AbortSignal.any would break it, because Yoga's signal is not a native AbortSignal. */
  constructor(limits: OperationLimits, signal?: AbortSignal) {
    this.#limits = limits
    const abort = () => this.#abortController.abort(signal?.reason)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  }

  /** Aborts reads and waits when a limit is exceeded, the client disconnects, or the gateway stops. */
  get signal(): AbortSignal {
    return this.#abortController.signal
  }

  /** The error for the limit that was exceeded, or for another reason that aborted the operation. */
  get exceededError(): ApiError | undefined {
    return this.#exceededError
  }

  /** The errors to return if a limit was exceeded: that of the limit, and for the limit of errors also the first error. */
  get errors(): readonly Error[] {
    const first = this.#used.errors > this.#limits.errors ? this.#firstError : undefined
    return [this.#exceededError, first].filter((each) => each !== undefined)
  }

  /** Aborts all reads of the operation with this reason. */
  stop(reason: unknown): void {
    this.#abortController.abort(reason)
  }

  /** Aborts the operation and reports the error to its client. The first error wins; later calls have no effect. */
  abort(error: ApiError): void {
    this.#exceededError ??= error
    reportedErrors.add(this.#exceededError)
    this.#abortController.abort(this.#exceededError)
  }

  /** Resets the counts, for the next event of a subscription. */
  reset(): void {
    this.#used = zero
    this.#repeated = new RepeatedErrors()
    this.#objectsRead = 0
    this.#bytesRead = 0
    this.#collectors = 0
  }

  /** Starts the timeout. It runs until `stopTimer`. */
  startTimer(): void {
    clearTimeout(this.#timer)
    const { timeoutMs } = this.#limits
    this.#timer = setTimeout(() => this.abort(operationTimeoutError(timeoutMs)), timeoutMs)
  }

  stopTimer(): void {
    clearTimeout(this.#timer)
  }

  /** The estimated cost as a share of the limits, from 0 to 1. Determines the operation's weight in the concurrency limit. */
  get costShare(): number {
    return this.#costShare
  }

  /**
   * Checks the estimated cost of the response, and sets `costShare`.
   * @throws ApiError QUERY_TOO_COMPLEX
   */
  checkEstimate(cost: Cost): void {
    this.#checkAll('the response could have', cost)
    this.#costShare = Math.max(
      ...metrics.map((metric) => cost[metric] / this.#limits[limitsByMetric[metric].limit]),
    )
  }

  /**
   * Counts a result.
   * @param isExempt whether the result must be returned even above a limit
   * @throws ApiError QUERY_TOO_COMPLEX
   */
  countResult(cost: Cost, isExempt = false): void {
    this.#used = add(this.#used, cost)
    if (!isExempt) this.#checkAll('the response already has', this.#used)
  }

  /** Counts a list item that failed. `isExempt` as in `countResult`. */
  countError(error: unknown, { fieldNodes }: GraphQLResolveInfo, isExempt = false): void {
    this.#firstError ??= locatedError(error, fieldNodes)
    this.countResult(oneError, isExempt)
  }

  /**
   * Counts a field that failed. `isExempt` as in `countResult`.
   * @returns whether the response already has an error with the same cause, so that the field is null without an error of its own.
   *   Always false for a mutation field, each of which must report its own outcome.
   */
  failField(error: unknown, info: GraphQLResolveInfo, isExempt = false): boolean {
    if (!isExempt && error instanceof Error && this.#repeated.take(error, info)) return true
    this.countError(error, info, isExempt)
    return false
  }

  countObject(): void {
    this.#objectsRead += 1
    const limit = this.#limits.objects
    this.#check('the vCenter already returned', this.#objectsRead, limit, 'objects', fewerObjectsRemedy)
  }

  /**
   * Counts a collector of events or tasks, before it is created.
   * @throws ApiError QUERY_TOO_COMPLEX
   */
  countCollector(): void {
    this.#collectors += 1
    if (this.#collectors <= maxCollectors) return
    const error = limitExceeded({
      subject: 'the operation already read the history of',
      actual: this.#collectors,
      limit: maxCollectors,
      unit: 'objects or vCenters',
      remedy: collectorRemedy,
    })
    // Later, because a list may be in the middle of its execution: if its next item failed at once, the executor would leave the items
    // before it, which are pending, as unhandled rejections.
    setImmediate(() => this.abort(error))
    throw error
  }

  countBytes(bytes: number): void {
    this.#bytesRead += bytes
    const limit = this.#limits.vcenterResponseBytes
    this.#check('the vCenter already sent', this.#bytesRead, limit, 'bytes', fewerBytesRemedy)
  }

  /** Rejects a retrieval of about this size before it is sent. */
  checkBytes(bytes: number): void {
    const limit = this.#limits.vcenterResponseBytes
    if (this.#bytesRead + bytes > limit)
      throw limitExceeded({
        subject: 'the filter, order or statistics would read about',
        actual: this.#bytesRead + bytes,
        limit,
        unit: 'bytes',
        remedy:
          'Add a condition on name, powerState, host or another property that is not a list, so that fewer objects remain, or raise --max-vcenter-response-mb.',
      })
  }

  #checkAll(subject: string, cost: Cost): void {
    for (const metric of metrics) {
      const { limit, remedy } = limitsByMetric[metric]
      this.#check(subject, cost[metric], this.#limits[limit], metric, remedy)
    }
  }

  #check(subject: string, actual: number, limit: number, unit: string, remedy: string): void {
    if (actual > limit && !this.#exceededError)
      this.abort(limitExceeded({ subject, actual, limit, unit, remedy }))
    if (this.#exceededError) throw this.#exceededError
  }
}

const operationTimeoutError = (ms: number): ApiError =>
  new ApiError('OPERATION_TIMEOUT', `the operation exceeded the time limit of ${ms / 1_000} s`, {
    limit: ms / 1_000,
    remedy: 'Request fewer objects or fields, or raise --operation-timeout.',
  })
