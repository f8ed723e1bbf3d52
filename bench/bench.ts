// What every part is given: how much to measure, and how to measure in turn.

import { type Measurement, type Range, ratios, spreadOf, type Unit } from './measurements.ts'
import type { Measured } from './report.ts'
import { type Server, startServer, vcsim } from './servers.ts'

export interface Sizes {
  readonly rounds: number
  /** Virtual machines of the simulator: few and many. */
  readonly few: number
  readonly many: number
  /** Those of each vcsim. */
  readonly vcsim: readonly number[]
}

/** One part of a run. */
export interface BenchmarkPart {
  readonly title: string
  measure(sizes: Sizes): Promise<Pick<Measured, 'measurements' | 'notes'>>
}

/** The vcsims of this run, as far as it is installed, and what the report says where it is not. */
export async function vcsims(sizes: Sizes): Promise<{ servers: Server[]; notes: string[] }> {
  if (sizes.vcsim.length === 0) return { servers: [], notes: [] }
  if (vcsim === undefined) return { servers: [], notes: ['vcsim is not installed: its rows are left out.'] }
  const servers: Server[] = []
  for (const vms of sizes.vcsim) servers.push(await startServer('vcsim', vms))
  return { servers, notes: [] }
}

/** How long a comparison may take for each round that was asked for, and how many rounds it is given whatever they take. */
const roundBudgetMs = 3_000
const minRounds = 3

/**
 * Measures several things, one after the other in each round, so that what disturbs one disturbs them all. What takes long
 * is measured in fewer rounds; what cannot be measured here has no samples.
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
    // Each goes first as often as the others.
    for (let nth = 0; nth < names.length; nth += 1) {
      const name = names[(round + nth) % names.length] as Name
      const sample = await measures[name]?.()
      if (sample !== undefined) samples[name].push(sample)
    }
  }
  return samples
}

/** Collects the figures of one server. */
export function measurementsFor({ name }: Pick<Server, 'name'>) {
  const measurements: Measurement[] = []
  return {
    measurements,
    add(what: string, unit: Unit, samples: readonly number[], range?: Range) {
      measurements.push({ on: name, what, unit, spread: spreadOf(samples), range })
    },
    /** One thing over another, round by round. */
    compare(what: string, samples: readonly number[], over: readonly number[], range?: Range) {
      measurements.push({ on: name, what, unit: '×', spread: spreadOf(ratios(samples, over)), range })
    },
  }
}
