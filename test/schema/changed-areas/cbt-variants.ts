// Variants of how a server may report the areas of a window. vSphere promises neither order nor
// disjointness, so no variant may lose or duplicate a byte.

import type { Area } from './changed-areas-fixture.ts'

export const cbtVariants = ['tidy', 'tidy', 'backwards', 'overlapping', 'reaching'] as const
export type CbtVariant = (typeof cbtVariants)[number]

/**
 * Returns the areas of a window that ends at `nextOffset` in the form of a variant; `all` are the areas of
 * the whole disk.
 */
export function areasInVariant(
  variant: CbtVariant,
  window: readonly Area[],
  nextOffset: number,
  all: readonly Area[],
): Area[] {
  switch (variant) {
    case 'tidy':
      return [...window]
    case 'backwards':
      return window.toReversed()
    case 'overlapping':
      // Alternates between two overlapping parts, the later one first, and the whole area followed by a
      // part of it.
      return window.flatMap(({ start, length }, index) => {
        const half = Math.ceil(length / 2)
        const rest = { start: start + half - 1, length: length - half + 1 }
        return [index % 2 === 0 ? rest : { start, length }, { start, length: half }]
      })
    case 'reaching':
      // An area that continues past the window is reported whole, and its remainder again by the next
      // window.
      return window.map((area) => {
        const whole = all.find(({ start, length }) => start < nextOffset && start + length > nextOffset)
        const isCut = whole && area.start + area.length === nextOffset
        return isCut ? { start: area.start, length: whole.start + whole.length - area.start } : area
      })
  }
}
