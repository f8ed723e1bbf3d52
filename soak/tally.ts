// What came of a soak, and what of it must not be.

import type { Held } from './probe.ts'

/** What may be answered while a vCenter comes and goes: that it is away, late, or that nobody knows what became of a change. */
const expected: ReadonlySet<string> = new Set([
  'answered',
  'hung up',
  'VCENTER_UNAVAILABLE',
  'VCENTER_TIMEOUT',
  'OUTCOME_UNKNOWN',
])

/** How often each kind of operation came to which end: an error's code, `answered` or `hung up`. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>()

  add(operation: string, outcome: string): void {
    const outcomes = this.#counts.get(operation) ?? new Map<string, number>()
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    this.#counts.set(operation, outcomes)
  }

  /** A line for each kind of operation. */
  lines(): string[] {
    return [...this.#counts].map(
      ([operation, outcomes]) =>
        `${operation.padEnd(14)} ${[...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')}`,
    )
  }

  /** What nobody should have been answered, and operations that never came to their end. */
  problems(): string[] {
    return [...this.#counts].flatMap(([operation, outcomes]) => [
      ...[...outcomes]
        .filter(([outcome]) => !expected.has(outcome))
        .map(([outcome, count]) => `${operation}: ${outcome} ${count} times`),
      ...(outcomes.has('answered') || outcomes.has('hung up') ? [] : [`${operation}: never answered`]),
    ])
  }
}

/** Live objects come and go by a few megabytes: answers that are remembered for half a minute, compiled code. */
const mostGrowth = 10
/** Connections to the vCenter that are kept alive are as many as there were calls at once. */
const mostMoreHandles = 16

/** What a process holds more than it did, if that is more than chance. */
export function growthProblems(before: Held, after: Held): string[] {
  const problems: string[] = []
  const growth = after.heap - before.heap
  if (growth > mostGrowth) problems.push(`the heap grew by ${growth.toFixed(1)} MB`)
  for (const [kind, count] of Object.entries(after.handles)) {
    const more = count - (before.handles[kind] ?? 0)
    if (more > mostMoreHandles) problems.push(`${more} more handles of kind ${kind}`)
  }
  return problems
}
