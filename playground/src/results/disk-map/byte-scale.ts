// Shares of a disk, and the ticks of a scale in bytes.

import { scaleLinear } from 'd3-scale'
import { formatPercent } from '../values/format.ts'
import type { Range } from './ranges.ts'

/** Returns the number of bytes with separators. */
export const exactBytes = (bytes: number): string => `${bytes.toLocaleString('en-US')} bytes`

/** Returns a share in percent. */
export const formatShare = (part: number, whole: number): string =>
  whole <= 0 ? '–' : formatPercent((100 * part) / whole)

/** A labelled position on a scale. */
export interface Tick {
  readonly offset: number
  readonly label: string
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** The unit of the end of a part, unless the steps are so small in it that offsets would differ in their third digit only. */
function powerOf({ end }: Range, step: number): number {
  const power = (bytes: number) => Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return step >= 1024 ** power(end) / 50 ? power(end) : power(step)
}

/** Returns about `count` round offsets within a part of a disk, in one unit. */
export function ticksOf({ start, end }: Range, count = 6): Tick[] {
  const power = powerOf({ start, end }, (end - start) / count)
  const size = 1024 ** power
  const scale = scaleLinear().domain([start / size, end / size])
  const asText = scale.tickFormat(count)
  return scale
    .ticks(count)
    .map((value) => ({ offset: value * size, label: `${asText(value)} ${units[power]}` }))
}
