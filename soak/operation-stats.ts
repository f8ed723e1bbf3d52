// Counts the outcomes of a soak's operations, and reports the unexpected ones.

/** One operation, from its request to its end. Times are those of Date.now(). */
export interface OperationResult {
  readonly operation: string
  /** `succeeded`, an error code, or an action of the client. */
  readonly outcome: string
  readonly from: number
  readonly to: number
  /** When the objects that it depends on, such as its snapshot, were read. @default from */
  readonly since?: number
  /** The error's message. */
  readonly message?: string
}

/** With fewer operations, all of one kind may have met the same outage. */
const minOperations = 20

/** Maximum number of example messages per unexpected outcome. */
const maxExamples = 3

export class OperationStats {
  readonly #counts = new Map<string, Map<string, number>>()
  readonly #ms = new Map<string, number[]>()
  readonly #failures: OperationResult[] = []

  add(result: OperationResult): void {
    const { operation, outcome, from, to } = result
    const outcomes = this.#counts.get(operation) ?? new Map<string, number>()
    this.#counts.set(operation, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1))
    if (outcome !== succeeded) this.#failures.push(result)
    const ms = this.#ms.get(operation) ?? []
    this.#ms.set(operation, ms)
    if (outcome === succeeded) ms.push(to - from)
  }

  /** Number of all operations. */
  get count(): number {
    return [...this.#counts.keys()].reduce((sum, operation) => sum + this.#countOf(operation), 0)
  }

  #countOf(operation: string): number {
    return [...(this.#counts.get(operation)?.values() ?? [])].reduce((sum, count) => sum + count, 0)
  }

  /** Returns one line per kind of operation: its outcomes, and the durations of successful ones. */
  lines(): string[] {
    return [...this.#counts].map(([operation, outcomes]) => {
      const ends = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')
      const ms = [...(this.#ms.get(operation) ?? [])].sort((a, b) => a - b)
      const at = (part: number) => ((ms[Math.ceil(ms.length * part) - 1] ?? 0) / 1_000).toFixed(2)
      const times = ms.length > 0 ? `; median ${at(0.5)} s, p95 ${at(0.95)} s, max ${at(1)} s` : ''
      return `${operation.padEnd(14)} ${ends}${times}`
    })
  }

  /** Returns unexpected outcomes with example messages, and kinds of operations that never succeeded. */
  problems(isExpected: (result: OperationResult) => boolean): string[] {
    const unexpected = new Map<string, OperationResult[]>()
    for (const result of this.#failures) {
      if (isExpected(result)) continue
      const what = `${result.operation}: ${result.outcome}`
      unexpected.set(what, [...(unexpected.get(what) ?? []), result])
    }
    return [
      ...[...unexpected].map(([what, all]) => {
        const messages = new Set(all.map(({ message }) => message).filter((message) => message !== undefined))
        return [`${what}, ${all.length} times`, ...[...messages].slice(0, maxExamples)].join('\n    ')
      }),
      ...[...this.#ms]
        .filter(
          ([operation, ms]) =>
            ms.length === 0 && operation !== clientAbort && this.#countOf(operation) >= minOperations,
        )
        .map(([operation]) => `${operation}: never succeeded`),
    ]
  }
}

/** An operation whose client disconnects before the response. */
export const clientAbort = 'client abort'

/** The outcome of an operation without errors. */
export const succeeded = 'succeeded'

/** The outcome of an operation whose client disconnected. */
export const aborted = 'aborted'
