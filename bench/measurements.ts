// The measurements of a run: the spread over all rounds, and whether the median is in its target range.

export interface Spread {
  /** Number of samples. */
  readonly samples: number
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The target range of a median. */
export interface Range {
  readonly bound: 'at most' | 'below' | 'at least'
  readonly value: number
}

export type Unit = 'ms' | 'ms/MB' | 'MB' | '/s' | '×' | 'count'

export interface Measurement {
  /** The server that was measured, such as `vcsim 1,000`. */
  readonly server: string
  readonly name: string
  readonly unit: Unit
  readonly spread: Spread
  readonly range?: Range | undefined
}

export const atMost = (value: number): Range => ({ bound: 'at most', value })
export const below = (value: number): Range => ({ bound: 'below', value })
export const atLeast = (value: number): Range => ({ bound: 'at least', value })

/** Returns the quantile for `share`, with linear interpolation: 0.5 is the median. */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('no samples')
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] as number
  const high = sorted[Math.ceil(at)] as number
  return low + (high - low) * (at - Math.floor(at))
}

export function spreadOf(samples: readonly number[]): Spread {
  return {
    samples: samples.length,
    min: quantile(samples, 0),
    median: quantile(samples, 0.5),
    max: quantile(samples, 1),
  }
}

/**
 * Returns the ratio per round. Both series are interleaved, so each ratio compares samples of about the same
 * time.
 */
export function ratios(samples: readonly number[], over: readonly number[]): number[] {
  if (samples.length !== over.length) throw new Error('series of different lengths cannot be compared')
  return samples.map((sample, round) => sample / (over[round] as number))
}

/** Whether the median is in its target range; undefined if it has none. */
export function isInRange({ spread: { median }, range }: Measurement): boolean | undefined {
  switch (range?.bound) {
    case 'at most':
      return median <= range.value
    case 'below':
      return median < range.value
    case 'at least':
      return median >= range.value
    default:
      return undefined
  }
}
