// Load generator: each client runs one operation after the other, of all kinds in turn, and handles vCenter
// outages as a real client would.

import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-sse'
import { Agent, fetch } from 'undici'
import { aborted, clientAbort, type OperationStats, succeeded } from './operation-stats.ts'
import * as operations from './operations.ts'

/** Objects that the clients query and change. */
export interface Targets {
  /**
   * Virtual machines that no other program changes, one per client. Any further clients only read.
   */
  readonly own: readonly { readonly moid: string; readonly name: string }[]
  /** Disks in permanent snapshots, each with a changeId. */
  readonly disks: readonly string[]
}

interface GraphQLResponse {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the operation selects
  readonly data?: any
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
}

interface Outcome extends GraphQLResponse {
  readonly outcome: string
}

/** Far longer than any operation may take: a request that takes this long was lost. */
const timeoutMs = 60_000

const headers = { 'content-type': 'application/json', accept: 'application/json' }

export class Clients {
  readonly #url: string
  readonly #stats: OperationStats
  readonly #agent = new Agent()
  readonly #events

  constructor(url: string, stats: OperationStats) {
    this.#url = url
    this.#stats = stats
    const fetchFn = (to: string, init: object) => fetch(to, { ...init, dispatcher: this.#agent })
    this.#events = createClient({ url, fetchFn, retryAttempts: 0 })
  }

  /** Runs until the signal aborts, and completes the operations in flight. */
  async run(count: number, targets: Targets, until: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, nth) => this.#client(nth, targets, until)))
  }

  close(): Promise<void> {
    this.#events.dispose()
    return this.#agent.destroy()
  }

  /** @param since when the objects that the operation depends on were read */
  async execute(operation: string, query: string, variables?: object, since?: number): Promise<Outcome> {
    const from = Date.now()
    const response = await this.#post(query, variables, AbortSignal.timeout(timeoutMs))
      .then((text) => JSON.parse(text) as GraphQLResponse)
      .catch((error: Error) => ({
        errors: [{ message: String(error), extensions: { code: 'no response' } }],
      }))
    return this.#record({ operation, from, ...(since !== undefined && { since }) }, response)
  }

  async #client(nth: number, { own, disks }: Targets, until: AbortSignal): Promise<void> {
    const machine = own[nth]
    const disk = disks[nth % disks.length]
    const steps = [
      () => this.execute('query', operations.nested),
      () => this.#pages(until),
      ...(disk === undefined ? [] : [() => this.execute('changed areas', operations.areas, { disk })]),
      ...(machine ? [() => this.#change(machine.moid, until)] : []),
      () => this.#subscribe(nth),
      () => this.#clientAbort(nth),
      ...(machine ? [() => this.#subscribeToOwnChange(machine, until)] : []),
    ]
    for (let step = nth; !until.aborted; step += 1) {
      await steps[step % steps.length]?.()
      await sleep(50 + (nth % 10) * 10)
    }
  }

  async #pages(until: AbortSignal): Promise<void> {
    const since = Date.now()
    for (let after: string | null = null; !until.aborted; ) {
      const { data } = await this.execute('page', operations.page, { after }, since)
      after = data?.virtualMachines?.pageInfo.endCursor ?? null
      if (!data?.virtualMachines?.pageInfo.hasNextPage) return
    }
  }

  /** Creates a snapshot and removes it. */
  async #change(moid: string, until: AbortSignal): Promise<void> {
    const since = Date.now()
    const { data, outcome } = await this.execute('createSnapshot', operations.create, { moid })
    const id = data?.createSnapshot?.snapshot?.id
    if (id) await this.#remove(moid, id, since, until)
    else await this.#cleanUp(moid, outcome === 'OUTCOME_UNKNOWN', until)
  }

  async #remove(moid: string, id: string, since: number, until: AbortSignal): Promise<void> {
    const { outcome } = await this.execute('removeSnapshot', operations.remove, { id }, since)
    if (outcome !== succeeded) await this.#cleanUp(moid, outcome === 'OUTCOME_UNKNOWN', until)
  }

  /**
   * Removes all snapshots after a change with an unknown or failed outcome, until the virtual machine is back
   * in its initial state.
   */
  async #cleanUp(moid: string, isOutcomeUnknown: boolean, until: AbortSignal): Promise<void> {
    let mayConflict = isOutcomeUnknown
    while (!until.aborted) {
      const from = Date.now()
      const variables = { moid }
      const response = JSON.parse(
        await this.#post(operations.removeAll, variables, AbortSignal.timeout(timeoutMs)),
      ) as GraphQLResponse
      const code = response.errors?.[0]?.extensions.code
      // A conflict with its own change is only acceptable for a client that received OUTCOME_UNKNOWN.
      const outcome = code === 'CONFLICT' && mayConflict ? ownConflict : undefined
      const result = this.#record({ operation: 'removeAll', from }, response, outcome)
      if (result.outcome === succeeded) return
      mayConflict ||= result.outcome === 'OUTCOME_UNKNOWN'
      await sleep(500)
    }
  }

