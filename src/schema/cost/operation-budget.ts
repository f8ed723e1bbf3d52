// What one operation may still read and give out, and for how long; of a subscription, each of its events. Whoever counts more
// than the limit is thrown an error, and everything that the operation reads is stopped with the same one.

import { type GraphQLError, type GraphQLResolveInfo, locatedError } from 'graphql'
import { ApiError, tooComplex } from '../errors/api-error.ts'
import { RepeatedErrors } from '../errors/repeated-errors.ts'
import { nothing, oneError, plus, type Tally } from './cost.ts'

/** Of one operation, or of one event of a subscription. */
export interface Limits {
  /** In its answer, and read for it. */
  readonly objects: number
  /** In its answer: texts, numbers and the like. */
  readonly answerValues: number
  /** In its answer. */
  readonly errors: number
  /** Of vSphere's answers, as text. */
  readonly bytes: number
  /** From its first resolver to its answer; no subscription has such a limit. */
  readonly ms: number
}

const forFewerObjects =
  'Ask for smaller pages (first, last), for fewer levels or fewer fields, or raise --max-objects.'
const forFewerBytes = 'Ask for fewer objects or fewer fields, or raise --max-megabytes.'

/** What is counted of an answer: which limit is its, and how to stay within it. */
const kinds: Readonly<Record<keyof Tally, { limit: 'objects' | 'answerValues' | 'errors'; remedy: string }>> =
  {
    objects: { limit: 'objects', remedy: forFewerObjects },
    values: {
      limit: 'answerValues',
      remedy:
        'Ask for fewer fields and aliases, for smaller pages (first, last), or raise --max-answer-values.',
    },
    errors: {
      limit: 'errors',
      remedy: 'Mend what fails, leave it out, ask for fewer objects at once, or raise --max-errors.',
    },
  }

const kindNames = Object.keys(kinds) as (keyof Tally)[]

export class Allowance {
  readonly #limits: Limits
  readonly #stop = new AbortController()
  #given = nothing
  #share = 0
  #objectsRead = 0
  #bytesRead = 0
  #clock: NodeJS.Timeout | undefined
  #exceeded: ApiError | undefined
  #firstError: GraphQLError | undefined
  #repeated = new RepeatedErrors()

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

  /** What the client is told where a limit was passed: that, and where it is that of errors, what the first of them was. */
  get told(): readonly Error[] {
    const first = this.#given.errors > this.#limits.errors ? this.#firstError : undefined
    return [this.#exceeded, first].filter((each) => each !== undefined)
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
    this.#given = nothing
    this.#repeated = new RepeatedErrors()
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

  /** Which part of what one operation may have its answer could have, from 0 to 1: as much may it hold up the others. */
  get share(): number {
    return this.#share
  }

  /** Takes what the answer could have. */
  estimate(size: Tally): void {
    this.#checkAll('the answer could have', size)
    this.#share = Math.max(...kindNames.map((kind) => size[kind] / this.#limits[kinds[kind].limit]))
  }

  /** Counts what the answer is given; `told` is what must be told whatever it costs. */
  give(more: Tally, told = false): void {
    this.#given = plus(this.#given, more)
    if (!told) this.#checkAll('the answer already has', this.#given)
  }

  /** Counts an item of a list that has failed; `told` as above. */
  fail(error: unknown, { fieldNodes }: GraphQLResolveInfo, told = false): void {
    this.#firstError ??= locatedError(error, fieldNodes)
    this.give(oneError, told)
  }

  /**
   * Counts a field that has failed. True if its error is one that the answer has already: the field is null without another.
   * Never so of a change, of which each must say what became of it.
   */
  failField(error: unknown, info: GraphQLResolveInfo, told = false): boolean {
    if (!told && error instanceof Error && this.#repeated.take(error, info)) return true
    this.fail(error, info, told)
    return false
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

  #checkAll(counted: string, tally: Tally): void {
    for (const kind of kindNames) {
      const { limit, remedy } = kinds[kind]
      this.#check(counted, tally[kind], this.#limits[limit], kind, remedy)
    }
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
