// Shared by all parts: the sizes of a run, and interleaved measurement.

import { type Measurement, type Range, ratios, spreadOf, type Unit } from './measurements.ts'
import type { Measured } from './report.ts'
import { type Server, startServer, vcsim } from './servers.ts'

export interface Sizes {
  readonly rounds: number
  /** Number of virtual machines of the small and the large simulator. */
  readonly few: number
  readonly many: number
  /** Number of virtual machines of each vcsim. */
  readonly vcsim: readonly number[]
}

/** One part of a run. */
export interface BenchmarkPart {
  readonly title: string
  measure(sizes: Sizes): Promise<Pick<Measured, 'measurements' | 'notes'>>
}

/** Starts the vcsims of this run if vcsim is installed; otherwise returns a note for the report. */
export async function vcsims(sizes: Sizes): Promise<{ servers: Server[]; notes: string[] }> {
  if (sizes.vcsim.length === 0) return { servers: [], notes: [] }
  if (vcsim === undefined) return { servers: [], notes: ['vcsim is not installed; its rows are omitted.'] }
  const servers: Server[] = []
  for (const vms of sizes.vcsim) servers.push(await startServer('vcsim', vms))
  return { servers, notes: [] }
}

/** Time budget per requested round of a comparison, and the minimum number of rounds. */
const roundBudgetMs = 3_000
const minRounds = 3

/**
 * Measures several functions, one after the other in each round, so that a disturbance affects them all. Slow
 * comparisons get fewer rounds; a function that is undefined gets no samples.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, (() => Promise<number>) | undefined>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(measures) as Name[]
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  const started = performance.now()
  const hasTime = (round: number) => round < minRounds || performance.now() - started < rounds * roundBudgetMs
  for (let round = 0; round < rounds && hasTime(round); round += 1) {
    // Rotates the order, so that each one goes first equally often.
    for (let nth = 0; nth < names.length; nth += 1) {
      const name = names[(round + nth) % names.length] as Name
      const sample = await measures[name]?.()
      if (sample !== undefined) samples[name].push(sample)
    }
  }
  return samples
}

/** Collects the measurements of one server. */
export function measurementsFor({ name: server }: Pick<Server, 'name'>) {
  const measurements: Measurement[] = []
  return {
    measurements,
    add(name: string, unit: Unit, samples: readonly number[], range?: Range) {
      measurements.push({ server, name, unit, spread: spreadOf(samples), range })
    },
    /** Adds the ratio of two series, round by round. */
    compare(name: string, samples: readonly number[], over: readonly number[], range?: Range) {
      measurements.push({
        server,
        name,
        unit: '×',
        spread: spreadOf(ratios(samples, over)),
        range,
      })
    },
  }
}
