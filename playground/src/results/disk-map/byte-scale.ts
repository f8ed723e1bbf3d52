// Shares of a disk, and the ticks of a scale in bytes.

import { scaleLinear } from 'd3-scale'
import type { Range } from './ranges.ts'

/** Returns the number of bytes with separators. */
export const exactBytes = (bytes: number): string => `${bytes.toLocaleString('en-US')} bytes`

/** Returns a share in percent with as many decimal places as it takes not to be 0 %. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–'
  const percent = (100 * part) / whole
  if (percent > 0 && percent < 0.01) return '< 0.01 %'
  const digits = percent < 1 ? 2 : 1
  return `${percent.toLocaleString('en-US', { maximumFractionDigits: digits })} %`
}

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
