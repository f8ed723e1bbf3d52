// Finds the changes for alarmChanges: the alarms that match the filter at the start, then those that are triggered, changed or
// acknowledged, and those that no longer match. Each notification leads to one read of all alarms, which are compared with those that
// were sent. So no change is lost or sent twice, and a slow client costs only one entry for each alarm.

import { delay } from '../../concurrency/timing.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import { Signal } from '../../vim25/updates/signal.ts'
import { RereadDelays } from '../../vim25/updates/transient-error.ts'
import type { Context } from '../context.ts'
import type { ChangeKindName } from '../core/changes/change-kind.ts'
import type { Coverage } from '../core/connections/coverage.ts'
import { compileFilter } from '../core/criteria/conditions.ts'
import type { FilterInput } from '../core/criteria/three-valued.ts'
import { type ClassifiedError, classifyError, isSurvivable } from '../errors/classify-error.ts'
import { type RequestVCenter, VCenters } from '../vcenters.ts'
import { alarmParts, assertReadable } from './alarm-connection.ts'
import { alarmsOf, type TriggeredAlarm } from './alarm-model.ts'

/** A change of one alarm in the set of those that match the filter. */
export interface AlarmChange {
  readonly kind: ChangeKindName
  /** The inventory source of the alarm. */
  readonly source: object
  readonly entity: ManagedObjectReference
  readonly key: string
  /** Undefined for LEAVE. */
  readonly alarm?: TriggeredAlarm
}

/** Changes that are sent together. */
export interface AlarmChangeBatch {
  readonly initial: boolean
  readonly changes: readonly AlarmChange[]
  readonly coverage: Coverage
}

/** Produces the batches of one subscription. */
export class AlarmChangeStream {
  readonly #filter: FilterInput | null | undefined
  readonly #vcenter: RequestVCenter
  readonly #context: Context
  /** The alarms that were sent and did not leave, by key, each with what it was like. */
  readonly #sent = new Map<string, { readonly entity: ManagedObjectReference; readonly values: string }>()
  readonly #signal = new Signal()
  #epoch: number | undefined
  /** Why the alarms could not be read last. */
  #readError: ClassifiedError | undefined
  /** For how many alarms the filter could not be decided when they were read last. */
  #undecidedCount = 0
  #lastCoverage = ''

  /** @throws ApiError if the filter is invalid */
  constructor(filter: FilterInput | null | undefined, vcenter: RequestVCenter, context: Context) {
    this.#filter = filter
    this.#vcenter = vcenter
    this.#context = context
    this.#compile(context)
  }

  async *batches(): AsyncGenerator<AlarmChangeBatch, void> {
    const { alarms: watcher, callOptions } = this.#vcenter
    const ignoreAbort = this.#signal.failOnAbort(callOptions.signal)
    const unwatch = watcher.watch((epoch) => {
      this.#epoch = epoch
      this.#signal.notify()
    })
    const delays = new RereadDelays(this.#vcenter.recovery.reread)
    try {
      yield* this.#inBatches(this.#diff(await this.#read()), true)
      // Shows that the initial state is complete, even if nothing changes for a long time.
      yield* this.#inBatches([], false)
      for (;;) {
        await this.#signal.wait()
        // Reads that find no change do not add up until the next batch.
        this.#context.budget.reset()
        try {
          const changes = this.#diff(await this.#read())
          this.#readError = undefined
          delays.reset()
          if (changes.length > 0 || this.#hasCoverageChanged()) yield* this.#inBatches(changes, false)
        } catch (error) {
          if (!isSurvivable(error)) throw error
          this.#readError = classifyError(error)
          if (this.#hasCoverageChanged()) yield* this.#inBatches([], false)
          await delay(delays.after(error), { signal: callOptions.signal })
          this.#signal.notify()
        }
      }
    } finally {
      unwatch()
      ignoreAbort()
    }
  }

  /** Returns at least one batch. */
  *#inBatches(changes: readonly AlarmChange[], initial: boolean): Generator<AlarmChangeBatch> {
    const size = this.#context.pageSizes.defaultSize
    const coverage = this.#coverage()
    this.#lastCoverage = digestOf(coverage)
    for (let start = 0; start === 0 || start < changes.length; start += size)
      yield { initial, changes: changes.slice(start, start + size), coverage }
  }

  #hasCoverageChanged(): boolean {
    return digestOf(this.#coverage()) !== this.#lastCoverage
  }

  /** Without the events about alarms, a change is noticed late, and an alarm that ends soon not at all. */
  #coverage(): Coverage {
    const { source, alarms } = this.#vcenter
    const { eventsError } = alarms
    const error = this.#readError ?? (eventsError === undefined ? null : lateError(eventsError))
    return { source, isComplete: error === null, undecidedCount: this.#undecidedCount, error }
  }

  /** Compares the matching alarms with those that were sent, and notes them as sent. */
  #diff(alarms: readonly TriggeredAlarm[]): AlarmChange[] {
    const changes: AlarmChange[] = []
    const left = new Map(this.#sent)
    for (const alarm of alarms) {
      const { state, source } = alarm
      const { key, entity } = state
      const values = JSON.stringify(state)
      const known = left.get(key)
      left.delete(key)
      if (known?.values === values) continue
      this.#sent.set(key, { entity, values })
      changes.push({ kind: known ? 'MODIFY' : 'ENTER', source, entity, key, alarm })
    }
    for (const [key, { entity }] of left) {
      this.#sent.delete(key)
      changes.push({ kind: 'LEAVE', source: this.#vcenter.source, entity, key })
    }
    return changes
  }

  /** Reads all alarms that match now. What the filter looks up, such as tags, is looked up again too. */
  async #read(): Promise<readonly TriggeredAlarm[]> {
    const reader = this.#vcenter.freshReader(this.#epoch)
    const context = { ...this.#context, vcenters: new VCenters([{ ...this.#vcenter, reader }]) }
    const { plan, prepare, evaluate } = this.#compile(context)
    const node = new PlanNode('Folder')
    plan(alarmParts.plan(node), 'all')
    const { content } = await this.#vcenter.session.ensureLogin(this.#vcenter.callOptions)
    const ref = content.rootFolder
    await Promise.all([reader.objects([ref], node), prepare?.()])
    const rootFolder = reader.objectCache.get(ref)
    if (!rootFolder.isLoaded) rootFolder.markMissing()
    assertReadable(rootFolder)
    const verdicts = alarmsOf(rootFolder).map((alarm) => [alarm, evaluate(alarm, 'all')] as const)
    this.#undecidedCount = verdicts.filter(([, verdict]) => verdict === undefined).length
    return verdicts.flatMap(([alarm, verdict]) => (verdict ? [alarm] : []))
  }

  #compile(context: Context) {
    return compileFilter('TriggeredAlarm', this.#filter, context, {
      newOwner: () => new PlanNode('Folder'),
      plan: alarmParts.plan,
    })
  }
}

const digestOf = ({ undecidedCount, error }: Coverage): string => `${undecidedCount} ${error?.code}`

function lateError(error: unknown): ClassifiedError {
  const classified = classifyError(error)
  const { message = 'an internal error' } = classified
  return {
    ...classified,
    message: `the events about alarms cannot be followed, so the alarms are read only every 60 seconds: ${message}`,
  }
}