  /** Subscribes until the first event. */
  async #subscribe(nth: number): Promise<void> {
    const events = this.#events.iterate({ query: operations.changes(nth), variables: { name: '*1*' } })
    await this.#next('subscription', events)
    void events.return?.()
  }

  /** Subscribes, makes a change, and waits for its event. */
  async #subscribeToOwnChange({ moid, name }: Targets['own'][number], until: AbortSignal): Promise<void> {
    const since = Date.now()
    const events = this.#events.iterate({ query: operations.snapshotChanges, variables: { name } })
    try {
      if ((await this.#next('subscription', events)).outcome !== succeeded) return
      const { data, outcome } = await this.execute('createSnapshot', operations.create, { moid })
      const id = data?.createSnapshot?.snapshot?.id
      if (!id) return await this.#cleanUp(moid, outcome === 'OUTCOME_UNKNOWN', until)
      const isOwnChange = (event: GraphQLResponse) => JSON.stringify(event).includes(id)
      await this.#next('change event', events, isOwnChange)
      await this.#remove(moid, id, since, until)
    } finally {
      void events.return?.()
    }
  }

  /** Returns the first matching event, unless it takes too long. */
  async #next(
    operation: string,
    events: AsyncIterator<object, unknown>,
    matches = (_: GraphQLResponse) => true,
  ): Promise<Outcome> {
    const from = Date.now()
    const late = new AbortController()
    const tooLate = sleep(timeoutMs, 'late' as const, { signal: late.signal }).catch(() => 'late' as const)
    try {
      for (;;) {
        const event = await Promise.race([events.next(), tooLate])
        if (event === 'late') return this.#record({ operation, from }, {}, 'no event')
        if (event.done) return this.#record({ operation, from }, {}, 'ended')
        const response = event.value as GraphQLResponse
        if (response.errors || matches(response)) return this.#record({ operation, from }, response)
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : JSON.stringify(error)
      return this.#record({ operation, from }, { errors: [{ message, extensions: { code: 'ended' } }] })
    } finally {
      late.abort()
    }
  }

  async #clientAbort(nth: number): Promise<void> {
    const from = Date.now()
    const request = this.#post(operations.page, { after: null }, AbortSignal.timeout(5 + (nth % 20)))
    const outcome = await request.then(
      () => succeeded,
      () => aborted,
    )
    this.#record({ operation: clientAbort, from }, {}, outcome)
  }

  #record(
    request: { readonly operation: string; readonly from: number; readonly since?: number },
    response: GraphQLResponse,
    outcome = response.errors?.[0]?.extensions.code ?? succeeded,
  ): Outcome {
    const message = response.errors?.[0]?.message
    this.#stats.add({ ...request, to: Date.now(), outcome, ...(message !== undefined && { message }) })
    return { ...response, outcome }
  }

  async #post(query: string, variables: object | undefined, signal: AbortSignal): Promise<string> {
    const body = JSON.stringify({ query, variables })
    const response = await fetch(this.#url, {
      method: 'POST',
      headers,
      body,
      dispatcher: this.#agent,
      signal,
    })
    return response.text()
  }
}

/**
 * The outcome of a change that conflicts with an earlier change of the same client, whose outcome is unknown.
 */
export const ownConflict = 'CONFLICT with own change'
