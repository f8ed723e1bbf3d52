// One list of areas in a sentence.

import { formatBytes } from '../values/format.ts'
import { type AreaMap, totalLengthOf } from './area-map.ts'
import { formatShare } from './byte-scale.ts'
import { lengthOf } from './ranges.ts'

const count = new Intl.NumberFormat('en')

/** Returns how much of the disk is within areas, and how much of the list is loaded. */
export function summaryOf({
  areas,
  capacity,
  isCapacityKnown,
  known,
  density,
  meaning,
  ...totals
}: AreaMap): string {
  const loaded = totalLengthOf(areas)
  const isComplete = lengthOf(known) === capacity && isCapacityKnown
  const total =
    totals.totalLength ?? density?.reduce((sum, bytes) => sum + bytes, 0) ?? (isComplete ? loaded : undefined)
  const number = totals.totalCount ?? (isComplete ? areas.length : undefined)
  const of = (bytes: number) =>
    isCapacityKnown
      ? `${formatBytes(bytes)} of ${formatBytes(capacity)} ${meaning} (${formatShare(bytes, capacity)})`
      : `${formatBytes(bytes)} ${meaning}`
  const parts = [
    total === undefined ? `at least ${of(loaded)}` : of(total),
    number === undefined ? undefined : areasOf(number),
    isComplete || areas.length === 0 || areas.length === number
      ? undefined
      : `${areasOf(areas.length)} loaded${number === undefined ? ', there may be more' : ''}`,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}

const areasOf = (number: number): string => `${count.format(number)} ${number === 1 ? 'area' : 'areas'}`
