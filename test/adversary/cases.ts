// Selects the adversary's cases by ADVERSARY_SEED and ADVERSARY_SCALE, so that the bounded run of `npm test` and the long run
// of `npm run soak -- --adversary` share their code. A failure names the settings that reproduce it.

import { expect } from 'vitest'
import { createRandom, type Random } from '../../src/simulator/random.ts'

const seed = Number(process.env.ADVERSARY_SEED ?? 1)
const scale = Number(process.env.ADVERSARY_SCALE ?? 1)

/** Runs only cases whose name contains this string. */
const only = process.env.ADVERSARY_CASE

/** Whether a run is large enough for assertions about all cases together. */
export const isRepresentative = only === undefined

/** Scales a number of cases: the given number in the bounded run, more or fewer in other runs. */
export const scaled = (count: number): number => Math.max(1, Math.ceil(count * scale))

/** A timeout for a test whose number of cases is scaled. */
export const scaledTimeout = (ms: number): number => Math.max(ms, ms * scale)

export const randomOf = (...names: readonly (string | number)[]): Random => createRandom(seed, ...names)

/** Returns some of the items in their order: `count`, scaled, chosen by the seed. */
export function sample<T>(name: string, items: readonly T[], count: number): T[] {
  const random = randomOf('sample', name)
  const chosen = new Set<number>()
  const size = Math.min(items.length, scaled(count))
  while (chosen.size < size) chosen.add(random.integer(items.length))
  return [...chosen].sort((a, b) => a - b).map((index) => items[index] as T)
}

/** What a case found: one sentence per violation; empty if the case passed. */
export type Violations = readonly string[]

/** Runs cases, `parallel` at a time, and fails with all violations. */
export async function expectNoViolations<T extends { readonly name: string }>(
  cases: readonly T[],
  parallel: number,
  run: (each: T) => Promise<Violations>,
): Promise<void> {
  const queue = cases.filter(({ name }) => only === undefined || name.includes(only))
  const violations: string[] = []
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { name } = next
      const problems = await run(next).catch((error: Error) => [`threw ${error.stack ?? String(error)}`])
      violations.push(...problems.map((problem) => `${name}: ${problem}`))
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  expect(violations.sort(), `repeat with ADVERSARY_SEED=${seed} ADVERSARY_SCALE=${scale}`).toEqual([])
}
