// The part of a disk that the strips show, and the position in it that they describe.

import { type Area, firstAreaFrom } from './area-map.ts'
import type { Range } from './ranges.ts'

export interface Viewport {
  readonly view: Range
  /** The described offset. Undefined until a position is chosen. */
  readonly offset?: number | undefined
}

const minSpan = 4096

export const wholeDisk = (capacity: number): Viewport => ({ view: { start: 0, end: capacity } })

/** Shows `factor` times as much of the disk, with the position or the middle at the same place. */
export function zoom({ view, offset }: Viewport, factor: number, capacity: number): Viewport {
  const span = view.end - view.start
  const center = offset ?? view.start + span / 2
  const next = Math.min(capacity, Math.max(Math.min(minSpan, capacity), Math.round(span * factor)))
  const start = Math.round(center - ((center - view.start) / span) * next)
  const bounded = Math.max(0, Math.min(start, capacity - next))
  return { view: { start: bounded, end: bounded + next }, offset }
}

/** Chooses a position, and moves the view if the position is outside. */
export function moveTo({ view }: Viewport, offset: number, capacity: number): Viewport {
  const at = Math.max(0, Math.min(Math.round(offset), capacity - 1))
  const span = view.end - view.start
  if (at >= view.start && at < view.end) return { view, offset: at }
  const start = Math.max(0, Math.min(Math.round(at - span / 2), capacity - span))
  return { view: { start, end: start + span }, offset: at }
}

/** Returns the offset of the next or previous area, or a step further where no area is loaded. */
export function nextStop(areas: readonly Area[], offset: number, direction: 1 | -1, step: number): number {
  const at = firstAreaFrom(areas, offset)
  if (direction === 1) {
    const next = areas[at] && areas[at].start > offset ? areas[at] : areas[at + 1]
    return next?.start ?? offset + step
  }
  const current = areas[at]
  if (current && current.start < offset) return current.start
  return areas[at - 1]?.start ?? offset - step
}
