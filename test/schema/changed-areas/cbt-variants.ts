// Ways in which a server may tell the areas of a window. vSphere promises no order and no disjointness, so none of them may
// cost a byte or tell one twice.

import type { Area } from './changed-areas-fixture.ts'

export const cbtVariants = ['tidy', 'tidy', 'backwards', 'overlapping', 'reaching'] as const
export type CbtVariant = (typeof cbtVariants)[number]

/** What a window that ends there holds, told in another manner; `all` are the areas of the whole disk. */
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
      // By turns in two parts that overlap, the later first; and whole, with a part of it once more.
      return window.flatMap(({ start, length }, index) => {
        const half = Math.ceil(length / 2)
        const rest = { start: start + half - 1, length: length - half + 1 }
        return [index % 2 === 0 ? rest : { start, length }, { start, length: half }]
      })
    case 'reaching':
      // One that goes on behind the window is told whole, and its rest again by the next.
      return window.map((area) => {
        const whole = all.find(({ start, length }) => start < nextOffset && start + length > nextOffset)
        const isCut = whole && area.start + area.length === nextOffset
        return isCut ? { start: area.start, length: whole.start + whole.length - area.start } : area
      })
  }
}
