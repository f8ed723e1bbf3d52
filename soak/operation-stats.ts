// How the operations of a soak ended, and what of it must not be.

/** One operation, from when it was asked to its end, by Date.now(). */
export interface OperationResult {
  readonly operation: string
  /** `answered`, an error's code, or what the client did. */
  readonly outcome: string
  readonly from: number
  readonly to: number
  /** Since when it depends on what was seen before it, such as the snapshot that it is about. @default from */
  readonly since?: number
  /** What the error says. */
  readonly message?: string
}

/** Fewer of a kind may all have met the same outage. */
const minOperations = 20

/** An end that somebody has to look at is told in so many examples. */
const maxExamples = 3

export class OperationStats {
  readonly #counts = new Map<string, Map<string, number>>()
  readonly #ms = new Map<string, number[]>()
  readonly #notAnswered: OperationResult[] = []

  add(result: OperationResult): void {
    const { operation, outcome, from, to } = result
    const outcomes = this.#counts.get(operation) ?? new Map<string, number>()
    this.#counts.set(operation, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1))
    if (outcome !== 'answered') this.#notAnswered.push(result)
    const ms = this.#ms.get(operation) ?? []
    this.#ms.set(operation, ms)
    if (outcome === 'answered') ms.push(to - from)
  }

  /** All operations. */
  get count(): number {
    return [...this.#counts.keys()].reduce((sum, operation) => sum + this.#countOf(operation), 0)
  }

  #countOf(operation: string): number {
    return [...(this.#counts.get(operation)?.values() ?? [])].reduce((sum, count) => sum + count, 0)
  }

  /** A line for each kind of operation: its ends, and how long those took that were answered. */
  lines(): string[] {
    return [...this.#counts].map(([operation, outcomes]) => {
      const ends = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')
      const ms = [...(this.#ms.get(operation) ?? [])].sort((a, b) => a - b)
      const at = (part: number) => ((ms[Math.ceil(ms.length * part) - 1] ?? 0) / 1_000).toFixed(2)
      const times = ms.length > 0 ? `; half in ${at(0.5)} s, 95 % in ${at(0.95)} s, all in ${at(1)} s` : ''
      return `${operation.padEnd(14)} ${ends}${times}`
    })
  }

  /** What nobody should have met, with examples of what was said, and kinds of operations that never succeeded. */
  problems(isExpected: (result: OperationResult) => boolean): string[] {
    const unexpected = new Map<string, OperationResult[]>()
    for (const result of this.#notAnswered) {
      if (isExpected(result)) continue
      const what = `${result.operation}: ${result.outcome}`
      unexpected.set(what, [...(unexpected.get(what) ?? []), result])
    }
    return [
      ...[...unexpected].map(([what, all]) => {
        const said = new Set(all.map(({ message }) => message).filter((message) => message !== undefined))
        return [`${what} ${all.length} times`, ...[...said].slice(0, maxExamples)].join('\n    ')
      }),
      ...[...this.#ms]
        .filter(
          ([operation, ms]) =>
            ms.length === 0 && operation !== clientAbort && this.#countOf(operation) >= minOperations,
        )
        .map(([operation]) => `${operation}: never answered`),
    ]
  }
}

/** The operation whose client is gone before it can be answered. */
export const clientAbort = 'hang-up'
