// What one operation may still read and give out, and for how long; of a subscription, each of its events. Whoever counts more
// than the limit is thrown an error, and everything that the operation reads is stopped with the same one.

import { type GraphQLError, type GraphQLResolveInfo, locatedError } from 'graphql'
import { ApiError, limitExceeded } from '../errors/api-error.ts'
import { RepeatedErrors } from '../errors/repeated-errors.ts'
import { add, type Cost, oneError, zero } from './cost.ts'

/** Of one operation, or of one event of a subscription. */
export interface OperationLimits {
  /** In its answer, and read for it. */
  readonly objects: number
  /** In its answer: texts, numbers and the like. */
  readonly responseValues: number
  /** In its answer. */
  readonly errors: number
  /** Of vSphere's answers, as text. */
  readonly vcenterResponseBytes: number
  /** From its first resolver to its answer; no subscription has such a limit. */
  readonly timeoutMs: number
}

const fewerObjectsRemedy =
  'Ask for smaller pages (first, last), for fewer levels or fewer fields, or raise --max-objects.'
const fewerBytesRemedy = 'Ask for fewer objects or fewer fields, or raise --max-vcenter-response-mb.'

/** What is counted of an answer: which limit is its, and how to stay within it. */
const limitsByMetric: Readonly<
  Record<keyof Cost, { limit: 'objects' | 'responseValues' | 'errors'; remedy: string }>
> = {
  objects: { limit: 'objects', remedy: fewerObjectsRemedy },
  values: {
    limit: 'responseValues',
    remedy:
      'Ask for fewer fields and aliases, for smaller pages (first, last), or raise --max-response-values.',
  },
  errors: {
    limit: 'errors',
    remedy: 'Mend what fails, leave it out, ask for fewer objects at once, or raise --max-errors.',
  },
}

const metrics = Object.keys(limitsByMetric) as (keyof Cost)[]

export class OperationBudget {
  readonly #limits: OperationLimits
  readonly #abortController = new AbortController()
  #used = zero
  #costShare = 0
  #objectsRead = 0
  #bytesRead = 0
  #timer: NodeJS.Timeout | undefined
  #exceededError: ApiError | undefined
  #firstError: GraphQLError | undefined
  #repeated = new RepeatedErrors()

  /** `signal` is the client's. (AbortSignal.any would break it: Yoga's is no native one, and only seems so.) */
  constructor(limits: OperationLimits, signal?: AbortSignal) {
    this.#limits = limits
    const abort = () => this.#abortController.abort(signal?.reason)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  }

  /** Stops reads and waits: when a limit is passed, the client hangs up, or the gateway stops. */
  get signal(): AbortSignal {
    return this.#abortController.signal
  }

  /** Which limit was passed, if one was, or what else cut the operation short. */
  get exceededError(): ApiError | undefined {
    return this.#exceededError
  }

  /** What the client is told where a limit was passed: that, and where it is that of errors, what the first of them was. */
  get errors(): readonly Error[] {
    const first = this.#used.errors > this.#limits.errors ? this.#firstError : undefined
    return [this.#exceededError, first].filter((each) => each !== undefined)
  }

  /** Stops all that the operation reads; it fails with this. */
  stop(reason: unknown): void {
    this.#abortController.abort(reason)
  }

  /** Stops it and has its client told why. What was stopped once stays stopped, and for the reason that was told first. */
  abort(error: ApiError): void {
    this.#exceededError ??= error
    this.#abortController.abort(this.#exceededError)
  }

  /** The next event of a subscription may read and give out as much as the one before. */
  reset(): void {
    this.#used = zero
    this.#repeated = new RepeatedErrors()
    this.#objectsRead = 0
    this.#bytesRead = 0
  }

  /** From here on the time counts, until `stopTimer`. */
  startTimer(): void {
    clearTimeout(this.#timer)
    const { timeoutMs } = this.#limits
    this.#timer = setTimeout(() => this.abort(operationTimeoutError(timeoutMs)), timeoutMs)
  }

  stopTimer(): void {
    clearTimeout(this.#timer)
  }

  /** Which part of what one operation may have its answer could have, from 0 to 1: as much may it hold up the others. */
  get costShare(): number {
    return this.#costShare
  }

  /** Takes what the answer could have. */
  checkEstimate(cost: Cost): void {
    this.#checkAll('the answer could have', cost)
    this.#costShare = Math.max(
      ...metrics.map((metric) => cost[metric] / this.#limits[limitsByMetric[metric].limit]),
    )
  }

  /** Counts what the answer is given; `told` is what must be told whatever it costs. */
  countResult(cost: Cost, isExempt = false): void {
    this.#used = add(this.#used, cost)
    if (!isExempt) this.#checkAll('the answer already has', this.#used)
  }

  /** Counts an item of a list that has failed; `told` as above. */
  countError(error: unknown, { fieldNodes }: GraphQLResolveInfo, isExempt = false): void {
    this.#firstError ??= locatedError(error, fieldNodes)
    this.countResult(oneError, isExempt)
  }

  /**
   * Counts a field that has failed. True if its error is one that the answer has already: the field is null without another.
   * Never so of a change, of which each must say what became of it.
   */
  failField(error: unknown, info: GraphQLResolveInfo, told = false): boolean {
    if (!told && error instanceof Error && this.#repeated.take(error, info)) return true
    this.countError(error, info, told)
    return false
  }

  countObject(): void {
    this.#objectsRead += 1
    const limit = this.#limits.objects
    this.#check('vSphere already told', this.#objectsRead, limit, 'objects', fewerObjectsRemedy)
  }

  countBytes(bytes: number): void {
    this.#bytesRead += bytes
    const limit = this.#limits.vcenterResponseBytes
    this.#check('vSphere already sent', this.#bytesRead, limit, 'bytes', fewerBytesRemedy)
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
  new ApiError('OPERATION_TIMEOUT', `the operation took longer than the limit of ${ms / 1_000} s`, {
    limit: ms / 1_000,
    remedy: 'Ask for less at once, or raise --operation-timeout.',
  })
