// The operations that run: at most one for each tab. GraphiQL listens to the one of the active tab, and stops listening when the user
// changes the tab; the operation does not end with it.

import type { ExecutionResult } from 'graphql'
import type { RunRecorder } from './runs.ts'
import type { SelectedOperation } from './select-operation.ts'
import type { EventSink } from './subscribe.ts'

/** What GraphiQL passes to the observable of an operation. */
export interface ResultObserver {
  next(result: ExecutionResult): void
  complete(): void
  error(error: unknown): void
}

interface ExecutionStart {
  readonly type: SelectedOperation['type']
  readonly recorder: RunRecorder
  /** Sends the operation, and returns the function that aborts its request. */
  readonly send: (sink: EventSink) => () => void
}

interface Execution {
  readonly type: SelectedOperation['type']
  readonly recorder: RunRecorder
  readonly abort: () => void
  observer?: ResultObserver | undefined
  last?: ExecutionResult
}

export class Executions {
  readonly #running = new Map<string, Execution>()
  /** Tabs whose last result arrived while GraphiQL did not listen. */
  readonly #missed = new Set<string>()

  isRunning(tabId: string): boolean {
    return this.#running.has(tabId)
  }

  isObserved(tabId: string): boolean {
    return this.#running.get(tabId)?.observer !== undefined
  }

  /** Whether a mutation runs, of any tab: its effect is unknown until its response arrives. */
  hasMutation(): boolean {
    return [...this.#running.values()].some(({ type }) => type === 'mutation')
  }

  /**
   * Passes the results of the operation that runs in a tab to an observer. Starts one if none runs, so that nothing is sent twice.
   * @returns the function that stops passing them
   */
  observe(tabId: string, observer: ResultObserver, start: () => ExecutionStart): () => void {
    const running = this.#running.get(tabId)
    const execution = running ?? this.#start(tabId, start())
    execution.observer = observer
    if (running?.last) observer.next(running.last)
    return () => {
      if (execution.observer === observer) execution.observer = undefined
    }
  }

  /** Stops the operation of a tab on the user's request. The gateway completes a mutation that it has received. */
  stop(tabId: string): void {
    const execution = this.#running.get(tabId)
    if (!execution) return
    if (execution.type !== 'mutation') this.#abort(tabId, execution)
    if (execution.type === 'mutation') execution.recorder.note(mutationGoesOn)
    else if (execution.last) execution.recorder.end('Stopped.')
    else execution.recorder.fail('The operation was stopped before its response arrived.')
  }

  /** Leaves all tabs but the active one: ends their subscriptions, because browsers limit the number of connections; others go on. */
  activate(tabId: string): void {
    for (const [id, execution] of this.#running) {
      if (id === tabId) continue
      if (execution.type === 'subscription') {
        this.#abort(id, execution)
        execution.recorder.end('Stopped, because you changed the tab.')
      } else {
        // GraphiQL has one operation, and would show the result of this one in the active tab.
        execution.observer?.complete()
        execution.observer = undefined
      }
    }
  }

  /** Aborts the operations of closed tabs, except for mutations. */
  keepTabs(tabIds: ReadonlySet<string>): void {
    for (const [id, execution] of this.#running)
      if (!tabIds.has(id) && execution.type !== 'mutation') this.#abort(id, execution)
  }

  /**
   * Ignores the responses of all operations, and aborts those that are not mutations.
   * @returns the tabs with a mutation that has been sent
   */
  abandon(): string[] {
    const mutations: string[] = []
    for (const [id, execution] of this.#running) {
      if (execution.type === 'mutation') {
        mutations.push(id)
        this.#running.delete(id)
        execution.observer?.complete()
      } else this.#abort(id, execution)
    }
    this.#missed.clear()
    return mutations
  }

  /** Records that GraphiQL does not have the last result of a tab. */
  markMissed(tabId: string): void {
    this.#missed.add(tabId)
  }

  /** Returns whether GraphiQL lacks the last result of a tab, once. */
  takeMissed(tabId: string): boolean {
    return this.#missed.delete(tabId)
  }

  #start(tabId: string, { type, recorder, send }: ExecutionStart): Execution {
    this.#missed.delete(tabId)
    const isCurrent = (): boolean => this.#running.get(tabId) === execution
    const notify = (notice: (observer: ResultObserver) => void): void => {
      if (execution.observer) notice(execution.observer)
      else this.#missed.add(tabId)
    }
    const execution: Execution = {
      type,
      recorder,
      abort: send({
        next: ({ result, ...facts }) => {
          if (!isCurrent()) return
          execution.last = result
          recorder.receive(result, facts)
          notify((observer) => observer.next(result))
        },
        complete: () => {
          if (!isCurrent()) return
          this.#running.delete(tabId)
          recorder.end()
          execution.observer?.complete()
        },
        error: (error) => {
          if (!isCurrent()) return
          this.#running.delete(tabId)
          recorder.fail(error instanceof Error ? error.message : String(error))
          notify((observer) => observer.error(error))
        },
      }),
    }
    this.#running.set(tabId, execution)
    return execution
  }

  #abort(tabId: string, execution: Execution): void {
    this.#running.delete(tabId)
    execution.abort()
    execution.observer?.complete()
  }
}

const mutationGoesOn =
  'The mutation was sent and cannot be stopped. Its result is shown here when it arrives.'
