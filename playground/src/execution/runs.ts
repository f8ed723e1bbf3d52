// The runs: each execution of an operation with all its results, by tab of GraphiQL. The fetcher records them, the result views read them.

import type { ExecutionResult } from 'graphql'
import type { OpenTab } from './open-tab.ts'

export interface RunResult {
  /** When the result arrived, in milliseconds since the epoch. */
  readonly at: number
  readonly result: ExecutionResult
}

export interface Run {
  readonly id: number
  /** The tab of GraphiQL that was active at the start. */
  readonly tabId: string
  /** The text of the document. */
  readonly document: string
  readonly operationName?: string | undefined
  readonly variables?: OpenTab['variables']
  readonly startedAt: number
  /** One result of a query or mutation; of a subscription the last ones, the oldest first. */
  readonly results: readonly RunResult[]
  /** Number of results that were removed from the front of `results`, so that a long subscription has bounded memory. */
  readonly droppedResults: number
  /** A subscription runs until it completes or is stopped. */
  readonly state: 'running' | 'done' | 'failed'
  readonly endedAt?: number
  /** Why the run failed without a response of the gateway. */
  readonly failure?: string
  /** What else the user has to know, such as why a subscription ended. */
  readonly note?: string | undefined
  readonly httpStatus?: number
  /** Size of all responses, in bytes, without HTTP headers and compression. */
  readonly bytes: number
}

export interface RunStart {
  readonly tabId: string
  readonly document: string
  readonly operationName?: string | undefined
  readonly variables?: OpenTab['variables']
}

/** What is known about an HTTP response beside its result. */
interface ResponseFacts {
  readonly httpStatus?: number
  readonly bytes?: number
}

/** Records what happens to a run. Calls after its end have no effect. */
export interface RunRecorder {
  readonly id: number
  receive(result: ExecutionResult, facts?: ResponseFacts): void
  note(note: string): void
  end(note?: string): void
  fail(message: string, facts?: ResponseFacts): void
}

/** The most results that are kept of one run. */
export const maxResults = 1000

/** Keeps the last run of each tab. */
export class RunStore {
  readonly #runs = new Map<string, Run>()
  readonly #listeners = new Set<() => void>()
  readonly #now: () => number
  #lastId = 0

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** For useSyncExternalStore: calls the listener after each change, and returns the function that stops this. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The last run of a tab. The object is replaced with each change. */
  readonly latest = (tabId: string): Run | undefined => this.#runs.get(tabId)

  start(start: RunStart): RunRecorder {
    const id = ++this.#lastId
    this.#set({
      ...start,
      id,
      startedAt: this.#now(),
      results: [],
      droppedResults: 0,
      state: 'running',
      bytes: 0,
    })
    const update = (change: (run: Run) => Run): void => {
      const run = this.#runs.get(start.tabId)
      if (run?.id === id && run.state === 'running') this.#set(change(run))
    }
    return {
      id,
      receive: (result, facts = {}) =>
        update((run) => withFacts(withResult(run, { at: this.#now(), result }), facts)),
      note: (note) => update((run) => ({ ...run, note })),
      end: (note) => update((run) => ({ ...run, state: 'done', note, endedAt: this.#now() })),
      fail: (failure, facts = {}) =>
        update((run) => ({
          ...withFacts(run, facts),
          state: 'failed',
          failure,
          note: undefined,
          endedAt: this.#now(),
        })),
    }
  }

  /**
   * Changes the last result of a run, such as to append a page. The change starts from the result that the store has by then, because
   * the page of another list may have been appended since the request was sent.
   * @returns the new result; undefined if `change` returns none, or the tab has another run by now
   */
  changeLast(
    id: number,
    change: (result: ExecutionResult) => ExecutionResult | undefined,
    bytes = 0,
  ): ExecutionResult | undefined {
    for (const run of this.#runs.values()) {
      const last = run.results.at(-1)
      if (run.id !== id || !last) continue
      const result = change(last.result)
      if (result)
        this.#set({
          ...run,
          results: [...run.results.slice(0, -1), { ...last, result }],
          bytes: run.bytes + bytes,
        })
      return result
    }
    return undefined
  }

  /** Removes the runs of tabs that are closed. */
  keepTabs(tabIds: ReadonlySet<string>): void {
    for (const tabId of this.#runs.keys()) if (!tabIds.has(tabId)) this.#runs.delete(tabId)
  }

  /** Removes all runs, such as when the user signs out. */
  clear(): void {
    this.#runs.clear()
    for (const listener of this.#listeners) listener()
  }

  #set(run: Run): void {
    this.#runs.set(run.tabId, run)
    for (const listener of this.#listeners) listener()
  }
}

function withResult(run: Run, result: RunResult): Run {
  const results = [...run.results, result]
  const dropped = Math.max(0, results.length - maxResults)
  return { ...run, results: results.slice(dropped), droppedResults: run.droppedResults + dropped }
}

const withFacts = (run: Run, { httpStatus, bytes = 0 }: ResponseFacts): Run => ({
  ...run,
  bytes: run.bytes + bytes,
  ...(httpStatus === undefined ? {} : { httpStatus }),
})
